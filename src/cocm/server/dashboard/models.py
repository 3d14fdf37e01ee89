"""The organization's own plan: which inputs of the financial model it gave, and since when it counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


class FinancialPlan(OrganizationRow):
    """A plan as somebody saved it; the latest holds, the others stay readable. Rows are only ever added.

    `inputs` are the values by their dotted names that differ from the rulebook's defaults.
    """

    first_month_index = models.PositiveIntegerField()
    inputs = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now_add=True)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("organization", "saved_at")),)
