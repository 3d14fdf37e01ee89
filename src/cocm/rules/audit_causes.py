"""What the audit of a claims history looks for, one file a cause under `audit/causes`: both sides' mistakes.

A cause of the plan's side looks at lines that were denied: the payer's codes (`signals`) say what was held against
the line, and the edits that would justify it say whether that is so. A cause of the practice's side looks at lines
that were paid and names the edits that prove the payment wrong. A cause of cost shares names the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text
from cocm.rules.plan_decisions import DenialRight, edit_denials
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import Confidence, Source
from cocm.rules.yaml_reader import read_yaml

FOLDER: Final = "audit/causes"
_ALL_OTHERS: Final = "*"
_ID: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_FIELDS: Final = frozenset(
    [
        "id", "side", "kind", "rank", "label", "source", "confidence", "playbook", "meaning", "looks_at", "line",
        "signals", "justified_by", "also_justified_by", "proven_by", "needs", "other_line", "rules", "grade", "amount",
        "excess", "share",
    ]
)  # fmt: skip


class CauseSide(StrEnum):
    """Whose mistake it is."""

    PLAN = "plan"
    PRACTICE = "practice"


class CauseKind(StrEnum):
    """What kind of mistake."""

    IMPROPER_DENIAL = "improper_denial"
    ROUTING = "routing"
    FREQUENCY = "frequency"
    COST_SHARE = "cost_share"
    UNBUNDLING = "unbundling"
    OVERBILLING = "overbilling"


class LooksAt(StrEnum):
    """Which lines a cause is about."""

    DENIED = "denied"
    PAID = "paid"


class LineRole(StrEnum):
    """Which codes a cause is about."""

    ANY = "any"
    BASE = "base"
    ADDON = "addon"


class Otherwise(StrEnum):
    """What is said of a line where a needed fact is known and not so."""

    JUSTIFIED = "justified"
    NO_DATA = "no_data"


class OtherLine(StrEnum):
    """The line that stands beside a finding as evidence."""

    NONE = "none"
    SAME_CODE = "same_code"
    BASE = "base"
    ALLOWED = "allowed"
    EXCLUDED = "excluded"
    PAIRED = "paired"
    EARLIER = "earlier"
    ELSEWHERE = "elsewhere"


class AmountBasis(StrEnum):
    """Which money a finding is about."""

    WHOLE_LINE = "whole_line"
    LATER_LINES = "later_lines"
    """The whole line, but of several lines of one claim with one code all but the first."""
    EXCESS_UNITS = "excess_units"
    NONE = "none"


class ShareCheck(StrEnum):
    """Which comparison of the member's share a cause is."""

    WAIVED = "waived"
    OTHER_SIDE = "other_side"
    ABOVE = "above"
    ON_IMPROPER_DENIAL = "on_improper_denial"


