"""A plan that erred and corrected everything stands where a plan stands that never erred."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest
from desk_samples import ReviewDesk
from plan_samples import TABLES, claim, line

from cocm.claims.records import Claim
from cocm.plan.mistakes import ErringPlan, Mistake

MEMBERS = range(1, 6)
DAYS = {3: date(2026, 3, 31), 4: date(2026, 4, 30), 5: date(2026, 5, 31)}
DECIDED = {3: date(2026, 4, 6), 4: date(2026, 5, 4), 5: date(2026, 6, 3)}
TIGHT = [
    {**TABLES["benefits"][0], "out_of_pocket_max": "150.00"},
    {"product": "HMO", "side": "behavioral", "effective_from": "2026-01-01", "copayment": "60.00"},
]
RATES = {Mistake.WRONG_COST_SHARE: 30, Mistake.DENY_FOR_RECORDS: 30, Mistake.ROUTE_BY_DIAGNOSIS: 20}
RULES = ("mistake_route_by_diagnosis", "mistake_records", "wrong_cost_share")


def month(number: int, random: Random) -> list[Claim]:
    """Some members' claims of a month."""
    claims = []
    for member in MEMBERS:
        if random.random() < 0.2:
            continue
        base = "99492" if number == 3 else "99493"
        lines = [line(base, cents=random.choice([12_000, 15_000, 16_000]), day=DAYS[number])]
        if random.random() < 0.5:
            lines.append(line("99494", 2, units=random.choice([1, 2]), cents=13_000, day=DAYS[number]))
        claims.append(claim(100 * number + member, member_id=f"GHP{member:09d}", lines=tuple(lines)))
    return claims


@pytest.mark.parametrize("seed", range(3))
def test_every_members_year_and_every_payment_come_out_the_same(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    right = ReviewDesk(tmp_path / "right", benefits=TIGHT)
    wrong = ReviewDesk(tmp_path / "wrong", benefits=TIGHT, erring=ErringPlan(RATES, seed))
    paid_right = paid_wrong = 0
    for number in DAYS:
        claims, day = month(number, random), DECIDED[number]
        paid_right += right.take(*claims, received=day, as_of=day).summary["paid_amount_cents"]
        paid_wrong += wrong.take(*claims, received=day, as_of=day).summary["paid_amount_cents"]
    assert paid_wrong != paid_right
    for rule in RULES:
        answer = wrong.correct(rule, days=(date(2026, 1, 1), date(2026, 12, 31)), as_of=date(2026, 9, 1))
        assert sum(one.paid_amount_cents for one in answer.payments) == answer.summary["payment_cents"]
        assert answer.summary["claims_left_to_a_person"] == answer.summary["claims_waiting"] == []
        paid_wrong += answer.summary["payment_cents"] - answer.summary["interest_cents"]
    assert paid_wrong == paid_right
    for member in MEMBERS:
        assert wrong.share_met(f"GHP{member:09d}") == right.share_met(f"GHP{member:09d}")
