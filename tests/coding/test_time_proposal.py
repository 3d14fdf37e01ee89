"""What is proposed for minutes alone: rejections with their rules, unknown and assumed values, the next tier."""

from __future__ import annotations

from pathlib import Path

import pytest
from case_samples import lines_of, overlay, policy
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.coding.price import published_rate
from cocm.coding.records import MonthKind, TimeProposal
from cocm.coding.time import MINUTES_MAX, propose_for_minutes

KINDS = [MonthKind.FIRST, MonthKind.LATER]
MINUTES = st.integers(0, 400)


def rejection(proposal: TimeProposal, code: str) -> tuple[int, str, list[str]]:
    """Units, words and rule ids of the one rejection of a code."""
    (item,) = [item for item in proposal.rejected if item.hcpcs_code == code]
    return item.units, item.reason.text, [rule.rule_id for rule in item.reason.rules]


@pytest.mark.parametrize("pack_id", ["cpt", "medicare", "ca-commercial-carveout", "nc-medicaid", "full-unit"])
@settings(deadline=None)  # the first example reads rule files
@given(kind=st.sampled_from(KINDS), fewer=MINUTES, more=MINUTES)
def test_more_minutes_never_lower_units(pack_id: str, kind: MonthKind, fewer: int, more: int) -> None:
    few, many = sorted((fewer, more))
    low = lines_of(propose_for_minutes(few, kind, policy(pack_id)))
    high = lines_of(propose_for_minutes(many, kind, policy(pack_id)))
    assert high.get("99494", 0) >= low.get("99494", 0)
    assert len(high) >= len(low)
    base = {"99492", "99493"}
    assert not (base & set(low)) or base & set(low) <= set(high)


@settings(deadline=None)  # the first example reads rule files
@given(kind=st.sampled_from(KINDS), fewer=MINUTES, more=MINUTES)
def test_more_minutes_never_lower_the_payment(kind: MonthKind, fewer: int, more: int) -> None:
    rules = policy("medicare")

    def paid_cents(minutes: int) -> int:
        total = 0
        for line in propose_for_minutes(minutes, kind, rules).lines:
            rate = published_rate(rules, line.hcpcs_code, "11").amount_cents
            assert rate is not None
            total += rate * line.units
        return total

    few, many = sorted((fewer, more))
    assert paid_cents(many) >= paid_cents(few)


@settings(deadline=None)  # the first example reads rule files
@given(kind=st.sampled_from(KINDS), minutes=MINUTES)
def test_the_next_tier_is_reached_by_exactly_the_minutes_it_says(kind: MonthKind, minutes: int) -> None:
    proposal = propose_for_minutes(minutes, kind, policy("medicare"))
    tier = proposal.next_tier
    if tier is None:
        assert lines_of(proposal)["99494"] == 4
        return
    assert tier.minutes_short > 0
    reached = propose_for_minutes(minutes + tier.minutes_short, kind, policy("medicare"))
    assert lines_of(reached)[tier.hcpcs_code] == tier.units
    short = propose_for_minutes(minutes + tier.minutes_short - 1, kind, policy("medicare"))
    assert lines_of(short) == lines_of(proposal)


def test_the_first_months_code_is_rejected_in_a_later_month_by_its_rule() -> None:
    proposal = propose_for_minutes(92, MonthKind.LATER, policy())
    units, text, rules = rejection(proposal, "99492")
    assert (units, rules) == (1, ["codes.first_month", "codes.later_month"])
    assert "first month" in text


def test_an_add_on_without_its_base_is_rejected_by_the_add_on_rule() -> None:
    proposal = propose_for_minutes(30, MonthKind.FIRST, policy())
    assert rejection(proposal, "99494")[2] == ["codes.addon"]
    assert rejection(proposal, "99492") == (
        1,
        "30 minutes are fewer than the 36 that earn it",
        ["time.first_month_min"],
    )


def test_the_short_month_code_is_rejected_once_the_base_is_earned() -> None:
    assert rejection(propose_for_minutes(36, MonthKind.FIRST, policy()), "G2214")[2] == [
        "codes.short_month",
        "time.first_month_min",
    ]


def test_no_minutes_earn_nothing_and_ask_nobody() -> None:
    for pack_id in ("cpt", "medicare", "ca-commercial-carveout", "co-medicaid", "tx-medicaid"):
        proposal = propose_for_minutes(0, MonthKind.LATER, policy(pack_id))
        assert (proposal.lines, proposal.reviews, proposal.has_no_data) == ((), (), False)