@dataclass(frozen=True, slots=True)
class AuditSignal:
    """Codes of the payer that speak for a cause: every list that is not empty must hold one of the line's."""

    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    decided_by_administrator: bool


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that must be so for a finding; known and otherwise, the line is justified or nobody can tell."""

    fact: str
    value: str | bool
    otherwise: Otherwise


@dataclass(frozen=True, slots=True)
class Excess:
    """By which facts an edit counts units too many: those counted, and the limit (empty: one unit)."""

    edit_id: str
    units_fact: str
    limit_fact: str


@dataclass(frozen=True, slots=True)
class AuditCause:
    """One cause. `justified_by` edits must be decidable; `also_justified_by` count only where they fail.

    `asks_review`: a person looks at every finding; `is_established_only`: only where the rules may block.
    """

    cause_id: str
    side: CauseSide
    kind: CauseKind
    rank: int
    label: str
    meaning: str
    source: Source
    confidence: Confidence
    playbook: str
    looks_at: LooksAt
    line: LineRole
    signals: tuple[AuditSignal, ...]
    justified_by: tuple[str, ...]
    also_justified_by: tuple[str, ...]
    proven_by: tuple[str, ...]
    needs: tuple[Need, ...]
    other_line: OtherLine
    rules: tuple[str, ...]
    asks_review: bool
    is_established_only: bool
    amount: AmountBasis
    excess: tuple[Excess, ...]
    share: ShareCheck | None


@lru_cache(maxsize=8)
def audit_causes(rulebook: Rulebook) -> Mapping[str, AuditCause]:
    """Every cause by its id, in the order in which they are tried; an overlay's file wins.

    Raises `RulebookError` naming the file and the field.
    """
    paths: dict[str, Path] = {}
    for root in rulebook.roots:
        paths |= {path.stem: path for path in sorted((root / FOLDER).glob("*.yaml"))}
    denials = edit_denials(rulebook)
    read = [(path, read_yaml(path)) for path in paths.values()]
    named = {str(edit) for _, given in read for edit in given.get("proven_by", ()) if edit != _ALL_OTHERS}
    others = tuple(
        edit_id
        for edit_id, denial in sorted(denials.items())
        if denial.right is DenialRight.DENY and edit_id not in named
    )
    causes = [_cause(rulebook, path, given, others) for path, given in read]
    for cause in causes:
        for edit_id in (*cause.justified_by, *cause.also_justified_by, *cause.proven_by):
            if edit_id not in denials:
                raise RulebookError(f"{paths[cause.cause_id]}: {edit_id!r} is no edit of edit_denials.csv")
    return {cause.cause_id: cause for cause in sorted(causes, key=lambda cause: (cause.rank, cause.cause_id))}


def _cause(
    rulebook: Rulebook, path: Path, given: Mapping[str, Any], other_edits: tuple[str, ...]
) -> AuditCause:
    refuse_other_fields(path, given, _FIELDS)
    cause_id = required_text(path, given, "id")
    if cause_id != path.stem:
        raise RulebookError(f"{path}: id is {cause_id!r}, but the file is named {path.stem!r}")
    if _ID.fullmatch(cause_id) is None:
        raise RulebookError(f"{path}: an id is kind.name in small letters, digits and underscores")
    source = required_text(path, given, "source")
    if source not in rulebook.sources:
        raise RulebookError(f"{path}: source {source!r} is not among sources.yaml")
    proven = tuple(given.get("proven_by", ()))
    try:
        return AuditCause(
            cause_id=cause_id,
            side=CauseSide(given["side"]),
            kind=CauseKind(given["kind"]),
            rank=given["rank"],
            label=required_text(path, given, "label"),
            meaning=" ".join(required_text(path, given, "meaning").split()),
            source=rulebook.sources[source],
            confidence=Confidence(given["confidence"]),
            playbook=given.get("playbook", ""),
            looks_at=LooksAt(given["looks_at"]),
            line=LineRole(given.get("line", LineRole.ANY)),
            signals=tuple(_signal(entry) for entry in given.get("signals", ())),
            justified_by=tuple(given.get("justified_by", ())),
            also_justified_by=tuple(given.get("also_justified_by", ())),
            proven_by=other_edits if proven == (_ALL_OTHERS,) else proven,
            needs=tuple(
                Need(entry["fact"], entry["is"], Otherwise(entry["else"])) for entry in given.get("needs", ())
            ),
            other_line=OtherLine(given.get("other_line", OtherLine.NONE)),
            rules=tuple(given.get("rules", ())),
            asks_review=given.get("grade") == "review",
            is_established_only=given.get("grade") == "established",
            amount=AmountBasis(given.get("amount", AmountBasis.WHOLE_LINE)),
            excess=tuple(
                Excess(entry["edit"], entry["units"], entry.get("limit", ""))
                for entry in given.get("excess", ())
            ),
            share=ShareCheck(given["share"]) if "share" in given else None,
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise RulebookError(f"{path}: {type(problem).__name__}: {problem}") from problem


def _signal(entry: Mapping[str, Any]) -> AuditSignal:
    return AuditSignal(
        reasons=tuple(entry.get("reasons", ())),
        remarks=tuple(entry.get("remarks", ())),
        decided_by_administrator=bool(entry.get("decided_by_administrator", False)),
    )
