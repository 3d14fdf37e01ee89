"""A month's ladder: the minutes at which each further line is earned, as the proposal itself names them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.basics.records import quickly_made
from cocm.coding.records import MonthKind
from cocm.coding.time import MINUTES_MAX, propose_for_minutes
from cocm.rules import PackOn

TIERS_MAX: Final = 12
"""Steps that are named; a payer without a limit on add-on units has no last one."""


@quickly_made
@dataclass(frozen=True, slots=True)
class MonthTier:
    """From `minutes_needed` counted minutes on, the month earns `units` of a code (beside its base code)."""

    minutes_needed: int
    hcpcs_code: str
    units: int


@lru_cache(maxsize=1024)
def month_ladder(month_kind: MonthKind, policy: PackOn) -> tuple[MonthTier, ...]:
    """The tiers of a first or later month in rising order.

    None where the kind of month or a rule that decides is unknown, and for a code that is not timed.
    Nothing is worked out here: each step is the next tier that `propose_for_minutes` names from the step before.
    """
    if month_kind is MonthKind.UNKNOWN:
        return ()
    tiers: list[MonthTier] = []
    minutes = 0
    while len(tiers) < TIERS_MAX:
        following = propose_for_minutes(minutes, month_kind, policy).next_tier
        if (
            following is None
            or following.minutes_short <= 0
            or minutes + following.minutes_short > MINUTES_MAX
        ):
            break
        minutes += following.minutes_short
        tiers.append(MonthTier(minutes, following.hcpcs_code, following.units))
    return tuple(tiers)
