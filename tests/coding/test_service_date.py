"""A claim's one date of service: the month's last covered day, or the day on which its lines were earned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from case_samples import COVERAGE, MARCH, case_file, contact, lines_of, overlay, policy

from cocm.care.records import Contact
from cocm.claims.build import service_date
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind
from cocm.coding.tiers import minutes_needed
from cocm.coding.time import propose_for_minutes
from cocm.rules import PackOn

FEBRUARY = contact("FEB", "2026-02-10 09:00", 40)
MONTH = (
    FEBRUARY,
    contact("A", "2026-03-03 09:00", 20),
    contact("B", "2026-03-09 09:00", 20),
    contact("C", "2026-03-16 09:00", 40),
    contact("D", "2026-03-24 09:00", 10),
)


@pytest.fixture
def threshold(tmp_path: Path) -> PackOn:
    """Medicare's minutes under a contract that dates the claim by the minimum."""
    rules = overlay(tmp_path, {"claim.service_date_basis": "threshold_date"})
    return policy("contract", rulebook=rules)


@pytest.mark.parametrize(
    ("contacts", "lines", "day"),
    [
        (MONTH[:3], {"99493": 1}, 9),
        ((*MONTH[:3], MONTH[4]), {"99493": 1}, 9),
        (MONTH[:4], {"99493": 1, "99494": 1}, 16),
        (MONTH, {"99493": 1, "99494": 1}, 16),
        (MONTH[:2], {"G2214": 1}, 3),
    ],
    ids=["base", "minutes to no purpose later", "add-on", "add-on and more", "short month"],
)
def test_the_threshold_date_is_the_day_on_which_the_lines_were_earned(
    threshold: PackOn, contacts: tuple[Contact, ...], lines: dict[str, int], day: int
) -> None:
    case = case_file(*contacts)
    proposal = propose(case, threshold)
    assert lines_of(proposal) == lines
    assert service_date(case, proposal, threshold) == date(2026, 3, day)
    assert service_date(case, proposal, policy()) == MARCH.last_day


def test_a_month_without_minutes_keeps_its_last_day(threshold: PackOn) -> None:
    case = case_file(FEBRUARY)
    assert service_date(case, propose(case, threshold), threshold) == MARCH.last_day


def test_the_last_day_is_the_policys_own_unless_it_was_renewed() -> None:
    ended = replace(COVERAGE, coverage_to=date(2026, 3, 20))
    renewed = replace(COVERAGE, coverage_from=date(2026, 3, 21))
    others = replace(renewed, payer_id="PAY2")
    days = []
    for coverages in ((ended,), (ended, others), (ended, renewed)):
        case = case_file(*MONTH, coverages=coverages)
        days.append(service_date(case, propose(case, policy()), policy()).day)
    assert days == [20, 20, 31]


@pytest.mark.parametrize("kind", [MonthKind.FIRST, MonthKind.LATER])
@pytest.mark.parametrize("pack_id", ["medicare", "cpt"])
def test_the_minutes_needed_earn_the_lines_and_one_less_does_not(kind: MonthKind, pack_id: str) -> None:
    rules = policy(pack_id)
    for minutes in range(200):
        lines = propose_for_minutes(minutes, kind, rules).lines
        if not lines:
            continue
        needed = minutes_needed(lines, rules)
        assert needed <= minutes
        assert propose_for_minutes(needed, kind, rules).lines == lines
        assert propose_for_minutes(needed - 1, kind, rules).lines != lines