def test_minutes_that_no_month_has_are_refused() -> None:
    for minutes in (-1, MINUTES_MAX + 1):
        with pytest.raises(ValueError, match="cannot be a month's"):
            propose_for_minutes(minutes, MonthKind.FIRST, policy())


def test_an_unknown_kind_of_month_is_refused() -> None:
    with pytest.raises(ValueError, match="first or a later month"):
        propose_for_minutes(50, MonthKind.UNKNOWN, policy())


# Unknown values yield no data where they decide -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule_id", "minutes"),
    [
        ("time.first_month_min", 50),
        ("codes.first_month", 50),
        ("codes.short_month", 20),
        ("time.short_month_min", 20),
        ("time.first_month_full", 90),
        ("time.addon_min", 90),
        ("time.addon_full", 90),
        ("codes.addon", 90),
        ("limit.addon_units", 90),
    ],
)
def test_an_unknown_value_that_decides_is_no_data(tmp_path: Path, rule_id: str, minutes: int) -> None:
    rulebook = overlay(tmp_path, {rule_id: "unknown"})
    proposal = propose_for_minutes(minutes, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert proposal.has_no_data
    assert proposal.lines == ()
    assert [rule.rule_id for reason in proposal.reasons for rule in reason.rules] == [rule_id]
    assert "nobody has established" in proposal.reasons[0].text


@pytest.mark.parametrize("rule_id", ["codes.addon", "limit.addon_units", "time.addon_full", "time.addon_min"])
def test_the_base_code_that_is_earned_in_any_case_is_offered(tmp_path: Path, rule_id: str) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {rule_id: "unknown"}))
    proposal = propose_for_minutes(90, MonthKind.FIRST, rules)
    assert (proposal.has_no_data, proposal.lines) == (True, ())
    offered = {item.hcpcs_code: item.units for item in proposal.rejected if item.is_offered}
    assert offered == {"99492": 1, "99484": 1}
    assert "given up" in rejection(proposal, "99492")[1]


def test_where_the_base_itself_is_unknown_only_the_other_service_is_offered(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"codes.short_month": "unknown"}))
    proposal = propose_for_minutes(25, MonthKind.FIRST, rules)
    assert [item.hcpcs_code for item in proposal.rejected] == ["99484"]
    assert propose_for_minutes(19, MonthKind.FIRST, rules).rejected == ()


@pytest.mark.parametrize(
    ("rule_id", "minutes", "expected"),
    [
        ("codes.short_month", 50, {"99492": 1}),
        ("time.short_month_min", 50, {"99492": 1}),
        ("codes.addon", 50, {"99492": 1}),
        ("limit.addon_units", 85, {"99492": 1}),
        ("time.addon_full", 85, {"99492": 1}),
        ("codes.first_month", 20, {"G2214": 1}),
        ("codes.general_bhi", 50, {"99492": 1}),
    ],
)
def test_an_unknown_value_that_does_not_decide_is_passed_over(
    tmp_path: Path, rule_id: str, minutes: int, expected: dict[str, int]
) -> None:
    rulebook = overlay(tmp_path, {rule_id: "unknown"})
    proposal = propose_for_minutes(minutes, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == expected
    assert not proposal.has_no_data


# Assumed values ask for a person where they decide ----------------------------------------------------------


def assumed_reviews(tmp_path: Path, rule_id: str, value: object, minutes: int) -> list[str]:
    rulebook = overlay(tmp_path, {rule_id: value}, confidence="assumed", severity="review")
    proposal = propose_for_minutes(minutes, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    return [rule.rule_id for reason in proposal.reviews for rule in reason.rules]


def test_an_assumed_minimum_that_earns_the_line_is_reviewed(tmp_path: Path) -> None:
    assert assumed_reviews(tmp_path, "time.first_month_min", 36, 50) == ["time.first_month_min"]


def test_an_assumed_add_on_threshold_is_reviewed_whether_met_or_not(tmp_path: Path) -> None:
    assert assumed_reviews(tmp_path, "time.addon_min", 16, 50) == ["time.addon_min"]


def test_an_assumed_short_month_minimum_does_not_matter_to_a_full_month(tmp_path: Path) -> None:
    assert assumed_reviews(tmp_path, "time.short_month_min", 16, 50) == []


def test_an_assumed_cap_never_takes_units_away(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"limit.addon_units": 1}, confidence="assumed", severity="review")
    proposal = propose_for_minutes(116, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == {"99492": 1, "99494": 2}
    assert [rule.rule_id for reason in proposal.reviews for rule in reason.rules] == ["limit.addon_units"]
    assert proposal.next_tier is not None


def test_a_stated_cap_of_a_contract_takes_units_away(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"limit.addon_units": 2})
    proposal = propose_for_minutes(146, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == {"99492": 1, "99494": 2}
    assert rejection(proposal, "99494")[0] == 1


# Codes without time, and codes that are not taken -----------------------------------------------------------


def test_an_untimed_base_needs_some_service_and_takes_no_add_on(tmp_path: Path) -> None:
    values = {"time.first_month_min": None, "time.first_month_full": None, "codes.first_month": "G0568"}
    rules = policy("contract", rulebook=overlay(tmp_path, values))
    for minutes in (1, 20, 200):
        proposal = propose_for_minutes(minutes, MonthKind.FIRST, rules)
        assert lines_of(proposal) == {"G0568": 1}
        assert proposal.next_tier is None
        assert "not timed" in rejection(proposal, "99494")[1]
    nothing = propose_for_minutes(0, MonthKind.FIRST, rules)
    assert (lines_of(nothing), nothing.has_no_data, nothing.next_tier) == ({}, False, None)
    assert "no countable service" in nothing.reasons[0].text


def test_a_code_that_needs_another_beside_it_names_it() -> None:
    proposal = propose_for_minutes(25, MonthKind.FIRST, policy("medicare-apcm"))
    (reason,) = [reason for reason in proposal.reasons if "paid only beside" in reason.text]
    assert "G0556 or G0557 or G0558" in reason.text
    assert [rule.rule_id for rule in reason.rules] == ["codes.required_base"]


def test_an_unknown_base_beside_the_code_asks_for_a_person(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"codes.required_base": "unknown"}))
    proposal = propose_for_minutes(40, MonthKind.LATER, rules)
    assert lines_of(proposal) == {"99493": 1}
    assert [rule.rule_id for reason in proposal.reviews for rule in reason.rules] == ["codes.required_base"]


