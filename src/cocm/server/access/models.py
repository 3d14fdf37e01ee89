"""Charts that were opened outside the care team."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


class OpeningReason(models.TextChoices):
    """Why somebody who is not on the care team may have to see a chart."""

    EMERGENCY = "emergency", "Emergency or a safety concern"
    COVER = "cover", "Covering for a colleague"
    PATIENT_ASKS = "patient_asks", "The patient calls or is here"
    QUALITY = "quality", "Review of care or a complaint"
    OTHER = "other", "Something else"


class ChartOpening(OrganizationRow):
    """A broken glass: who opened whose chart outside the care team, why, until when it stays open, who reviewed it.

    `reason` is what the person wrote. It stands here and nowhere else: not in the trail, the log or an e-mail.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    reason_kind = models.CharField(max_length=20, choices=OpeningReason.choices, default=OpeningReason.OTHER)
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    finding = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("user", "patient", "until")),
            models.Index(fields=("organization", "opened_at"), name="opening_by_time"),
        )


class RequestCount(OrganizationRow):
    """How many requests of one kind a person made in a stretch of time (`access.throttle`)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    limit = models.CharField(max_length=20)
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "user", "limit", "window_started_at"),
                name="request_count_one_a_window",
            ),
        )
