"""A patient's month in minutes as the core answered last, and the numbers that tell whether it still would."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models

from cocm.server.records import OrganizationRow


class MonthMinutes(OrganizationRow):
    """The core's answer about one month of one episode. `stamp` tells what it was worked out from.

    A patient without an episode that is active in the month has one row with an empty `episode_id`. Written and read
    through `contacts.minutes` only.
    """

    patient = models.ForeignKey("registry.Patient", on_delete=models.PROTECT, related_name="month_minutes")
    month_index = models.PositiveIntegerField()
    episode_id = models.CharField(max_length=60, blank=True)
    stamp = models.CharField(max_length=80)
    seconds_counted = models.PositiveIntegerField(default=0)
    seconds_excluded = models.PositiveIntegerField(default=0)
    seconds_undecided = models.PositiveIntegerField(default=0)
    seconds_note = models.PositiveIntegerField(default=0)
    entries_total = models.PositiveIntegerField(default=0)
    pack_id = models.CharField(max_length=60, blank=True)
    month_kind = models.CharField(max_length=10, blank=True)
    earned = models.JSONField(default=list)
    """The lines that the minutes earn so far: [code, units], base first."""
    tiers = models.JSONField(default=list)
    """The month's ladder: [minutes, code, units]."""
    has_no_data = models.BooleanField(default=False)
    lacks = models.JSONField(default=list)
    """What the month lacks: [severity, whether it is merely not known, words, what to do], the gravest first."""
    lacks_stamp = models.CharField(max_length=120, blank=True)
    """What `lacks` was worked out from: more than minutes rest on. Empty: it was not asked for yet."""

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("patient", "month_index", "episode_id"), name="month_minutes_one_an_episode"
            ),
        )
        indexes = (models.Index(fields=("organization", "month_index")),)

    ANSWER = (
        "seconds_counted", "seconds_excluded", "seconds_undecided", "seconds_note", "entries_total", "pack_id",
        "month_kind", "earned", "tiers", "has_no_data",
    )  # fmt: skip

    @property
    def minutes_counted(self) -> int:
        """Counted seconds in whole minutes, floored once."""
        return self.seconds_counted // 60

    @property
    def minutes_excluded(self) -> int:
        return self.seconds_excluded // 60

    @property
    def next_tier(self) -> tuple[int, str, int] | None:
        """(minutes short, code, units) of the next line that may be earned."""
        for minutes, code, units in self.tiers:
            if minutes > self.minutes_counted:
                return minutes - self.minutes_counted, code, units
        return None

    def answer(self) -> dict[str, Any]:
        """What the core said, for a comparison."""
        return {name: getattr(self, name) for name in self.ANSWER}


class MinutesInputs(OrganizationRow):
    """Counts the changes to what minutes depend on beside contacts: of a patient, or (no patient) of the practice.

    `file_changes` counts those to the rest of a patient's case file, on which only what the month lacks depends.
    `version` of the practice's row is another after each change to one of its small tables (`reference_kept`).
    """

    patient = models.OneToOneField(
        "registry.Patient", null=True, blank=True, on_delete=models.PROTECT, related_name="minutes_inputs"
    )
    changes = models.PositiveIntegerField(default=0)
    file_changes = models.PositiveIntegerField(default=0)
    version = models.UUIDField(default=uuid.uuid4)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organization",),
                condition=models.Q(patient__isnull=True),
                name="minutes_inputs_one_a_practice",
            ),
        )
