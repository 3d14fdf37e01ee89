"""An organization's own rules in versions, and who read which value again."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from cocm.server.records import OrganizationRow


class VersionState(models.TextChoices):
    """What has become of a version. What was once in force is never changed or removed."""

    DRAFT = "draft", "Draft"
    IN_FORCE = "in_force", "In force"
    FORMER = "former", "No longer in force"


class OwnRules(OrganizationRow):
    """One version of an organization's own rules: its contracts' terms with their cases, laid over the rulebook.

    `content` is a `terms.Terms` as JSON. `preview` is what the version would turn, `previewed_hash` the content it was
    made of: a version that was changed since is not put in force.
    """

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=VersionState.choices, default=VersionState.DRAFT)
    note = models.CharField(max_length=300, blank=True)
    content = models.JSONField(default=dict)
    preview = models.JSONField(null=True, blank=True)
    previewed_hash = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    put_in_force_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    put_in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "number"), name="own_rules_one_a_number"),
            models.UniqueConstraint(
                fields=("organization",), condition=Q(state="in_force"), name="own_rules_one_in_force"
            ),
            models.UniqueConstraint(
                fields=("organization",), condition=Q(state="draft"), name="own_rules_one_draft"
            ),
        )


class Reading(OrganizationRow):
    """Somebody read a value's source again and found it as it stands: it is due again later."""

    pack_id = models.CharField(max_length=60)
    rule_id = models.CharField(max_length=100)
    effective_from = models.DateField()
    read_on = models.DateField()
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = (models.Index(fields=("organization", "pack_id", "rule_id")),)
