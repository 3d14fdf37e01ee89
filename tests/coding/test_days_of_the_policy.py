"""A month's minutes end with the episode and belong to the payer whose policy covers their day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from case_samples import COVERAGE, EPISODE, case_file, contact, lines_of, policy

from cocm.care.casefile import CaseFile
from cocm.coding.proposal import propose

BEFORE = contact("B1", "2026-02-10 09:00", 40)
EARLY = contact("E1", "2026-03-05 09:00", 40)
LATE = contact("L1", "2026-03-25 09:00", 40)


def month(*, contacts: Any = (BEFORE, EARLY, LATE), **changes: Any) -> CaseFile:
    return case_file(*contacts, **changes)


def left_out(case: CaseFile) -> dict[str, str]:
    """Why each contact that does not count at all does not."""
    ledger = propose(case, policy()).ledger
    assert ledger.counted_seconds + ledger.excluded_seconds == ledger.logged_seconds
    return {
        entry.contact_id: entry.exclusions[0].reason.value for entry in ledger.entries if entry.exclusions
    }


def until(last_day: date) -> Any:
    return replace(COVERAGE, coverage_to=last_day)


def test_contacts_after_death_or_the_end_of_the_episode_earn_nothing() -> None:
    ended = replace(EPISODE, end_date=date(2026, 3, 10), end_reason="deceased")
    assert left_out(month(episode=ended)) == {"L1": "after_end"}
    assert lines_of(propose(month(episode=ended), policy())) == {"99493": 1}
    assert lines_of(propose(month(), policy())) == {"99493": 1, "99494": 1}


def test_minutes_after_the_cover_ended_are_not_billed_to_its_payer() -> None:
    case = month(coverages=(until(date(2026, 3, 24)),))
    assert left_out(case) == {"L1": "not_covered"}
    assert lines_of(propose(case, policy())) == {"99493": 1}
    assert left_out(month(coverages=(until(date(2026, 3, 25)),))) == {}


def test_minutes_before_the_cover_began_are_not_billed_to_its_payer() -> None:
    begins = replace(COVERAGE, coverage_from=date(2026, 3, 6))
    case = month(coverages=(begins,))
    assert left_out(case) == {"E1": "not_covered"}
    assert propose(case, policy()).month_kind_reason == propose(month(), policy()).month_kind_reason


def test_a_change_of_payer_in_the_month_leaves_each_day_to_its_own_payer() -> None:
    next_payer = replace(COVERAGE, payer_id="PAY2", coverage_from=date(2026, 3, 16))
    assert left_out(month(coverages=(until(date(2026, 3, 15)), next_payer))) == {"L1": "not_covered"}


def test_a_policy_renewed_in_the_month_is_one_policy() -> None:
    renewed = replace(COVERAGE, coverage_from=date(2026, 3, 16))
    assert left_out(month(coverages=(until(date(2026, 3, 15)), renewed))) == {}


def test_without_a_coverage_the_month_is_counted_and_the_gap_is_said() -> None:
    assert left_out(month(coverages=(), payer=None)) == {}


def test_the_eve_that_ran_into_the_month_still_counts_only_once() -> None:
    eve = contact("B1", "2026-02-28 23:30", 60)
    first = contact("E1", "2026-03-01 00:10", 30)
    ends = propose(month(contacts=(eve, first), coverages=(until(date(2026, 3, 24)),)), policy()).ledger
    assert ends.counted_seconds == 600
