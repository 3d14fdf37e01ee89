"""What people raise about a patient and others close; what was in a row before it was changed; views people keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cocm.server.records import OrganizationRow


def _person() -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")


class Alert(OrganizationRow):
    """A safety alert or a wish to discuss a patient. It is open until a named person closes it with an action."""

    class Kind(models.TextChoices):
        SAFETY = "safety", "Safety"
        DISCUSS = "discuss", "Discuss at the caseload review"

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="alerts")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    reason = models.CharField(max_length=200)
    raised_on = models.DateField()
    raised_by = _person()
    recorded_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = _person()
    action = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("organization", "closed_at", "kind")),)


class FormerValues(OrganizationRow):
    """What stood in a row before it was changed in place, with who changed it and why. Never changed itself."""

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="former_values")
    object_type = models.CharField(max_length=60)
    object_id = models.UUIDField()
    values = models.JSONField()
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(auto_now_add=True)
    changed_by = _person()

    class Meta:
        indexes = (models.Index(fields=("object_id", "changed_at")),)


class SavedView(OrganizationRow):
    """A person's own choice of filters and order for the caseload. `query` names no patient."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "user", "name"), name="saved_view_one_a_name"),
        )
