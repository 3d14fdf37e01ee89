"""What follows an answer that tells of suicide risk: who is told when, what closes an alert, what the patient reads.

One file, `care/safety.yaml`; a practice with a protocol of its own lays its file over it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.instruments import LANGUAGES
from cocm.rules.parse import parse_date, refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import Source
from cocm.rules.yaml_reader import read_yaml

_FIELDS: Final = frozenset(
    [
        "source", "observed", "effective_from", "steps", "steps_source", "note_characters_min", "actions", "reached",
        "plan", "notes", "crisis",
    ]
)  # fmt: skip


class ToldRole(StrEnum):
    """Who is told of an alert."""

    CARE_MANAGER = "care_manager"
    COVERING = "covering"
    PRACTITIONER = "practitioner"
    CONSULTANT = "consultant"
    MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """From so many minutes on, these are told as well. Levels count from 1."""

    level: int
    label: str
    after_minutes: int
    after_minutes_acute: int
    roles: tuple[ToldRole, ...]

    def minutes(self, is_acute: bool) -> int:
        return self.after_minutes_acute if is_acute else self.after_minutes


@dataclass(frozen=True, slots=True)
class ClosingAction:
    """What may close an alert, and whether it must be said who was reached and how the safety plan stands."""

    action_id: str
    label: str
    needs_reached: bool
    needs_plan: bool


@dataclass(frozen=True, slots=True)
class NoteKind:
    """A step that is written down and closes nothing. `takes_on`: somebody answers for the alert from now on."""

    note_id: str
    label: str
    takes_on: bool


@dataclass(frozen=True, slots=True)
class CrisisLine:
    """Where somebody in a crisis finds help; label and words by language."""

    line_id: str
    href: str
    source: Source
    labels: Mapping[str, str]
    words: Mapping[str, str]
    effective_from: date


@dataclass(frozen=True, slots=True)
class SafetyProtocol:
    """The file as a whole."""

    source: Source
    locator: str
    steps: tuple[EscalationStep, ...]
    actions: Mapping[str, ClosingAction]
    reached: Mapping[str, str]
    plan: Mapping[str, str]
    notes: Mapping[str, NoteKind]
    crisis: tuple[CrisisLine, ...]
    note_characters_min: int

    def crisis_on(self, day: date) -> tuple[CrisisLine, ...]:
        """The lines that answer on a day."""
        return tuple(line for line in self.crisis if line.effective_from <= day)


@lru_cache(maxsize=64)
def safety_protocol(rulebook: Rulebook) -> SafetyProtocol:
    """The protocol in force. Raises `RulebookError`."""
    path = rulebook.find_file("care", "safety")
    if path is None:
        raise RulebookError("care/safety.yaml is missing: nobody would be told of a suicide-risk answer")
    content = read_yaml(path)
    refuse_other_fields(path, content, _FIELDS)
    steps = tuple(_step(path, given) for given in _rows(path, content, "steps"))
    if [step.level for step in steps] != list(range(1, len(steps) + 1)):
        raise RulebookError(f"{path}: steps: levels are 1, 2, 3 ... in order")
    for is_acute in (False, True):
        minutes = [step.minutes(is_acute) for step in steps]
        if minutes[0] != 0 or minutes != sorted(minutes):
            raise RulebookError(
                f"{path}: steps: the first comes at once (0 minutes), the others later and later"
            )
    source, locator = _source(path, content.get("source"), rulebook)
    _source(path, content.get("steps_source"), rulebook)
    return SafetyProtocol(
        source=source,
        locator=locator,
        steps=steps,
        actions=MappingProxyType(
            {
                str(given["id"]): ClosingAction(
                    required_text(path, given, "id"),
                    required_text(path, given, "label"),
                    bool(given.get("reached")),
                    bool(given.get("plan")),
                )
                for given in _rows(path, content, "actions")
            }
        ),
        reached=_labels(path, content, "reached"),
        plan=_labels(path, content, "plan"),
        notes=MappingProxyType(
            {
                str(given["id"]): NoteKind(
                    required_text(path, given, "id"),
                    required_text(path, given, "label"),
                    bool(given.get("takes_on", False)),
                )
                for given in _rows(path, content, "notes")
            }
        ),
        crisis=tuple(_crisis(path, given, rulebook) for given in _rows(path, content, "crisis")),
        note_characters_min=_whole(path, content, "note_characters_min"),
    )


def _step(path: Path, given: Mapping[str, Any]) -> EscalationStep:
    try:
        roles = tuple(ToldRole(role) for role in given.get("roles") or ())
    except ValueError as problem:
        raise RulebookError(f"{path}: steps: {problem}; expected {', '.join(ToldRole)}") from None
    if not roles:
        raise RulebookError(f"{path}: steps: level {given.get('level')} tells nobody")
    return EscalationStep(
        _whole(path, given, "level"),
        required_text(path, given, "label"),
        _whole(path, given, "after_minutes"),
        _whole(path, given, "after_minutes_acute"),
        roles,
    )


def _crisis(path: Path, given: Mapping[str, Any], rulebook: Rulebook) -> CrisisLine:
    spoken = {language: given.get(language) or {} for language in LANGUAGES}
    return CrisisLine(
        required_text(path, given, "id"),
        required_text(path, given, "href"),
        _source(path, given.get("source"), rulebook)[0],
        MappingProxyType({name: required_text(path, said, "label") for name, said in spoken.items()}),
        MappingProxyType({name: required_text(path, said, "words") for name, said in spoken.items()}),
        parse_date(path, "effective_from", given.get("effective_from")),
    )


def _labels(path: Path, content: Mapping[str, Any], field: str) -> Mapping[str, str]:
    return MappingProxyType(
        {
            required_text(path, given, "id"): required_text(path, given, "label")
            for given in _rows(path, content, field)
        }
    )


def _rows(path: Path, content: Mapping[str, Any], field: str) -> list[dict[str, Any]]:
    found = content.get(field)
    if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
        raise RulebookError(f"{path}: {field} is missing or not a list of mappings")
    return found


def _whole(path: Path, given: Mapping[str, Any], field: str) -> int:
    found = given.get(field)
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise RulebookError(f"{path}: {field} is {found!r}; expected a whole number, 0 or more")
    return found


def _source(path: Path, given: Any, rulebook: Rulebook) -> tuple[Source, str]:
    ref = given.get("ref") if isinstance(given, dict) else None
    if not isinstance(ref, str) or ref not in rulebook.sources:
        raise RulebookError(f"{path}: source {ref!r} does not stand in sources.yaml")
    return rulebook.sources[ref], str(given.get("at", ""))
