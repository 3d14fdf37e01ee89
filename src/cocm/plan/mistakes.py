"""The mistakes that plans are known to make with Collaborative Care claims, to be made on purpose in a rehearsal."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_PERCENT: Final = 100
_DRAWS: Final = 1 << 32


class Mistake(StrEnum):
    """A mistake by name; its codes on a remittance stand in the rulebook's table of plan decisions."""

    ROUTE_BY_DIAGNOSIS = "route_by_diagnosis"
    DUPLICATE_OF_PSYCHOTHERAPY = "duplicate_of_psychotherapy"
    WRONG_COST_SHARE = "wrong_cost_share"
    DENY_FOR_RECORDS = "deny_for_records"
    ASK_FOR_RECORDS = "ask_for_records"


@dataclass(frozen=True, slots=True)
class ErringPlan:
    """How often each mistake is made, in percent of the claims that it can be made on. The seed makes it repeatable."""

    rates: Mapping[Mistake, int]
    seed: int

    def mistakes_on(self, claim_number: str) -> frozenset[Mistake]:
        """The mistakes that are made on a claim: always the same for the same seed and claim."""
        return frozenset(
            mistake
            for mistake, rate in self.rates.items()
            if self._draw(mistake, claim_number) * _PERCENT < rate * _DRAWS
        )

    def _draw(self, mistake: Mistake, claim_number: str) -> int:
        text = f"{self.seed}\x1f{mistake}\x1f{claim_number}"
        return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


NO_MISTAKES: Final[frozenset[Mistake]] = frozenset()
