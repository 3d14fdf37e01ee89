"""One course of CoCM: its status with reasons, consent, initiating visit, team and diagnoses."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.care.records import Answer
from cocm.intake.patient_tables import CONSENT_FORMS
from cocm.server.records import OrganizationRow

ANSWERS = [(answer.value, answer.value) for answer in Answer]


def _staff(**options: object) -> models.ForeignKey:
    return models.ForeignKey(
        "accounts.StaffMember",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        **options,
    )


class Episode(OrganizationRow):
    """One course of CoCM for a person, from initial to end, with the team that its claims name.

    The team that may open the chart is `CareTeamMember`: these four and whoever covers for them.
    """

    episode_id = models.CharField(max_length=60)
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="episodes")
    start_date = models.DateField()
    end_date = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=60, blank=True)
    site = models.ForeignKey(
        "accounts.Site", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    billing_practitioner = _staff()
    bhcm = _staff()
    psychiatric_consultant = _staff()
    referring_practitioner = _staff()
    first_service_date = models.DateField(null=True, blank=True)
    relapse_plan_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("patient", "episode_id"), name="episode_one_an_id"),)
        indexes = (models.Index(fields=("organization", "end_date")),)


class EpisodeStatus(OrganizationRow):
    """Where an episode stands from a day on, and why. A change is a new row; the latest holds."""

    class Status(models.TextChoices):
        REFERRED = "referred", "Referred"
        SCREENED_OUT = "screened_out", "Screened out"
        PENDING_CONSENT = "pending_consent", "Pending consent"
        ENROLLED = "enrolled", "Enrolled"
        ACTIVE = "active", "Active"
        MAINTENANCE = "maintenance", "Relapse prevention"
        PAUSED = "paused", "Paused"
        GRADUATED = "graduated", "Graduated"
        TRANSFERRED = "transferred", "Transferred to specialty care"
        LOST = "lost", "Lost to follow-up"
        DECLINED = "declined", "Declined"
        DECEASED = "deceased", "Deceased"
        ENDED = "ended", "Ended, as brought in"

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="statuses")
    status = models.CharField(max_length=20, choices=Status.choices)
    from_date = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("episode", "from_date", "recorded_at")),)


class Consent(OrganizationRow):
    """The patient's answer to the service, as evidence. Every answer is a new row; the latest holds."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="consents")
    given = models.CharField(max_length=10, choices=ANSWERS, default=Answer.UNKNOWN)
    consent_date = models.DateField(null=True, blank=True)
    form = models.CharField(max_length=10, blank=True, choices=[(form, form) for form in CONSENT_FORMS])
    recorded_by = models.CharField(max_length=60, blank=True)
    cost_share_explained = models.CharField(max_length=10, choices=ANSWERS, default=Answer.UNKNOWN)
    revoked_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=("episode", "recorded_at")),)


class InitiatingVisit(OrganizationRow):
    """The visit with the billing practitioner that starts the service, and what decides whether one is needed."""

    episode = models.OneToOneField(Episode, on_delete=models.PROTECT, related_name="initiating_visit")
    visit_date = models.DateField(null=True, blank=True)
    hcpcs_code = models.CharField(max_length=5, blank=True)
    is_new_patient = models.CharField(max_length=10, choices=ANSWERS, default=Answer.UNKNOWN)
    last_seen_date = models.DateField(null=True, blank=True)


class CareTeamMember(OrganizationRow):
    """Someone on an episode's team from a day on, also a covering colleague: this opens the chart."""

    class Part(models.TextChoices):
        BILLING_PRACTITIONER = "billing_practitioner", "Billing practitioner"
        BHCM = "bhcm", "Care manager"
        PSYCHIATRIC_CONSULTANT = "psychiatric_consultant", "Psychiatric consultant"
        REFERRING_PRACTITIONER = "referring_practitioner", "Referring practitioner"
        COVERING = "covering", "Covering colleague"

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="team")
    staff_member = models.ForeignKey("accounts.StaffMember", on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=30, choices=Part.choices)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("staff_member", "episode")),)


class Diagnosis(OrganizationRow):
    """A diagnosis of an episode. `position` 1 is the principal one; `to_date` empty: it holds."""

    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="diagnoses")
    diagnosis_code = models.CharField(max_length=10)
    position = models.PositiveSmallIntegerField()
    from_date = models.DateField(null=True, blank=True)
    to_date = models.DateField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("episode", "position")),)
