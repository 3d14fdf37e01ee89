"""The rule values that decide one kind of month for a payer on a date, resolved once and remembered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cocm.coding.records import MonthKind, ProposedLine, TimeProposal
from cocm.rules import PackOn, RuleValue


@dataclass(frozen=True, slots=True)
class TierTable:
    """The rule values that decide one kind of month for a payer on a date.

    `base…` are those of this kind of month, `other_code` the other kind's base code. `required_base` are codes of
    which one must stand beside the base; `mandated` those that a state's law makes plans cover. `answers` remembers
    what was worked out, by minutes.
    """

    kind: MonthKind
    base_code: RuleValue
    base_min: RuleValue
    base_full: RuleValue
    other_code: RuleValue
    addon_code: RuleValue
    addon_min: RuleValue
    addon_full: RuleValue
    limit: RuleValue
    review_above: RuleValue
    short_code: RuleValue
    short_min: RuleValue
    bhi_code: RuleValue
    bhi_min: RuleValue
    required_base: RuleValue
    mandated: RuleValue
    answers: dict[int, TimeProposal] = field(default_factory=dict, compare=False, repr=False)


def tier_table(policy: PackOn, month_kind: MonthKind) -> TierTable:
    """The tiers of a first or later month, remembered. Raises `ValueError` for an unknown kind."""
    if month_kind is MonthKind.UNKNOWN:
        raise ValueError(
            "minutes earn codes for a first or a later month; ask for each where the kind is unknown"
        )
    return _resolve(policy, month_kind is MonthKind.FIRST)


@lru_cache(maxsize=1024)
def _resolve(policy: PackOn, is_first: bool) -> TierTable:
    this, other = ("first_month", "later_month") if is_first else ("later_month", "first_month")
    return TierTable(
        kind=MonthKind.FIRST if is_first else MonthKind.LATER,
        base_code=policy.value(f"codes.{this}"),
        base_min=policy.value(f"time.{this}_min"),
        base_full=policy.value(f"time.{this}_full"),
        other_code=policy.value(f"codes.{other}"),
        addon_code=policy.value("codes.addon"),
        addon_min=policy.value("time.addon_min"),
        addon_full=policy.value("time.addon_full"),
        limit=policy.value("limit.addon_units"),
        review_above=policy.value("limit.addon_units_review_above"),
        short_code=policy.value("codes.short_month"),
        short_min=policy.value("time.short_month_min"),
        bhi_code=policy.value("codes.general_bhi"),
        bhi_min=policy.value("time.general_bhi_min"),
        required_base=policy.value("codes.required_base"),
        mandated=policy.value("coverage.mandated_codes"),
    )


def minutes_needed(lines: Iterable[ProposedLine], policy: PackOn) -> int:
    """The minutes at which the last of a proposal's lines is earned, base first; 0 where no line is timed."""
    needed = base_full = 0
    for line in lines:
        name = line.code_rule.rule_id.removeprefix("codes.")
        if name == "addon":
            further = (policy.integer("time.addon_full") or 0) * (line.units - 1)
            needed = max(needed, base_full + (policy.integer("time.addon_min") or 0) + further)
        else:
            needed = max(needed, policy.integer(f"time.{name}_min") or 0)
            if name in _KINDS:
                base_full = policy.integer(f"time.{name}_full") or 0
    return needed


_KINDS: Final = ("first_month", "later_month")
