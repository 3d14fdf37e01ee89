"""The ladder names the minutes at which the proposal changes, and no others."""

from datetime import date

import pytest

from cocm.coding.ladder import TIERS_MAX, month_ladder
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.rules.rulebook import shipped_rulebook

DAY = date(2026, 3, 31)


def policy(payer_id):
    return shipped_rulebook().pack(payer_id).on(DAY)


@pytest.mark.parametrize("kind", [MonthKind.FIRST, MonthKind.LATER])
@pytest.mark.parametrize("payer_id", shipped_rulebook().payer_ids)
def test_the_lines_change_at_each_tier_and_nowhere_between(payer_id, kind) -> None:
    on_day = policy(payer_id)
    tiers = month_ladder(kind, on_day)
    changes = []
    last = 400 if len(tiers) < TIERS_MAX else tiers[-1].minutes_needed
    for minutes in range(1, last + 1):
        before, now = (propose_for_minutes(at, kind, on_day) for at in (minutes - 1, minutes))
        if now.has_no_data:
            break
        if [(line.hcpcs_code, line.units) for line in before.lines] != [
            (line.hcpcs_code, line.units) for line in now.lines
        ]:
            changes.append(minutes)
    if changes == [1] and not tiers:  # a code that is not timed: the month's first service earns it
        changes = []
    assert [tier.minutes_needed for tier in tiers][: len(changes)] == changes


def test_medicares_later_month() -> None:
    named = [
        (tier.minutes_needed, tier.hcpcs_code, tier.units)
        for tier in month_ladder(MonthKind.LATER, policy("medicare"))
    ]
    assert named[:4] == [(16, "G2214", 1), (31, "99493", 1), (76, "99494", 1), (106, "99494", 2)]


def test_an_unknown_kind_of_month_has_no_ladder() -> None:
    assert month_ladder(MonthKind.UNKNOWN, policy("medicare")) == ()
