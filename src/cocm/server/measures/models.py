"""Filled-in questionnaires, the links to them, and the course of a safety alert."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models

from cocm.rules.instruments import LANGUAGES
from cocm.server.records import OrganizationRow


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


def _patient(related_name: str) -> models.ForeignKey:
    return models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name=related_name)


class FilledBy(models.TextChoices):
    """Who filled it in, and how."""

    STAFF = "staff", "Staff"
    LINK = "link", "Patient, by link"
    KIOSK = "kiosk", "Patient, on the tablet"


class MeasureLink(OrganizationRow):
    """A way to one filling-in by the patient: it holds once and for a while. The token itself is kept nowhere."""

    class Way(models.TextChoices):
        LINK = "link", "Link"
        KIOSK = "kiosk", "Tablet"

    patient = _patient("measure_links")
    instruments = models.JSONField()
    language = models.CharField(max_length=5, choices=list(LANGUAGES.items()))
    way = models.CharField(max_length=10, choices=Way.choices)
    token_hash = models.CharField(max_length=64, unique=True)
    is_to_guardian = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    made_by = _person()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    opened_count = models.PositiveIntegerField(default=0)
    is_mailed = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=("patient", "expires_at")),)

    def is_open(self, now: datetime) -> bool:
        """Whether it may still be filled in."""
        return self.used_at is None and self.withdrawn_at is None and now < self.expires_at


class LinkMiss(OrganizationRow):
    """How often an address (its hash) asked for a link that is not there, in a stretch of time."""

    address_hash = models.CharField(max_length=64)
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "address_hash", "window_started_at"), name="link_miss_one_a_window"
            ),
        )


class QuestionnaireResponse(OrganizationRow):
    """A filled-in instrument: its answers by item (null: none), exact version and language, and what they come to.

    `measure` is the score in the registry, from which flags, trends and tables are made; empty where there is no score.
    """

    patient = _patient("questionnaire_responses")
    instrument = models.CharField(max_length=30)
    version = models.CharField(max_length=80)
    language = models.CharField(max_length=5, blank=True)
    answers = models.JSONField(default=dict, blank=True)
    taken_on = models.DateField()
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    band = models.CharField(max_length=60, blank=True)
    is_positive = models.BooleanField(null=True, blank=True)
    is_estimated = models.BooleanField(default=False)
    missing = models.JSONField(default=list, blank=True)
    alarms = models.JSONField(default=list, blank=True)
    filled_by = models.CharField(max_length=10, choices=FilledBy.choices)
    link = models.ForeignKey(
        MeasureLink, null=True, blank=True, on_delete=models.PROTECT, related_name="responses"
    )
    measure = models.OneToOneField(
        "registry.MeasureResult", null=True, blank=True, on_delete=models.PROTECT, related_name="response"
    )
    rulebook_hash = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    recorded_by = _person()

    class Meta:
        indexes = (models.Index(fields=("patient", "taken_on")),)


class AlertCourse(OrganizationRow):
    """What became of a safety alert: how pressing, of which level people were told, and what closed it."""

    alert = models.OneToOneField("registry.Alert", on_delete=models.PROTECT, related_name="course")
    patient = _patient("+")
    response = models.ForeignKey(
        QuestionnaireResponse, null=True, blank=True, on_delete=models.PROTECT, related_name="alerts"
    )
    is_acute = models.BooleanField(default=False)
    level_told = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    action = models.CharField(max_length=40, blank=True)
    reached = models.CharField(max_length=40, blank=True)
    plan = models.CharField(max_length=40, blank=True)
    note = models.TextField(max_length=2_000, blank=True)


class AlertStep(OrganizationRow):
    """Something that was done about an open alert and closes nothing: taken on, an attempt, a note."""

    alert = models.ForeignKey("registry.Alert", on_delete=models.PROTECT, related_name="steps")
    patient = _patient("+")
    kind = models.CharField(max_length=40)
    text = models.TextField(max_length=1_000, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = _person()

    class Meta:
        indexes = (models.Index(fields=("alert", "recorded_at")),)
