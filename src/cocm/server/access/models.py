"""Charts that were opened outside the care team."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


class ChartOpening(OrganizationRow):
    """A broken glass: who opened whose chart outside the care team, why, and until when it stays open."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("user", "patient", "until")),)
