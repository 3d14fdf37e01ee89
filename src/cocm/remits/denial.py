"""Why a payer did not pay a line: the causes of the playbook, the likeliest first, each with what speaks for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from cocm.rules.denial_causes import DenialCause, DenialFact, EditWeight, Signal

ANY_CODE: Final = "*"


@dataclass(frozen=True, slots=True)
class DenialSignals:
    """What the payer said about one line (or claim) that it did not pay."""

    adjustments: frozenset[tuple[str, str]] = frozenset()
    """(group code, reason code)."""
    remarks: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    """Category and status of a claim status, `A3:116`."""


@dataclass(frozen=True, slots=True)
class OwnKnowledge:
    """What we know ourselves. A fact or edit that is absent is unknown, and says nothing either way."""

    facts: Mapping[DenialFact, bool] = field(default_factory=dict)
    failed_edits: frozenset[str] = frozenset()
    passed_edits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RankedCause:
    """A cause with its share of all points (percent) and what spoke for and against it."""

    cause: DenialCause
    points: int
    share_percent: int
    because: tuple[str, ...]


NOTHING_KNOWN: Final = OwnKnowledge()


def diagnose(
    causes: Mapping[str, DenialCause], signals: DenialSignals, own: OwnKnowledge = NOTHING_KNOWN
) -> tuple[RankedCause, ...]:
    """The causes that a denial speaks for, the likeliest first; empty when no code is in the playbook.

    A cause needs a code of the payer to be considered at all: our own facts only weigh. Equal causes stand in the order
    of their ids. Shares are rounded down.
    """
    found = []
    for cause in causes.values():
        spoken = [
            (given.points, said) for given in cause.signals if (said := _heard(given, signals)) is not None
        ]
        if not spoken:
            continue
        spoken += _weighed(cause, own)
        points = sum(points for points, _ in spoken)
        if points > 0:
            found.append((cause, points, tuple(f"{said} ({points:+d})" for points, said in spoken)))
    total = sum(points for _, points, _ in found)
    found.sort(key=lambda entry: (-entry[1], entry[0].cause_id))
    return tuple(
        RankedCause(cause, points, 100 * points // total, because) for cause, points, because in found
    )


def _heard(given: Signal, signals: DenialSignals) -> str | None:
    """What of a signal the payer said; None unless all of it was."""
    said: list[str] = []
    if given.reasons or given.groups:
        codes = sorted(
            f"{group}-{reason}"
            for group, reason in signals.adjustments
            if (not given.groups or group in given.groups) and (not given.reasons or reason in given.reasons)
        )
        if not codes:
            return None
        said += codes
    for wanted, there in ((given.remarks, signals.remarks), (given.statuses, signals.statuses)):
        if wanted:
            matching = sorted(code for code in there if _is_among(code, wanted))
            if not matching:
                return None
            said += matching
    return " ".join(said)


def _is_among(code: str, wanted: AbstractSet[str]) -> bool:
    return code in wanted or f"{code.partition(':')[0]}:{ANY_CODE}" in wanted


def _weighed(cause: DenialCause, own: OwnKnowledge) -> Iterable[tuple[int, str]]:
    for weight in cause.facts:
        known = own.facts.get(weight.fact)
        if known is weight.value:
            words = weight.fact.replace("_", " ")
            yield weight.points, words if weight.value else f"not: {words}"
    for edit in cause.edits:
        said = _edits_say(edit, own)
        if said:
            yield edit.points, said


def _edits_say(weight: EditWeight, own: OwnKnowledge) -> str:
    if weight.fails:
        failed = sorted(own.failed_edits.intersection(weight.edit_ids))
        return f"our edit {', '.join(failed)} fails" if failed else ""
    passes = own.passed_edits.issuperset(weight.edit_ids)
    return f"our edit {', '.join(weight.edit_ids)} passes" if passes else ""
