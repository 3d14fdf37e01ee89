"""Whether a person wants to be reminded by e-mail, and when they were last."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


class DayReminder(OrganizationRow):
    """One person's reminders at one organization. Without a row they are reminded; `is_off`: they said no."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_off = models.BooleanField(default=False)
    sent_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "user"), name="day_reminder_one_a_person"),
        )
