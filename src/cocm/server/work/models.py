"""The ledger of work minutes: one row a piece of work, chained; a correction is a further row."""

from __future__ import annotations

from datetime import UTC as _UTC
from typing import Any

from django.conf import settings
from django.db import models

from cocm.insight.overhead import WorkCause
from cocm.server.records import ChainedRow, OrganizationRow


class WorkEntry(ChainedRow):
    """Minutes of one piece of administrative work.

    `task` is its name in the rulebook's table of work. `is_default`: nobody said how long it took, and the minutes are
    the rulebook's assumption. `subject` and `subject_id` say what it was about (`claim`, its id); no name of a patient
    ever. `corrects` is the entry that this one replaces; 0 minutes: it was none. `once_key` keeps a second click from
    counting twice.
    """

    number = models.PositiveIntegerField()
    task = models.CharField(max_length=60)
    cause = models.CharField(max_length=30, choices=[(cause.value, cause.value) for cause in WorkCause])
    minutes = models.PositiveSmallIntegerField()
    is_default = models.BooleanField(default=False)
    subject = models.CharField(max_length=30, blank=True)
    subject_id = models.CharField(max_length=60, blank=True)
    payer_id = models.CharField(max_length=60, blank=True)
    worked_on = models.DateField()
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    reason = models.CharField(max_length=200, blank=True)
    once_key = models.CharField(max_length=120, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organization", "number"), name="work_entry_one_a_number"),
            models.UniqueConstraint(
                fields=("organization", "once_key"),
                condition=~models.Q(once_key=""),
                name="work_entry_once",
            ),
        )
        indexes = (models.Index(fields=("organization", "worked_on")),)

    def content(self) -> dict[str, Any]:
        """What the row's hash is taken of."""
        return {
            "id": str(self.id),
            "organization_id": str(self.organization_id),
            "number": self.number,
            "task": self.task,
            "cause": str(self.cause),
            "minutes": self.minutes,
            "is_default": self.is_default,
            "subject": self.subject,
            "subject_id": self.subject_id,
            "payer_id": self.payer_id,
            "worked_on": self.worked_on.isoformat(),
            "corrects": str(self.corrects_id or ""),
            "reason": self.reason,
            "once_key": self.once_key,
            "recorded_at": self.recorded_at.astimezone(_UTC).isoformat(timespec="microseconds"),
            "recorded_by": str(self.recorded_by_id or ""),
        }


class WorkHead(OrganizationRow):
    """The last number and hash of an organization's ledger of work. Its row is the lock under which rows are added."""

    last_number = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organization",), name="work_head_one"),)
