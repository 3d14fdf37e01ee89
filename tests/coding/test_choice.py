"""A person chooses among the offered codes, and only among them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from case_samples import EPISODE, case_file, contact, lines_of, policy

from cocm.care.casefile import CaseFile
from cocm.care.records import Decision, DecisionKind
from cocm.coding.choice import with_choice
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind, Proposal

BEFORE = contact("BEFORE", "2026-02-10 09:00")
LATER = case_file(BEFORE, contact("A", minutes=25), reviews=(), caseload_review_held=False)
UNKNOWN = case_file(
    contact("A", minutes=80), episode=replace(EPISODE, first_service_date=None), contacts_complete_from=None
)


def chosen(case: CaseFile, code: str) -> Proposal | None:
    decision = Decision("P1", case.month, DecisionKind.CHOOSE, code, "CM1", date(2026, 4, 2), "as agreed")
    return with_choice(propose(case, policy()), decision, case, policy())


def test_general_bhi_may_be_chosen_and_the_models_line_is_given_up() -> None:
    proposal = chosen(LATER, "99484")
    assert proposal is not None
    assert lines_of(proposal) == {"99484": 1}
    assert proposal.expected_payment_cents == 5745
    assert "CM1 chose 99484 on 2026-04-02" in proposal.reasons[0].text
    assert proposal.rejected[0].hcpcs_code == "G2214"
    assert proposal.rejected[0].reason.text.startswith("given up")


def test_general_bhi_asks_for_no_consultation_but_for_everything_else() -> None:
    assert {item.gap.value for item in propose(LATER, policy()).missing} == {
        "caseload_review",
        "patient_review",
    }
    proposal = chosen(LATER, "99484")
    assert proposal is not None
    assert proposal.missing == ()
    without_diagnosis = chosen(replace(LATER, episode=replace(EPISODE, diagnosis_codes=())), "99484")
    assert without_diagnosis is not None
    assert without_diagnosis.is_blocked


def test_a_reading_of_an_unknown_month_brings_its_add_ons() -> None:
    first, later = chosen(UNKNOWN, "99492"), chosen(UNKNOWN, "99493")
    assert first is not None
    assert later is not None
    assert (first.month_kind, lines_of(first)) == (MonthKind.FIRST, {"99492": 1})
    assert (later.month_kind, lines_of(later)) == (MonthKind.LATER, {"99493": 1, "99494": 1})
    assert later.missing == ()
    assert not later.needs_person
    assert later.expected_payment_cents == 20642


def test_what_is_not_offered_cannot_be_chosen() -> None:
    assert chosen(LATER, "99492") is None
    assert chosen(LATER, "99493") is None
    assert chosen(LATER, "90834") is None
    assert chosen(UNKNOWN, "99494") is None


def test_where_only_the_add_ons_limit_is_unknown_the_base_alone_may_be_chosen() -> None:
    colorado = policy("co-medicaid")
    case = case_file(BEFORE, contact("A", minutes=100))
    offered = propose(case, colorado)
    assert (offered.lines, offered.has_no_data) == ((), True)
    decision = Decision("P1", case.month, DecisionKind.CHOOSE, "99493", "CM1", date(2026, 4, 2), "as agreed")
    proposal = with_choice(offered, decision, case, colorado)
    assert proposal is not None
    assert (lines_of(proposal), proposal.has_no_data, proposal.month_kind) == (
        {"99493": 1},
        False,
        MonthKind.LATER,
    )
    assert proposal.month_kind_reason == offered.month_kind_reason
    assert "given up" in proposal.reasons[1].text
    assert not proposal.needs_person
    assert with_choice(offered, replace(decision, item="99494"), case, colorado) is None
    assert with_choice(offered, replace(decision, item="99492"), case, colorado) is None


def test_an_unknown_month_with_an_unknown_limit_offers_both_bases() -> None:
    colorado = policy("co-medicaid")
    case = replace(UNKNOWN, contacts=(contact("A", minutes=100),))
    offered = propose(case, colorado)
    assert offered.has_no_data
    assert {item.hcpcs_code for item in offered.rejected if item.is_offered} == {"99492", "99493", "99484"}
    decision = Decision("P1", case.month, DecisionKind.CHOOSE, "99493", "CM1", date(2026, 4, 2), "as agreed")
    proposal = with_choice(offered, decision, case, colorado)
    assert proposal is not None
    assert (lines_of(proposal), proposal.month_kind) == ({"99493": 1}, MonthKind.LATER)
