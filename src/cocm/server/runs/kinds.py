"""What kinds of background runs there are: an app with a module `background` names its own, by `KINDS`.

# <app>/background.py
KINDS = (Kind("plan_report", "The report", Permission.PLAN_FIGURES, decide, kept),)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.runs.models import BackgroundRun

MODULE: Final = "background"
STEP_LETTERS_MAX: Final = 120


class Steps:
    """How far the work is, for the page that waits for it."""

    def __init__(self) -> None:
        self.words, self.done, self.total = "", 0, 0

    def at(self, words: str, done: int = 0, total: int = 0) -> None:
        """What is being done now, and which of how many it is."""
        self.words, self.done, self.total = words[:STEP_LETTERS_MAX], done, total

    def told(self) -> dict[str, Any]:
        """As the run's row keeps it."""
        return {"step": self.words, "steps_done": self.done, "steps_total": self.total}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of run.

    `decide(actor, run, steps)` works on one moment's data, without a lock, for as long as it takes, and writes nothing;
    `kept(actor, run, decided)` records what it decided in one short transaction and gives the run's result. `title` is
    what waits, at the beginning of a sentence; `permission` is whose run it is.
    """

    name: str
    title: str
    permission: Permission
    decide: Callable[[Actor, BackgroundRun, Steps], Any]
    kept: Callable[[Actor, BackgroundRun, Any], dict[str, Any]]


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name."""
    found: dict[str, Kind] = {}
    for config in apps.get_app_configs():
        is_an_area = config.name.startswith("cocm.server.") and config.name != "cocm.server.runs"
        if is_an_area and module_has_submodule(config.module, MODULE):
            found |= {one.name: one for one in import_module(f"{config.name}.{MODULE}").KINDS}
    return found
