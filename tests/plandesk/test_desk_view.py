"""What a reviewer sees: the queue, the checklist with its reasons, and claims side by side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from desk_samples import ReviewDesk
from plan_samples import LATER_LINE, TABLES, claim, line, therapy

from cocm.plan.checklist import Checked
from cocm.plan.duplicates import Combination
from cocm.plan.mistakes import Mistake
from cocm.plandesk.desk_view import ClaimView

FIRST = "C-00000000000001"
NO_CARVE_OUT = TABLES["delegations"][1:]


def answers(shown: ClaimView) -> dict[str, Checked]:
    return {one.item.name: one.state for one in shown.checklist}


def test_queue_is_by_the_clock_and_empty_when_nothing_waits(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    both = (line("99492"), line("99493", 2))
    desk.take(claim(1, lines=both), received=date(2026, 4, 6))
    desk.take(claim(2, lines=both), claim(3), received=date(2026, 4, 1))
    assert [one.claim_id for one in desk.queue.claims] == ["C-00000000000002", FIRST]
    assert desk.queue.claims[0].due_date == date(2026, 5, 1)
    assert desk.queue.claims_taken_in == 3


def test_checklist_of_a_claim_without_fault_is_yes_or_unknown_never_no(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    shown = desk.view(FIRST)
    assert answers(shown) == {
        "right_benefit": Checked.YES,
        "right_parties": Checked.UNKNOWN,
        "month_logic": Checked.UNKNOWN,
        "allowed_combination": Checked.YES,
        "minutes_evidence": Checked.UNKNOWN,
    }
    assert shown.claim.answer.value == "denied"
    assert shown.today.answer.value == "paid"


def test_each_point_has_its_rule_with_date_and_source(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=(line("99492"), line("99493", 2))))
    shown = desk.view(FIRST)
    (month,) = [one for one in shown.checklist if one.item.name == "month_logic"]
    assert month.state is Checked.NO
    failed = [point for point in month.points if point.state is Checked.NO]
    assert {point.what for point in failed} == {"line 1, base.both_codes", "line 2, base.both_codes"}
    assert failed[0].facts
    assert any("from 2" in cite and "stated" in cite for cite in failed[0].cites)


def test_minutes_are_unknown_until_a_person_read_records(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DENY_FOR_RECORDS)
    desk.take(claim(1))
    (evidence,) = [one for one in desk.view(FIRST).checklist if one.item.name == "minutes_evidence"]
    assert "minutes, consent and visit are not on a claim" in evidence.points[0].text
    desk.err_no_more()
    desk.accept(FIRST, minutes=130)
    (evidence,) = [one for one in desk.view(FIRST).checklist if one.item.name == "minutes_evidence"]
    assert evidence.points[0].state is Checked.YES
    assert evidence.points[0].facts["minutes_counted"] == 130
    assert all("minutes.below_code" not in point.what for point in evidence.points)


def test_member_whom_nobody_knows_is_unknown_not_no(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(77))
    assert set(answers(desk.view("C-00000000000077")).values()) == {Checked.UNKNOWN}


def test_line_outside_the_coverage_is_no_right_benefit(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, members=[{**TABLES["members"][0], "coverage_to": "2026-03-15"}])
    desk.take(claim(1))
    assert answers(desk.view(FIRST))["right_benefit"] is Checked.NO


def test_claim_of_another_entity_is_no_right_benefit_here(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(9))
    assert answers(desk.view("C-00000000000009"))["right_benefit"] is Checked.NO


def test_true_duplicate_stands_side_by_side_with_what_is_the_same(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path)
    desk.take(claim(1, lines=(LATER_LINE,)))
    again = replace(LATER_LINE, charge_amount_cents=15_000)
    desk.take(claim(501, member_id="GHP000000001", lines=(again,)))
    shown = desk.view("C-00000000000501")
    (pair,) = shown.beside
    assert pair.comparison.combination is Combination.DUPLICATE
    assert pair.comparison.why == "the same code of the same biller for the same month"
    assert {"code", "month", "billing NPI", "billing tax id"} <= set(pair.same)
    assert set(pair.differs) == {"charge", "claim id"}
    assert answers(shown)["allowed_combination"] is Checked.NO


def test_treatment_outside_the_model_stands_beside_with_the_rule_that_allows_it(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, Mistake.DUPLICATE_OF_PSYCHOTHERAPY, delegations=NO_CARVE_OUT)
    desk.take(therapy(1))
    desk.take(claim(1))
    shown = desk.view(FIRST)
    assert {pair.comparison.combination for pair in shown.beside} == {Combination.ALLOWED}
    assert {"code", "billing NPI"} <= set(shown.beside[0].differs)
    assert shown.beside[0].comparison.rule is not None
    assert answers(shown)["allowed_combination"] is Checked.YES


def test_several_claims_beside_are_told_claim_by_claim(tmp_path: Path) -> None:
    desk = ReviewDesk(tmp_path, delegations=NO_CARVE_OUT)
    desk.take(therapy(1, 501))
    desk.take(replace(therapy(1, 502), lines=(line("90834", day=date(2026, 3, 10)),)))
    desk.take(claim(1, lines=(line("99492"), line("99493", 2))))
    numbers = [pair.comparison.other_claim_number for pair in desk.view(FIRST).beside]
    assert len(numbers) == 4
    assert numbers == sorted(numbers)
