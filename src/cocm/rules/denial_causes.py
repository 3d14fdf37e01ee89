"""The denial playbook: what lies behind a payer's codes on a CoCM claim, and what to do about it.

One file a cause under `denials/causes`. Signals (adjustment, remark and status codes), our own facts and our own edits'
verdicts give points; the causes of a denial are ranked by them. Points and chances are our judgement, marked as such by
the confidence; the codes are the publishers'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import Confidence, Source
from cocm.rules.yaml_reader import read_yaml

_FIELDS: Final = frozenset(
    [
        "id", "failure", "label", "source", "confidence", "meaning", "signals", "edits", "facts",
        "rule_out_first", "fix", "unlike_general_advice", "prevented_by",
    ]
)  # fmt: skip
RECORDS_DEADLINE: Final = "records"
"""The deadline that the payer's own request names."""


class DenialAction(StrEnum):
    """What kind of work a cause asks for."""

    ESCALATE = "escalate"
    CORRECT = "correct"
    APPEAL = "appeal"
    SEND_RECORDS = "send_records"
    VERIFY_ELIGIBILITY = "verify_eligibility"
    CORRECT_COST_SHARE = "correct_cost_share"
    AUTHORIZE = "authorize"
    ATTEST = "attest"
    CLOSE = "close"


class DenialFact(StrEnum):
    """Something about a denied line that our own records or the remittance itself can tell."""

    PAYER_IS_ADMINISTRATOR = "payer_is_administrator"
    COVERAGE_ELSEWHERE = "coverage_elsewhere"
    COVERAGE_ENDED = "coverage_ended"
    OTHER_BEHAVIORAL_CARE_IN_MONTH = "other_behavioral_care_in_month"
    IS_ADDON = "is_addon"
    IS_FIRST_MONTH_CODE = "is_first_month_code"
    IS_ADVANCED_PRIMARY_CARE_ADDON = "is_advanced_primary_care_addon"
    LINE_IS_DENIED = "line_is_denied"
    ATTESTATION_ASKED = "attestation_asked"


@dataclass(frozen=True, slots=True)
class Signal:
    """Codes that speak for a cause: every list that is not empty must hold one of the payer's codes.

    A status is category and code of a claim status (`A3:116`); `A7:*` is any code of the category.
    """

    groups: frozenset[str]
    reasons: frozenset[str]
    remarks: frozenset[str]
    statuses: frozenset[str]
    points: int


@dataclass(frozen=True, slots=True)
class FactWeight:
    """How much a fact of our own speaks for (or against) a cause when it is as said."""

    fact: DenialFact
    value: bool
    points: int


@dataclass(frozen=True, slots=True)
class EditWeight:
    """How much our own edits speak for a cause: one of them fails, or all of them pass."""

    fails: bool
    edit_ids: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do, by whom, with which letter, by when (a rule of days, or the payer's request) and with what chance."""

    action: DenialAction
    who: str
    letter: str
    deadline_rule: str
    chance_percent: int
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DenialCause:
    """One root cause of the playbook."""

    cause_id: str
    failure: str
    label: str
    meaning: str
    source: Source
    confidence: Confidence
    signals: tuple[Signal, ...]
    facts: tuple[FactWeight, ...]
    edits: tuple[EditWeight, ...]
    rule_out_first: tuple[str, ...]
    fix: Fix
    unlike_general_advice: tuple[str, str] | None
    prevented_by: tuple[str, ...]


@lru_cache(maxsize=8)
def denial_causes(rulebook: Rulebook) -> Mapping[str, DenialCause]:
    """Every cause by its id; an overlay's file wins. Raises `RulebookError` naming the file and the field."""
    paths: dict[str, Path] = {}
    for root in rulebook.roots:
        paths |= {path.stem: path for path in sorted((root / "denials" / "causes").glob("*.yaml"))}
    causes = {name: _cause(rulebook, path) for name, path in sorted(paths.items())}
    for name, cause in causes.items():
        for other in cause.rule_out_first:
            if other not in causes:
                raise RulebookError(f"{paths[name]}: rule_out_first names {other!r}, which is no cause")
    return causes


def _cause(rulebook: Rulebook, path: Path) -> DenialCause:
    given = read_yaml(path)
    refuse_other_fields(path, given, _FIELDS)
    cause_id = required_text(path, given, "id")
    if cause_id != path.stem:
        raise RulebookError(f"{path}: id is {cause_id!r}, but the file is named {path.stem!r}")
    source = required_text(path, given, "source")
    if source not in rulebook.sources:
        raise RulebookError(f"{path}: source {source!r} is not among sources.yaml")
    unlike = given.get("unlike_general_advice")
    try:
        return DenialCause(
            cause_id=cause_id,
            failure=required_text(path, given, "failure"),
            label=required_text(path, given, "label"),
            meaning=" ".join(required_text(path, given, "meaning").split()),
            source=rulebook.sources[source],
            confidence=Confidence(required_text(path, given, "confidence")),
            signals=tuple(_signal(entry) for entry in given["signals"]),
            facts=tuple(
                FactWeight(DenialFact(entry["fact"]), entry["is"], entry["points"])
                for entry in given.get("facts", ())
            ),
            edits=tuple(
                EditWeight(entry["verdict"] == "fail", tuple(entry["edits"]), entry["points"])
                for entry in given.get("edits", ())
            ),
            rule_out_first=tuple(given.get("rule_out_first", ())),
            fix=_fix(given["fix"]),
            unlike_general_advice=None if unlike is None else (unlike["advice"], unlike["why_not"]),
            prevented_by=tuple(given.get("prevented_by", ())),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise RulebookError(f"{path}: {type(problem).__name__}: {problem}") from problem


def _signal(entry: Mapping[str, Any]) -> Signal:
    return Signal(
        groups=frozenset(entry.get("group", ())),
        reasons=frozenset(entry.get("reason", ())),
        remarks=frozenset(entry.get("remark", ())),
        statuses=frozenset(entry.get("status", ())),
        points=entry["points"],
    )


def _fix(entry: Mapping[str, Any]) -> Fix:
    return Fix(
        action=DenialAction(entry["action"]),
        who=entry["who"],
        letter=entry.get("letter", ""),
        deadline_rule=entry.get("deadline", ""),
        chance_percent=entry["chance_percent"],
        steps=tuple(entry["steps"]),
    )
