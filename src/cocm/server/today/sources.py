"""Who tells what waits: every app with a module `today` that has a function `day_items(actor, today)`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib import import_module
from typing import Final

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from cocm.basics.errors import CocmError
from cocm.server.access.actor import Actor
from cocm.server.audit.trail import seen
from cocm.server.registry.caseload import caseload_read_once
from cocm.server.today.items import DayGroup, DayItem

Source = Callable[[Actor, date], Iterable[DayItem]]
MODULE: Final = "today"
FUNCTION: Final = "day_items"


@dataclass(frozen=True, slots=True)
class Day:
    """A person's day: the lines by heading, and what could not be told."""

    items: dict[DayGroup, list[DayItem]] = field(default_factory=dict)
    untold: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """How many things wait."""
        return sum(item.count for group in self.items.values() for item in group)

    def count(self, group: DayGroup) -> int:
        """How many things wait under a heading."""
        return sum(item.count for item in self.items.get(group, ()))


@cache
def sources() -> tuple[Source, ...]:
    """The functions of the installed apps, in the apps' order."""
    found = []
    for config in apps.get_app_configs():
        if config.name.startswith("cocm.") and module_has_submodule(config.module, MODULE):
            found.append(getattr(import_module(f"{config.name}.{MODULE}"), FUNCTION))
    return tuple(found)


def day_of(*, actor: Actor, today: date) -> Day:
    """What waits for the acting person. A source that cannot tell says why and leaves the others alone."""
    found: dict[DayGroup, list[DayItem]] = defaultdict(list)
    untold = []
    with caseload_read_once():
        for source in sources():
            try:
                told = list(source(actor, today))
            except CocmError as problem:
                untold.append(str(problem))
                continue
            for item in told:
                found[item.group].append(item)
    seen({item.patient_pk for items in found.values() for item in items if item.patient_pk is not None})
    ordered = {
        group: sorted(found[group], key=lambda item: (item.due_on or date.max, item.order, item.title))
        for group in DayGroup
        if group in found
    }
    return Day(ordered, tuple(untold))
