"""One cost share for the model whichever system takes the claim in, or the difference with whom it touches."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from desk_samples import ReviewDesk
from plan_samples import RULEBOOK, TABLES, claim, line

from cocm.plan.benefit_check import waivers_ignored
from cocm.plan.mistakes import Mistake
from cocm.plandesk.benefits import AffectedDifference, check_benefits
from cocm.plandesk.state import PlanState

MEDICAL = TABLES["benefits"][0]


def checked(desk: ReviewDesk) -> tuple[AffectedDifference, ...]:
    if not desk.state.exists():
        return check_benefits(desk.book, desk.rulebook, None)
    with PlanState(desk.state, desk.book.profile.plan_id) as state:
        return check_benefits(desk.book, desk.rulebook, state)


def side(name: str, **terms: str) -> dict[str, str]:
    return {"product": "HMO", "side": name, "effective_from": "2026-01-01", **terms}


def test_same_terms_on_both_sides_are_no_difference(tmp_path: Path) -> None:
    assert checked(ReviewDesk(tmp_path, benefits=[MEDICAL, {**MEDICAL, "side": "behavioral"}])) == ()


def test_a_row_of_the_models_own_goes_before_the_sides_general_one(tmp_path: Path) -> None:
    own = {**MEDICAL, "side": "behavioral", "service": "cocm"}
    desk = ReviewDesk(tmp_path, benefits=[MEDICAL, side("behavioral", copayment="75.00"), own])
    assert checked(desk) == ()


def test_waived_on_both_sides_costs_the_same_whatever_else_stands_there(tmp_path: Path) -> None:
    both = [side("medical", is_waived="yes"), side("behavioral", is_waived="yes", copayment="75.00")]
    assert checked(ReviewDesk(tmp_path, benefits=both)) == ()


def test_difference_names_terms_codes_members_claims_and_money(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.WRONG_COST_SHARE)
    desk.take(claim(1), claim(2))
    (found,) = checked(desk)
    assert set(found.difference.terms) == {
        "deductible_cents", "copayment_cents", "coinsurance_percent", "out_of_pocket_max_cents",
    }  # fmt: skip
    assert "copayment $0.00 medical, $75.00 behavioral" in found.difference.what
    assert found.hcpcs_codes == ("99492", "99493", "99494")
    assert (found.members_covered, found.members_with_claims, len(found.claim_numbers)) == (9, 2, 2)
    assert (found.charged_cents, found.medical_cents, found.behavioral_cents) == (15_000, 26_800, 15_000)
    assert found.as_json()["charged_above_medical_cents"] == -11_800


def test_terms_older_than_the_codes_name_the_codes_that_came_later(tmp_path: Path) -> None:
    old = [{**MEDICAL, "effective_from": "2010-01-01"}, side("behavioral", effective_from="2010-01-01")]
    (found,) = checked(ReviewDesk(tmp_path, benefits=old))
    assert str(found.difference.period) == "2010-01-01 onwards"
    assert {"99492", "99493", "99494"} <= set(found.hcpcs_codes)


MAY = date(2026, 5, 4)


def test_share_is_reckoned_at_the_claims_place_in_the_year(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    april = (line("99493", cents=14_000, day=date(2026, 4, 30)),)
    desk.take(claim(1), claim(501, member_id="GHP000000001", lines=april), received=MAY, as_of=MAY)
    (found,) = checked(desk)
    assert found.charged_cents == found.medical_cents == 13_400 + 2_600
    assert found.behavioral_cents == 2 * 7_500


def test_days_are_cut_where_a_side_changes(tmp_path: Path) -> None:
    first = side("behavioral", effective_to="2026-06-30", deductible="100.00", coinsurance_percent="20",
                 out_of_pocket_max="2000.00")  # fmt: skip
    second = {**side("behavioral", copayment="75.00"), "effective_from": "2026-07-01"}
    (found,) = checked(ReviewDesk(tmp_path, benefits=[MEDICAL, first, second]))
    assert str(found.difference.period) == "2026-07-01 onwards"


def test_side_without_a_row_is_told(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, benefits=[MEDICAL])
    desk.take(claim(1))
    (found,) = checked(desk)
    assert found.difference.what == "only the medical side has a benefit"
    assert found.medical_cents == 13_400
    assert found.behavioral_cents == 0


def test_nothing_decided_yet_still_tells_whom_it_would_touch(tmp_path: Path) -> None:
    (found,) = checked(ReviewDesk(tmp_path))
    assert (found.members_covered, found.members_with_claims) == (9, 0)


@pytest.mark.parametrize(("day", "is_waived", "expected"), [
    ("2021-01-01", "no", 2), ("2021-01-01", "yes", 0), ("2023-01-01", "no", 0),
])  # fmt: skip
def test_share_that_the_payers_own_rule_waives_is_told(
    tmp_path: Path, day: str, is_waived: str, expected: int
) -> None:
    rows = [
        {**MEDICAL, "side": name, "effective_from": day, "is_waived": is_waived}
        for name in ("medical", "behavioral")
    ]
    book = ReviewDesk(tmp_path, benefits=rows).book
    ignored = waivers_ignored(book.benefits, RULEBOOK.pack("mi-bcbsm"))
    assert len(ignored) == expected
    assert {str(one.period) for one in ignored} <= {"2021-01-01 to 2022-04-30"}
    assert all("payment.cost_share = waived" in one.rule.cite for one in ignored)
