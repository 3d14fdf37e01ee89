"""A sender's correction that frees what was met of a deductible names the claims that were decided by it."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from desk_samples import DeskAnswer, ReviewDesk
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
