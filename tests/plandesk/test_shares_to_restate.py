"""A sender's correction that frees what was met of a deductible names the claims that were decided by it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from desk_samples import LATER, DeskAnswer, ReviewDesk
from plan_samples import TABLES, claim, line

from cocm.plandesk.decide import Action

MEMBER, SECOND, THIRD = "GHP000000001", "C-00000000000501", "C-00000000000502"


def year_of_claims(folder: Path) -> tuple[ReviewDesk, str]:
    """Three claims of a member, the first of which met the deductible; and its number."""
    desk = ReviewDesk(folder)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(501, member_id=MEMBER, lines=(line("99213", day=date(2026, 4, 1)),)))
    desk.take(claim(502, member_id=MEMBER, lines=(line("99213", day=date(2026, 4, 3)),)))
    return desk, number


def listed(answer: DeskAnswer) -> list[str]:
    if "shares_to_restate.csv" not in answer.files:
        return []
    return [
        row["claim_id"]
        for row in csv.DictReader(answer.bytes_of("shares_to_restate.csv").decode().splitlines())
    ]


def test_later_claims_of_a_voided_one_are_listed_and_worked_out_again(tmp_path: Path) -> None:
    desk, number = year_of_claims(tmp_path)
    void = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))
    assert listed(void) == [SECOND, THIRD]
    assert void.summary["shares_to_restate"] == 2
    assert desk.share_met(MEMBER) == (0, 2 * 1_800)
    again = desk.decide(SECOND, Action.READJUDICATE)
    assert again.summary["claims_restated_for_share"] == 1
    assert desk.share_met(MEMBER) == (10_000, 9_000 + 1_000 + 1_600)


@pytest.mark.parametrize(("cents", "expected"), [(5_000, [SECOND, THIRD]), (15_000, [])])
def test_a_replacement_lists_them_where_it_meets_less(
    tmp_path: Path, cents: int, expected: list[str]
) -> None:
    desk, number = year_of_claims(tmp_path)
    lines = (
        (line("99492", cents=cents), *claim(1).lines[1:]) if not expected else (line("99492", cents=cents),)
    )
    answer = desk.take(claim(1, frequency_code="7", payer_claim_control_number=number, lines=lines))
    assert listed(answer) == expected
    assert answer.summary["shares_to_restate"] == len(expected)


def test_claims_decided_after_the_correction_and_of_others_are_not_listed(tmp_path: Path) -> None:
    desk, number = year_of_claims(tmp_path)
    desk.take(claim(2))
    later = claim(503, member_id=MEMBER, lines=(line("99213", day=date(2026, 4, 4)),))
    answer = desk.take(claim(1, frequency_code="8", payer_claim_control_number=number), later)
    assert listed(answer) == [SECOND, THIRD]


def test_nothing_is_listed_where_a_share_hangs_on_no_claim_before(tmp_path: Path) -> None:
    flat = [{**TABLES["benefits"][1], "side": side} for side in ("medical", "behavioral")]
    desk = ReviewDesk(tmp_path, benefits=flat)
    number = desk.take(claim(1)).claims[0].payer_claim_control_number
    desk.take(claim(501, member_id=MEMBER, lines=(line("99213", day=date(2026, 4, 1)),)))
    assert listed(desk.take(claim(1, frequency_code="8", payer_claim_control_number=number))) == []


def test_a_replacement_that_waited_lists_them_when_it_is_decided(tmp_path: Path) -> None:
    desk, number = year_of_claims(tmp_path)
    desk.mend(fees=[row for row in TABLES["fees"] if row["hcpcs_code"] != "99493"])
    lines = (line("99493", cents=5_000),)
    waiting = desk.take(
        claim(1, claim_id="C-R", frequency_code="7", payer_claim_control_number=number, lines=lines)
    )
    assert listed(waiting) == []
    desk.mend()
    answer = desk.decide("C-R", Action.READJUDICATE)
    assert listed(answer) == [SECOND, THIRD]
    assert answer.summary["shares_to_restate"] == 2


def test_they_are_listed_where_the_plan_had_decided_the_first_again(tmp_path: Path) -> None:
    desk, _ = year_of_claims(tmp_path)
    fees = [{**row, "amount": "160.00"} if row["hcpcs_code"] == "99492" else row for row in TABLES["fees"]]
    desk.mend(fees=fees)
    again = desk.decide("C-00000000000001", Action.READJUDICATE).summary["claim_number"]
    void = desk.take(
        claim(1, frequency_code="8", payer_claim_control_number=again), received=LATER, as_of=LATER
    )
    assert listed(void) == [SECOND, THIRD]


def test_they_are_listed_where_a_replacement_moves_to_another_year(tmp_path: Path) -> None:
    later = {"received": date(2027, 1, 20), "as_of": date(2027, 1, 20)}
    desk = ReviewDesk(tmp_path)
    first = desk.take(claim(1, lines=(line("99492"),)), **later)
    desk.take(claim(501, member_id=MEMBER, lines=(line("99213", day=date(2026, 4, 1)),)), **later)
    moved = claim(
        1,
        claim_id="C-R",
        frequency_code="7",
        payer_claim_control_number=first.claims[0].payer_claim_control_number,
        lines=(line("99492", day=date(2027, 1, 5)),),
    )
    assert listed(desk.take(moved, **later)) == [SECOND]
