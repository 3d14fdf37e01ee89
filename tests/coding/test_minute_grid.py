"""Every minute from 0 to 240, first and later month, against ranges written by hand (policy sheet 2.2 and 2.7)."""

from __future__ import annotations

from datetime import date

import pytest
from case_samples import lines_of, policy

from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes

# (from minute, to minute, base code or none, add-on units, does a person look at the number of units?)
FIRST_WITH_SHORT_MONTH = [
    (0, 15, None, 0, False),
    (16, 35, "G2214", 0, False),
    (36, 85, "99492", 0, False),
    (86, 115, "99492", 1, False),
    (116, 145, "99492", 2, False),
    (146, 175, "99492", 3, True),
    (176, 240, "99492", 4, True),
]
LATER_WITH_SHORT_MONTH = [
    (0, 15, None, 0, False),
    (16, 30, "G2214", 0, False),
    (31, 75, "99493", 0, False),
    (76, 105, "99493", 1, False),
    (106, 135, "99493", 2, False),
    (136, 165, "99493", 3, True),
    (166, 240, "99493", 4, True),
]
FIRST_WITHOUT_LIMIT = [
    (0, 35, None, 0, False),
    (36, 85, "99492", 0, False),
    (86, 115, "99492", 1, False),
    (116, 145, "99492", 2, False),
    (146, 175, "99492", 3, False),
    (176, 205, "99492", 4, False),
    (206, 235, "99492", 5, False),
    (236, 240, "99492", 6, False),
]
LATER_WITHOUT_LIMIT = [
    (0, 30, None, 0, False),
    (31, 75, "99493", 0, False),
    (76, 105, "99493", 1, False),
    (106, 135, "99493", 2, False),
    (136, 165, "99493", 3, False),
    (166, 195, "99493", 4, False),
    (196, 225, "99493", 5, False),
    (226, 240, "99493", 6, False),
]
GRID = {
    ("medicare", MonthKind.FIRST): FIRST_WITH_SHORT_MONTH,
    ("medicare", MonthKind.LATER): LATER_WITH_SHORT_MONTH,
    ("cpt", MonthKind.FIRST): FIRST_WITHOUT_LIMIT,
    ("cpt", MonthKind.LATER): LATER_WITHOUT_LIMIT,
}
QUESTIONED_ABOVE_TWO = "ca-commercial-carveout"


def expected_rows(pack_id: str, kind: MonthKind) -> list[tuple[int, int, str | None, int, bool]]:
    """The ranges of a pack; California's plan pays as the code set does, and questions more than two units."""
    if pack_id != QUESTIONED_ABOVE_TWO:
        return GRID[(pack_id, kind)]
    return [(low, high, base, units, units > 2) for low, high, base, units, _ in GRID[("cpt", kind)]]


@pytest.mark.parametrize("kind", [MonthKind.FIRST, MonthKind.LATER])
@pytest.mark.parametrize("pack_id", ["cpt", "medicare", "ca-commercial-carveout"])
def test_every_minute_earns_what_the_table_says(pack_id: str, kind: MonthKind) -> None:
    rules = policy(pack_id)
    asked = []
    for low, high, base, units, is_questioned in expected_rows(pack_id, kind):
        for minutes in range(low, high + 1):
            proposal = propose_for_minutes(minutes, kind, rules)
            expected = {code: count for code, count in ((base, 1), ("99494", units)) if code and count}
            assert lines_of(proposal) == expected, (pack_id, kind, minutes)
            assert not proposal.has_no_data
            questioned = any("limit." in rule.rule_id for reason in proposal.reviews for rule in reason.rules)
            assert questioned == is_questioned, (pack_id, kind, minutes)
            asked.append(minutes)
    assert asked == list(range(241))


@pytest.mark.parametrize(("kind", "base"), [(MonthKind.FIRST, "99492"), (MonthKind.LATER, "99493")])
def test_general_bhi_is_offered_from_twenty_minutes_and_never_chosen(kind: MonthKind, base: str) -> None:
    for minutes in range(241):
        proposal = propose_for_minutes(minutes, kind, policy("medicare"))
        offered = [item.hcpcs_code for item in proposal.rejected if item.is_offered]
        assert offered == (["99484"] if minutes >= 20 else []), minutes
        assert "99484" not in lines_of(proposal)


def test_units_over_the_limit_are_given_up_and_said_so() -> None:
    proposal = propose_for_minutes(206, MonthKind.FIRST, policy("medicare"))
    lost = [item for item in proposal.rejected if item.hcpcs_code == "99494"]
    assert [(item.units, item.reason.rules[0].rule_id) for item in lost] == [(1, "limit.addon_units")]
    assert "1 unit lost" in lost[0].reason.text
    assert proposal.next_tier is None


def test_the_codes_of_2017_are_medicares_own() -> None:
    proposal = propose_for_minutes(92, MonthKind.FIRST, policy("medicare", date(2017, 6, 30)))
    assert lines_of(proposal) == {"G0502": 1, "G0504": 1}


def test_before_the_model_existed_there_is_no_code_and_it_is_said() -> None:
    proposal = propose_for_minutes(92, MonthKind.FIRST, policy("medicare", date(2016, 12, 31)))
    assert lines_of(proposal) == {}
    assert not proposal.has_no_data
    assert "not defined on this date" in proposal.reasons[0].text


def test_the_short_month_code_begins_in_2021() -> None:
    assert lines_of(propose_for_minutes(20, MonthKind.LATER, policy("medicare", date(2020, 12, 31)))) == {}
    assert lines_of(propose_for_minutes(20, MonthKind.LATER, policy("medicare", date(2021, 1, 31)))) == {
        "G2214": 1
    }
