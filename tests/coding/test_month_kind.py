"""First or later month: what the records prove, and what they cannot tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_samples import EPISODE, SHIPPED, case_file, contact, history, overlay, policy

from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.care.records import Activity, Answer, ClaimStatus, Consent, Contact, Outcome, Programme
from cocm.coding.month_kind import decide_month_kind, model_codes
from cocm.coding.records import MonthKind
from cocm.rules import PackOn, Rulebook

NEW_EPISODE = replace(EPISODE, first_service_date=None)
FIRST, LATER, UNKNOWN = MonthKind.FIRST, MonthKind.LATER, MonthKind.UNKNOWN


def kind(*contacts: Contact, rules: PackOn | None = None, **changes: Any) -> MonthKind:
    """The kind of March 2026 for an episode that states no first service, unless changed."""
    changes.setdefault("episode", NEW_EPISODE)
    case = case_file(*contacts, contact("NOW", "2026-03-10 09:00"), **changes)
    return decide_month_kind(case, rules or policy()).kind


def in_month(text: str, minutes: float = 20, **changes: Any) -> Contact:
    return contact(text, f"{text}-15 09:00", minutes, **changes)


# Service and the gap ----------------------------------------------------------------------------------------


def test_no_service_before_is_a_first_month() -> None:
    assert kind() is FIRST


def test_the_month_after_service_is_a_later_month() -> None:
    assert kind(in_month("2026-02")) is LATER


@pytest.mark.parametrize(
    ("last", "expected"),
    [("2025-10", LATER), ("2025-09", FIRST), ("2025-03", FIRST)],
    ids=["4 empty", "5 empty", "11 empty"],
)
def test_how_long_a_gap_of_five_months_must_be(tmp_path: Path, last: str, expected: MonthKind) -> None:
    five = policy("contract", rulebook=overlay(tmp_path, {"episode.gap_months": 5}))
    assert kind(in_month(last), rules=five) is expected


def test_five_empty_months_go_on_and_six_begin_again() -> None:
    assert kind(in_month("2025-09")) is LATER
    assert kind(in_month("2025-08")) is FIRST


def test_the_same_month_of_another_year_is_no_first_month() -> None:
    """Seen in shipped software: year and month compared so that another year's same month passed as the first."""
    months = [in_month(f"2025-{number:02d}") for number in range(3, 13)]
    months += [in_month("2026-01"), in_month("2026-02")]
    assert kind(*months) is LATER


def test_a_later_month_of_the_same_year_is_a_later_month() -> None:
    """Seen in shipped software: the branch was turned round, so later months of a year never qualified."""
    assert kind(in_month("2026-01"), in_month("2026-02")) is LATER


def test_an_evening_contact_belongs_to_its_local_month() -> None:
    """Seen in shipped software: months cut in UTC, where this contact lies in March and not in February."""
    assert kind(contact("A", "2026-02-28 17:30", 20)) is LATER


def test_a_first_month_below_its_threshold_makes_the_next_a_later_month() -> None:
    assert kind(in_month("2026-02", minutes=5)) is LATER


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.ATTEMPT},
        {"activity": Activity.SCHEDULING},
        {"programme": Programme.CCM},
        {"role": Role.PSYCHIATRIC_CONSULTANT, "staff_id": "PC1"},
        {"billed_elsewhere_seconds": 1200},
        {"service_seconds": 0},
    ],
)
def test_what_does_not_count_is_no_service(changes: dict[str, Any]) -> None:
    assert kind(in_month("2026-02", **changes)) is FIRST


def test_a_corrected_contact_is_no_service() -> None:
    moved = contact("B", "2026-03-02 09:00", corrects_contact_id="2026-02")
    assert kind(in_month("2026-02"), moved) is FIRST


def test_time_before_consent_within_the_episode_is_no_service() -> None:
    episode = replace(
        NEW_EPISODE,
        start_date=date(2026, 2, 2),
        consent=Consent(Answer.YES, date(2026, 3, 2), "verbal", "CM1", Answer.YES),
    )
    assert kind(in_month("2026-02"), episode=episode) is FIRST


def test_service_of_an_earlier_course_counts_although_consent_was_renewed() -> None:
    """Discharge and return within six months: no second first month."""
    episode = replace(
        NEW_EPISODE,
        start_date=date(2026, 3, 2),
        first_service_date=date(2026, 3, 10),
        consent=Consent(Answer.YES, date(2026, 3, 2), "verbal", "CM1", Answer.YES),
    )
    assert kind(in_month("2025-12"), episode=episode) is LATER


