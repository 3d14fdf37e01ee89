"""What waits with the rules, for My day: values to be read again in their sources, a draft that is not in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.rulebook.models import OwnRules, VersionState
from cocm.server.rulebook.reading import due_values, packs_in_use
from cocm.server.rules_in_force import rulebook
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """What waits."""
    if not actor.may(Permission.RULES_EDIT):
        return
    book = rulebook()
    used = packs_in_use(actor=actor, book=book)
    due = [one for one in due_values(actor=actor, book=book, as_of=today) if one.pack_id in used]
    if due:
        yield DayItem(
            DayGroup.PRACTICE,
            f"{len(due)} rule value{'s' if len(due) != 1 else ''} to read again",
            reverse("rulebook:due"),
            reason="not read in their source for a year, or ending soon",
            due_on=due[0].due_on,
            count=len(due),
        )
    if OwnRules.objects.of(actor).filter(state=VersionState.DRAFT).exists():
        yield DayItem(
            DayGroup.PRACTICE,
            "A draft of your contracts' terms",
            reverse("rulebook:own"),
            reason="not in force yet",
        )
