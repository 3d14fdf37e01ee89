"""Codes that are good from one day to another: noted where they stand, judged when their day is known.

A claim's diagnoses stand before its dates of service, so a code of a dated set waits until the check of the
guide says which days count. A code is a fault only where it is one on every day that counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, Protocol, runtime_checkable

from cocm.x12.guide_parts import ElementUse, SegmentUse
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Segment

# So many codes wait for their day; only a file without claims' ends makes more wait, and they are then judged at once.
WAITING_MAX: Final = 20_000
_VERDICTS_KEPT_MAX: Final = 50_000


@runtime_checkable
class DatedCodes(Protocol):
    """A code set whose codes come and go."""

    def fault(self, code: str, day: date) -> str:
        """What is wrong with a code on a day, in words that do not repeat it; empty: nothing that is known."""


CodeSet = Collection[str] | DatedCodes
CodeSets = Mapping[str, CodeSet]


@dataclass(frozen=True, slots=True, eq=False)
class DatedElement:
    """An element whose codes are dated; compared by identity."""

    element: ElementUse
    set_name: str
    codes: DatedCodes


class FoundCode(NamedTuple):
    """A code that was found in a dated element."""

    dated: DatedElement
    code: str


class _Waiting(NamedTuple):
    use: SegmentUse
    segment: Segment
    found: tuple[FoundCode, ...]
    claim_id: str


_Verdict = Sequence[tuple[FoundCode, str]]


class CodeDating:
    """The codes that wait for their day, within a claim or a transaction."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._waiting: list[_Waiting] = []
        self._verdicts: dict[tuple[tuple[FoundCode, ...], tuple[str, ...]], _Verdict] = {}

    def take(self, use: SegmentUse, segment: Segment, found: tuple[FoundCode, ...]) -> None:
        """Let a segment's codes wait."""
        if len(self._waiting) < WAITING_MAX:
            self._waiting.append(_Waiting(use, segment, found, self._report.claim_id))

    @property
    def is_waiting(self) -> bool:
        """Whether codes wait for their day."""
        return bool(self._waiting)

    def forget(self) -> None:
        """Drop what waits: no day is known for it."""
        self._waiting.clear()

    def settle(self, days: tuple[str, ...], other_days: Mapping[str, tuple[str, ...]]) -> None:
        """Judge everything that waits on these days (CCYYMMDD); `other_days` where a set has days of its own.

        Days that are none are passed over; where none is left, nothing is judged.
        """
        waiting, self._waiting = self._waiting, []
        for use, segment, found, claim_id in waiting:
            counted = other_days.get(found[0].dated.set_name, days) if other_days else days
            key = (found, counted)
            verdict = self._verdicts.get(key)
            if verdict is None:
                verdict = _faults(found, counted)
                if len(self._verdicts) >= _VERDICTS_KEPT_MAX:
                    self._verdicts.clear()
                self._verdicts[key] = verdict
            for (dated, code), what in verdict:
                self._report.claim_id = claim_id
                self._report.add(
                    ProblemKind.WRONG_CODE,
                    segment,
                    told_code(code, what, dated.set_name),
                    f"a code of the set {dated.set_name.replace('_', ' ')} that is in force on the day",
                    loop_id=use.loop_id,
                    element=dated.element.label(use.tag),
                )


# How long a code of a set may be to be told; of another set, and of anything longer, it is not: it may be no code.
_TOLD_CHARACTERS_MAX: Final = {"procedure": 5, "remark": 5, "adjustment_reason": 4, "diagnosis": 0}
_TOLD_CHARACTERS_MAX_ELSE: Final = 3


def told_code(code: str, what: str, set_name: str) -> str:
    """A short code with what is wrong with it; of anything that may be patient data only what is wrong."""
    longest = _TOLD_CHARACTERS_MAX.get(set_name, _TOLD_CHARACTERS_MAX_ELSE)
    return f"{code}: {what}" if len(code) <= longest and code.isascii() and code.isalnum() else what


def _faults(found: Sequence[FoundCode], days: Sequence[str]) -> list[tuple[FoundCode, str]]:
    """The codes that are at fault on every day that counts, with what is wrong."""
    read = [day for day in map(day_or_none, days) if day is not None]
    if not read:
        return []
    faults = []
    for one in found:
        words = [one.dated.codes.fault(one.code, day) for day in read]
        if all(words):
            faults.append((one, words[0]))
    return faults


def day_or_none(text: str) -> date | None:
    """A date as CCYYMMDD; None where the text is none."""
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