def test_months_after_the_one_decided_prove_nothing() -> None:
    assert kind(contact("A", "2026-04-10 09:00")) is FIRST


# Claim history and the episode's own statement --------------------------------------------------------------


def test_a_claim_line_of_the_model_is_service() -> None:
    assert kind(history=(history("99492", Month(2026, 2)),)) is LATER
    assert kind(history=(history("99494", Month(2026, 2)),)) is LATER


def test_another_payers_code_is_service_too() -> None:
    short = history("G2214", Month(2026, 2), payer_id="OTHER")
    assert kind(history=(short,), rules=policy("ca-commercial-carveout")) is LATER


def test_the_codes_of_2017_are_service(tmp_path: Path) -> None:
    case = case_file(
        contact("A", "2018-01-10 09:00"),
        month=Month(2018, 1),
        episode=replace(NEW_EPISODE, start_date=date(2017, 12, 1)),
        history=(history("G0502", Month(2017, 12)),),
    )
    assert decide_month_kind(case, policy("medicare", date(2018, 1, 31))).kind is LATER


def test_a_clinics_one_code_proves_service_and_nothing_more() -> None:
    codes = model_codes(SHIPPED, Month(2025, 12).index)
    assert codes["G0512"] is UNKNOWN
    assert (codes["99492"], codes["99493"], codes["99494"]) == (FIRST, LATER, None)
    january = case_file(
        contact("A", "2026-01-10 09:00"),
        month=Month(2026, 1),
        episode=replace(NEW_EPISODE, start_date=date(2025, 12, 1)),
        history=(history("G0512", Month(2025, 12)),),
    )
    rules = policy("medicare-rhc-fqhc", date(2026, 1, 31))
    assert decide_month_kind(january, rules).kind is LATER


@pytest.mark.parametrize(
    "changes", [{"status": ClaimStatus.REJECTED}, {"status": ClaimStatus.VOIDED}, {"frequency_code": "8"}]
)
def test_a_claim_that_does_not_stand_is_no_service(changes: dict[str, Any]) -> None:
    assert kind(history=(history("99492", Month(2026, 2), **changes),)) is FIRST


def test_a_denied_claim_was_still_service() -> None:
    assert kind(history=(history("99492", Month(2026, 2), status=ClaimStatus.DENIED),)) is LATER


def test_another_services_code_is_no_service() -> None:
    assert kind(history=(history("90834", Month(2026, 2)), history("99484", Month(2026, 2)))) is FIRST


def test_the_stated_first_service_decides_where_contacts_are_not_complete() -> None:
    stated = replace(EPISODE, first_service_date=date(2026, 3, 10))
    assert kind(episode=stated, contacts_complete_from=None) is FIRST
    assert (
        kind(episode=replace(EPISODE, first_service_date=date(2026, 1, 10)), contacts_complete_from=None)
        is LATER
    )


# What records cannot tell -----------------------------------------------------------------------------------


def test_absence_proves_nothing_where_contacts_are_not_complete() -> None:
    assert kind(contacts_complete_from=None) is UNKNOWN
    assert kind(contacts_complete_from=date(2026, 1, 1)) is UNKNOWN
    assert kind(contacts_complete_from=date(2025, 9, 2)) is UNKNOWN
    assert kind(contacts_complete_from=date(2025, 9, 1)) is FIRST


def test_an_old_service_leaves_the_gap_unproven_where_contacts_are_not_complete() -> None:
    old = replace(EPISODE, first_service_date=date(2025, 1, 10))
    assert kind(episode=old, contacts_complete_from=None) is UNKNOWN


def test_an_unknown_gap_is_unknown_only_where_it_decides(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"episode.gap_months": "unknown"}))
    assert kind(in_month("2026-02"), rules=rules) is LATER
    assert kind(in_month("2025-12"), rules=rules) is UNKNOWN
    assert kind(rules=rules) is UNKNOWN


def test_contacts_that_nobody_knows_whether_they_count_leave_the_kind_unknown(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"minutes.attempts_count": "unknown"}))
    attempt = in_month("2026-02", outcome=Outcome.ATTEMPT)
    assert kind(attempt, rules=rules) is UNKNOWN
    assert kind(attempt, in_month("2026-01"), rules=rules) is LATER


