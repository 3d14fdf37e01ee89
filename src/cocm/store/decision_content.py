"""What a decision says of its claim and lines, as the state keeps it: one JSON text, see migration 0003."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Final

from cocm.remits.decision import AdjustmentAmount, ClaimDecision, DecidedLine

NO_CONTENT: Final = "[[],[]]"
TEXTS_MAX: Final = 10_000
"""So many different texts are remembered at once."""
_compact_json: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str).encode


class ContentTexts(dict[str, str]):
    """The texts of decisions' contents; decisions that say the same share theirs."""

    def of(self, decision: ClaimDecision) -> str:
        """The text of a decision's adjustments and lines."""
        found = self.get(decision.content)
        if found is None:
            if len(self) >= TEXTS_MAX:
                self.clear()
            found = self[decision.content] = _compact_json((decision.adjustments, decision.lines))
        return found


def read_content(text: str) -> tuple[tuple[AdjustmentAmount, ...], tuple[DecidedLine, ...]]:
    """The adjustments of the claim as a whole, and the lines."""
    adjustments, lines = json.loads(text)
    return _adjustments(adjustments), tuple(
        DecidedLine(
            code,
            None if units is None else Decimal(units),
            charge,
            paid,
            allowed,
            _adjustments(reasons),
            tuple(remarks),
        )
        for code, units, charge, paid, allowed, reasons, remarks in lines
    )


def _adjustments(told: list[tuple[str, str, int]]) -> tuple[AdjustmentAmount, ...]:
    return tuple(AdjustmentAmount(*given) for given in told)


class DayTexts(dict[date | None, str]):
    """Dates as the state writes them, each made once; no date is empty."""

    def __missing__(self, day: date | None) -> str:
        found = self[day] = "" if day is None else str(day)
        return found
