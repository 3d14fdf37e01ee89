"""What the team measures, discusses, changes and notes; services outside CoCM."""

from __future__ import annotations

from django.db import models

from cocm.server.records import OrganizationRow


def _patient(related_name: str) -> models.ForeignKey:
    return models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name=related_name)


class MeasureResult(OrganizationRow):
    """A validated scale's score on a day. `self_harm_score`: its item about self-harm, where the scale has one."""

    patient = _patient("measures")
    instrument = models.CharField(max_length=30)
    taken_on = models.DateField()
    score = models.PositiveSmallIntegerField()
    self_harm_score = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("patient", "instrument", "taken_on")),)


class CaseloadReview(OrganizationRow):
    """A consultation of care manager and consultant; without a patient it is about the caseload."""

    patient = models.ForeignKey(
        "registry.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="reviews"
    )
    reviewed_on = models.DateField()
    bhcm = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    psychiatric_consultant = models.ForeignKey(
        "accounts.StaffMember", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("patient", "reviewed_on")),)


class OtherService(OrganizationRow):
    """A service outside CoCM: another code on a day, or an inpatient stay."""

    patient = _patient("other_services")
    service_date = models.DateField()
    stay_to = models.DateField(null=True, blank=True)
    hcpcs_code = models.CharField(max_length=5, blank=True)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    rendering_npi = models.CharField(max_length=10, blank=True)
    billing_npi = models.CharField(max_length=10, blank=True)


class TreatmentChange(OrganizationRow):
    """A medication or a therapy begun, changed or ended on a day."""

    class Kind(models.TextChoices):
        MEDICATION = "medication", "Medication"
        THERAPY = "therapy", "Therapy"

    class Change(models.TextChoices):
        STARTED = "started", "Started"
        CHANGED = "changed", "Changed"
        STOPPED = "stopped", "Stopped"

    patient = _patient("treatment_changes")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    change = models.CharField(max_length=20, choices=Change.choices)
    changed_on = models.DateField()
    text = models.CharField(max_length=200)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        "accounts.StaffMember", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("patient", "changed_on")),)


class SocialNeed(OrganizationRow):
    """A social need or a medical comorbidity by its code: recorded, never the sole support of a claim."""

    patient = _patient("social_needs")
    diagnosis_code = models.CharField(max_length=10)
    noted_on = models.DateField()
    resolved_on = models.DateField(null=True, blank=True)


class WorkNote(OrganizationRow):
    """A note of the team's about a patient that is no minute of care: a reminder, a next action, with its owner."""

    patient = _patient("work_notes")
    text = models.TextField(max_length=4_000)
    due_on = models.DateField(null=True, blank=True)
    owner = models.ForeignKey("accounts.StaffMember", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        "accounts.StaffMember", null=True, on_delete=models.PROTECT, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("patient", "due_on")),)
