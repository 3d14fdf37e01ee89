"""The minutes ledger: one row an entry of time, chained by patient; a correction is a further row."""

from __future__ import annotations

from datetime import UTC as _UTC
from typing import Any

from django.conf import settings
from django.db import models

from cocm.care.records import Activity, Modality, Outcome, Programme
from cocm.server.records import ChainedRow, OrganizationRow


class WithWhom(models.TextChoices):
    """With whom the time was spent, beside the modality."""

    PATIENT = "patient", "Patient"
    FAMILY = "family", "Family or caregiver"
    PCP = "pcp", "Primary-care practitioner"
    CONSULTANT = "consultant", "Psychiatric consultant"
    OTHER_CLINICIAN = "other_clinician", "Another clinician"
    AGENCY = "agency", "Agency, school or pharmacy"
    NOBODY = "nobody", "Nobody (record work)"


class Contact(ChainedRow):
    """One entry of time, as in the contract's contacts table.

    `started_at` is the instant; the site's clock decides to which day and month it belongs. `corrects_contact_id` names
    the entry that this one replaces (the contract's id, so that an import may bring a correction before its entry).
    `timer_seconds` is what a timer had measured, `confirmed_doubts` what its author confirmed in spite of doubts.
    """

    number = models.PositiveIntegerField()
    contact_id = models.CharField(max_length=60)
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="contacts")
    staff_member = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    service_seconds = models.PositiveIntegerField()
    note_minutes = models.PositiveIntegerField(default=0)
    activity = models.CharField(max_length=30, choices=[(item.value, item.value) for item in Activity])
    modality = models.CharField(
        max_length=20, default=Modality.NONE, choices=[(item.value, item.value) for item in Modality]
    )
    outcome = models.CharField(
        max_length=20, default=Outcome.DONE, choices=[(item.value, item.value) for item in Outcome]
    )
    programme = models.CharField(
        max_length=20, default=Programme.COCM, choices=[(item.value, item.value) for item in Programme]
    )
    acting_as_bhcm = models.BooleanField(default=False)
    billed_elsewhere_code = models.CharField(max_length=5, blank=True)
    billed_elsewhere_minutes = models.PositiveIntegerField(null=True, blank=True)
    recorded_on = models.DateField(null=True, blank=True)
    corrects_contact_id = models.CharField(max_length=60, blank=True)
    correction_reason = models.CharField(max_length=200, blank=True)
    with_whom = models.CharField(max_length=20, blank=True, choices=WithWhom.choices)
    attempts = models.PositiveSmallIntegerField(default=0)
    note_text = models.TextField(max_length=8_000, blank=True)
    timer_seconds = models.PositiveIntegerField(null=True, blank=True)
    confirmed_doubts = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("patient", "contact_id"), name="contact_one_an_id"),
            models.UniqueConstraint(fields=("patient", "number"), name="contact_one_a_number"),
        )
        indexes = (models.Index(fields=("organization", "started_at")),)

    CONTENT = (
        "contact_id", "service_seconds", "note_minutes", "activity", "modality", "outcome", "programme",
        "acting_as_bhcm", "billed_elsewhere_code", "billed_elsewhere_minutes", "corrects_contact_id",
        "correction_reason",
    )  # fmt: skip
    LATER_CONTENT = ("with_whom", "attempts", "note_text", "timer_seconds", "confirmed_doubts")

    def content(self) -> dict[str, Any]:
        """What the row's hash is taken of."""
        plain = {name: getattr(self, name) for name in self.CONTENT}
        # fields that came later stand in the hash where they say something, so that earlier rows keep theirs
        for name in self.LATER_CONTENT:
            value = getattr(self, name)
            if value != self._meta.get_field(name).get_default():
                plain[name] = value
        return plain | {
            "id": str(self.id),
            "organization_id": str(self.organization_id),
            "number": self.number,
            "patient": str(self.patient_id),
            "staff_member": str(self.staff_member_id),
            "started_at": self.started_at.astimezone(_UTC).isoformat(timespec="seconds"),
            "recorded_on": self.recorded_on.isoformat() if self.recorded_on else "",
            "recorded_at": self.recorded_at.astimezone(_UTC).isoformat(timespec="microseconds"),
            "recorded_by": str(self.recorded_by_id or ""),
        }


class ContactHead(OrganizationRow):
    """The last number and hash of a patient's ledger. Its row is the lock under which entries are added."""

    patient = models.OneToOneField("registry.Patient", on_delete=models.PROTECT, related_name="contact_head")
    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64)


class FrozenMonth(OrganizationRow):
    """A patient's month whose minutes are frozen: no entry can be added to it or corrected in it."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="frozen_months")
    month_index = models.PositiveIntegerField()
    frozen_at = models.DateTimeField()
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "month_index"), name="frozen_month_once"),)