def test_unknown_carries_its_reason_and_rule() -> None:
    decision = decide_month_kind(case_file(contacts_complete_from=None, episode=NEW_EPISODE), policy())
    assert "not known to be complete" in decision.reason.text
    assert [rule.rule_id for rule in decision.reason.rules] == ["episode.gap_months"]


# Other readings ---------------------------------------------------------------------------------------------


@pytest.fixture
def threshold(tmp_path: Path) -> Rulebook:
    return overlay(tmp_path, {"episode.first_month_basis": "first_threshold_month"})


def test_a_payer_may_move_the_first_month_to_the_first_that_earns_it(threshold: Rulebook) -> None:
    rules = policy("contract", rulebook=threshold)
    assert kind(in_month("2026-02", 35), rules=rules) is FIRST
    assert kind(in_month("2026-02", 36), rules=rules) is LATER
    assert kind(in_month("2026-01", 40), in_month("2026-02", 10), rules=rules) is LATER
    assert kind(in_month("2026-02", 10), rules=rules, history=(history("99492", Month(2026, 1)),)) is LATER


def test_a_threshold_reached_before_a_gap_is_another_episodes(threshold: Rulebook) -> None:
    rules = policy("contract", rulebook=threshold)
    assert kind(in_month("2025-07", 60), in_month("2026-02", 10), rules=rules) is FIRST


def test_the_threshold_reading_needs_complete_contacts(threshold: Rulebook) -> None:
    rules = policy("contract", rulebook=threshold)
    begun = replace(EPISODE, first_service_date=date(2026, 1, 10))
    assert kind(in_month("2026-02", 10), episode=begun, contacts_complete_from=None, rules=rules) is UNKNOWN
    assert kind(in_month("2026-02", 10), contacts_complete_from=date(2026, 1, 1), rules=rules) is UNKNOWN


def december(*contacts: Contact, rules: PackOn, **changes: Any) -> MonthKind:
    """The kind of December 2026."""
    changes.setdefault("episode", NEW_EPISODE)
    case = case_file(*contacts, contact("NOW", "2026-12-10 09:00"), month=Month(2026, 12), **changes)
    return decide_month_kind(case, rules).kind


@pytest.fixture
def yearly(tmp_path: Path) -> PackOn:
    rulebook = overlay(tmp_path, {"episode.first_month_per_calendar_year_max": 1})
    return policy("contract", date(2026, 12, 31), rulebook)


def test_one_first_month_a_calendar_year_and_the_gap_must_both_be_met(yearly: PackOn) -> None:
    assert december(in_month("2026-02", 40), rules=yearly) is LATER
    assert december(in_month("2025-12", 40), rules=yearly) is FIRST
    assert december(in_month("2025-12", 40), in_month("2026-01", 40), rules=yearly) is FIRST
    assert december(in_month("2026-02", 20), rules=yearly) is FIRST
    assert december(history=(history("99492", Month(2026, 2)),), rules=yearly) is LATER
    assert december(history=(history("99493", Month(2026, 2)),), rules=yearly) is FIRST


def test_a_clinics_one_code_leaves_a_yearly_first_month_to_the_other_records(yearly: PackOn) -> None:
    begun_in_2025 = (history("G0512", Month(2025, 12)), history("G0512", Month(2026, 1)))
    assert december(history=begun_in_2025, rules=yearly) is FIRST
    begun_in_february = (history("G0512", Month(2026, 2)), history("G0512", Month(2026, 3)))
    assert december(history=begun_in_february, rules=yearly) is LATER
    unclear = {"contacts_complete_from": date(2026, 1, 1), "history": begun_in_february}
    assert december(rules=yearly, **unclear) is UNKNOWN


def test_the_yearly_maximum_needs_the_years_records(yearly: PackOn) -> None:
    begun = replace(EPISODE, first_service_date=date(2026, 12, 10))
    assert december(episode=begun, contacts_complete_from=date(2026, 6, 1), rules=yearly) is UNKNOWN
    assert december(episode=begun, contacts_complete_from=date(2026, 1, 1), rules=yearly) is FIRST


def test_an_unknown_yearly_maximum_decides_only_after_a_first_month(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"episode.first_month_per_calendar_year_max": "unknown"})
    rules = policy("contract", date(2026, 12, 31), rulebook)
    assert december(rules=rules) is FIRST
    assert december(in_month("2026-02", 40), rules=rules) is UNKNOWN