def test_a_code_that_state_law_names_says_so() -> None:
    proposal = propose_for_minutes(90, MonthKind.LATER, policy("nj-commercial"))
    (reason,) = [reason for reason in proposal.reasons if "state law" in reason.text]
    assert "99493, 99494" in reason.text
    assert [rule.rule_id for rule in reason.rules] == ["coverage.mandated_codes"]


def test_a_payer_without_add_on_code_pays_the_base_alone(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"codes.addon": None})
    proposal = propose_for_minutes(200, MonthKind.LATER, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == {"99493": 1}
    assert proposal.next_tier is None


def test_a_payer_without_the_model_earns_nothing_and_it_is_said(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"codes.first_month": None})
    proposal = propose_for_minutes(90, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == {}
    assert not proposal.has_no_data
    assert proposal.reasons[0].rules[0].rule_id == "codes.first_month"


def test_an_add_on_that_does_not_repeat_is_earned_once(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"time.addon_full": None})
    proposal = propose_for_minutes(300, MonthKind.FIRST, policy("contract", rulebook=rulebook))
    assert lines_of(proposal) == {"99492": 1, "99494": 1}


# Defects seen in shipped software (product sheet 1.6) -------------------------------------------------------


def test_the_midpoint_earns_the_base_not_the_full_time() -> None:
    """Seen: the first month only above 70 minutes, later ones only above 60."""
    assert lines_of(propose_for_minutes(36, MonthKind.FIRST, policy())) == {"99492": 1}
    assert lines_of(propose_for_minutes(70, MonthKind.FIRST, policy())) == {"99492": 1}
    assert lines_of(propose_for_minutes(31, MonthKind.LATER, policy())) == {"99493": 1}
    assert lines_of(propose_for_minutes(60, MonthKind.LATER, policy())) == {"99493": 1}


def test_add_ons_are_units_and_never_minutes_nor_negative() -> None:
    """Seen: int((minutes - 70) / 30) * 30, which is minutes, and below zero for a short month."""
    for minutes in range(241):
        units = lines_of(propose_for_minutes(minutes, MonthKind.FIRST, policy("cpt"))).get("99494", 0)
        assert 0 <= units <= 6


def test_a_vendors_bands_are_not_copied() -> None:
    """Seen: first month up to 75 minutes, second month up to 65, from the third month on up to 40."""
    assert lines_of(propose_for_minutes(85, MonthKind.FIRST, policy())) == {"99492": 1}
    assert lines_of(propose_for_minutes(75, MonthKind.LATER, policy())) == {"99493": 1}
    assert "99484" not in lines_of(propose_for_minutes(19, MonthKind.LATER, policy()))
