"""A patient-month's proposal: gates and their grades, no data, late entries, payment and care due."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from case_samples import (
    BHCM,
    CONSENT,
    EPISODE,
    MARCH,
    PRACTITIONER,
    SITE,
    VISIT,
    case_file,
    contact,
    history,
    lines_of,
    overlay,
    policy,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.care.records import (
    Answer,
    CaseloadReview,
    ClaimStatus,
    Consent,
    InitiatingVisit,
    MeasureScore,
    Modality,
    OtherService,
    Outcome,
)
from cocm.coding.price import Rate
from cocm.coding.proposal import propose
from cocm.coding.records import CareDue, Gap, MonthKind, Proposal
from cocm.rules import PackOn, Severity

BEFORE = contact("BEFORE", "2026-02-10 09:00")
ENOUGH = contact("ENOUGH", "2026-03-20 09:00", 40)


def proposed(*, rules: PackOn | None = None, **changes: Any) -> Proposal:
    """The proposal for a later month of 40 minutes with one thing changed."""
    contacts = changes.pop("contacts", (BEFORE, ENOUGH))
    return propose(case_file(*contacts, **changes), rules or policy())


def gaps(proposal: Proposal) -> dict[str, str]:
    return {item.gap.value: "no data" if item.is_no_data else item.severity.word for item in proposal.missing}


def test_a_month_in_good_order_lacks_nothing() -> None:
    proposal = proposed()
    assert lines_of(proposal) == {"99493": 1}
    assert (proposal.missing, proposal.reviews, proposal.has_no_data) == ((), (), False)
    assert not proposal.is_blocked
    assert not proposal.needs_person


# Gates ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("consent", "grade"),
    [
        (replace(CONSENT, given=Answer.NO), "block"),
        (replace(CONSENT, given=Answer.UNKNOWN, consent_date=None), "no data"),
        (replace(CONSENT, consent_date=None), "no data"),
        (replace(CONSENT, consent_date=date(2026, 4, 1)), "block"),
    ],
    ids=["refused", "unknown", "undated", "after the month"],
)
def test_consent_stops_the_month_and_unknown_is_no_data(consent: Consent, grade: str) -> None:
    proposal = proposed(episode=replace(EPISODE, consent=consent))
    assert gaps(proposal) == {"consent": grade}
    assert proposal.is_blocked == (grade == "block")
    assert proposal.needs_person or proposal.is_blocked
    assert proposal.missing[0].reason.rules[0].rule_id == "consent.required"


def test_a_payer_without_the_consent_rule_asks_for_none(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"consent.required": False}))
    assert (
        gaps(proposed(rules=rules, episode=replace(EPISODE, consent=replace(CONSENT, given=Answer.NO)))) == {}
    )


@pytest.mark.parametrize(("form", "expected"), [("verbal", "block"), ("", "no data"), ("written", None)])
def test_a_payer_may_ask_for_written_consent(tmp_path: Path, form: str, expected: str | None) -> None:
    rulebook = overlay(tmp_path, {"consent.form": "written"}, severity="block")
    proposal = proposed(
        rules=policy("contract", rulebook=rulebook),
        episode=replace(EPISODE, consent=replace(CONSENT, form=form)),
    )
    assert gaps(proposal) == ({} if expected is None else {"consent_form": expected})


@pytest.mark.parametrize("codes", [(), ("E11.9",), ("Z63.0", "E11.9")])
def test_a_diagnosis_that_supports_the_service_is_needed(codes: tuple[str, ...]) -> None:
    proposal = proposed(episode=replace(EPISODE, diagnosis_codes=codes))
    assert gaps(proposal) == {"diagnosis": "block"}


def test_a_behavioral_diagnosis_may_stand_after_a_medical_one() -> None:
    assert gaps(proposed(episode=replace(EPISODE, diagnosis_codes=("E11.9", "F32.1")))) == {}


def test_a_diagnosis_that_the_payer_refuses_does_not_support(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"diagnosis.prefixes_denied": ["F84"]}, severity="block")
    rules = policy("contract", rulebook=rulebook)
    assert gaps(proposed(rules=rules, episode=replace(EPISODE, diagnosis_codes=("F84.0",)))) == {
        "diagnosis": "block"
    }
    both = replace(EPISODE, diagnosis_codes=("F84.0", "F32.1"))
    assert gaps(proposed(rules=rules, episode=both)) == {}


def test_the_site_must_be_one_of_the_practitioners_as_the_payer_grades_it() -> None:
    elsewhere = replace(PRACTITIONER, site_ids=("S2",))
    assert gaps(proposed(billing_practitioner=elsewhere, rules=policy("ca-commercial-carveout"))) == {
        "site": "block"
    }
    assert gaps(proposed(billing_practitioner=elsewhere)) == {"site": "review"}
    assert gaps(proposed(site=None)) == {"site": "block"}
    assert gaps(proposed(billing_practitioner=None)) == {"billing_practitioner": "block"}


def test_coverage_is_needed() -> None:
    assert gaps(proposed(coverages=(), payer=None)) == {"coverage": "block"}


def test_who_must_render_needs_an_npi() -> None:
    without = replace(BHCM, npi="")
    assert gaps(proposed(bhcm=without, rules=policy("ca-commercial-carveout"))) == {
        "rendering_practitioner": "block"
    }
    assert gaps(proposed(bhcm=without)) == {}
    assert gaps(proposed(billing_practitioner=replace(PRACTITIONER, npi=""))) == {
        "rendering_practitioner": "block"
    }


def test_an_unknown_rendering_rule_is_no_data(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"claim.rendering_role": "unknown"})
    assert gaps(proposed(rules=policy("contract", rulebook=rulebook))) == {
        "rendering_practitioner": "no data"
    }


def test_no_caseload_consultation_needs_a_person_and_the_rest_is_noted() -> None:
    proposal = proposed(caseload_review_held=False, reviews=(), measures=())
    assert gaps(proposal) == {"caseload_review": "review", "patient_review": "inform", "scale": "inform"}
    assert proposal.needs_person
    assert not proposal.is_blocked


def test_evidence_of_other_months_and_patients_is_none_for_this_one() -> None:
    proposal = proposed(
        reviews=(
            CaseloadReview("P2", date(2026, 3, 4), "CM1", "PC1"),
            CaseloadReview("P1", date(2026, 2, 4), "CM1", "PC1"),
        ),
        measures=(
            MeasureScore("P1", "phq-9", date(2026, 2, 4), 12),
            MeasureScore("P1", "phq-9", date(2025, 3, 4), 12),
        ),
    )
    assert gaps(proposal) == {"patient_review": "inform", "scale": "inform"}
    assert not proposal.needs_person


# The initiating visit ---------------------------------------------------------------------------------------

NEW = InitiatingVisit(None, "", Answer.YES, None)
START = EPISODE.start_date  # 2025-01-06


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (NEW, "block"),
        (replace(NEW, is_new_patient=Answer.UNKNOWN), "no data"),
        (replace(NEW, is_new_patient=Answer.NO), "no data"),
        (replace(NEW, is_new_patient=Answer.NO, last_seen_date=date(2024, 1, 7)), None),
        (replace(NEW, is_new_patient=Answer.NO, last_seen_date=date(2024, 1, 6)), "block"),
        (replace(NEW, is_new_patient=Answer.UNKNOWN, last_seen_date=date(2024, 12, 1)), None),
        (replace(NEW, is_new_patient=Answer.NO, last_seen_date=date(2025, 6, 1)), "no data"),
        (replace(NEW, visit_date=START, hcpcs_code="99204"), None),
        (replace(NEW, visit_date=START, hcpcs_code="99211"), "review"),
        (replace(NEW, visit_date=START, hcpcs_code="90791"), "review"),
        (replace(NEW, visit_date=START, hcpcs_code=""), "no data"),
        (replace(NEW, visit_date=date(2024, 1, 7), hcpcs_code="99204"), None),
        (replace(NEW, visit_date=date(2024, 1, 6), hcpcs_code="99204"), "block"),
        (replace(NEW, visit_date=date(2026, 3, 21), hcpcs_code="99204"), "block"),
        (replace(VISIT, hcpcs_code="99211"), None),
    ],
    ids=[
        "new, none on record",
        "unknown whether new",
        "known, but not when seen",
        "seen 365 days before",
        "seen 366 days before",
        "seen last month",
        "seen only after the start",
        "visit on the first day",
        "lowest visit",
        "psychiatric evaluation",
        "visit without code",
        "visit 365 days before",
        "visit 366 days before",
        "visit after the service",
        "unfit visit, none needed",
    ],
)
def test_an_initiating_visit_is_needed_only_if_new_or_unseen(
    visit: InitiatingVisit, expected: str | None
) -> None:
    proposal = proposed(episode=replace(EPISODE, initiating_visit=visit))
    assert gaps(proposal) == ({} if expected is None else {"initiating_visit": expected})


def test_a_payer_that_asks_for_no_visit_gets_none() -> None:
    rules = policy("ca-commercial-carveout")
    assert gaps(proposed(rules=rules, episode=replace(EPISODE, initiating_visit=NEW))) == {}


def test_an_unknown_visit_rule_is_no_data_unless_a_visit_is_there(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"initiating_visit.required": "unknown"}))
    assert gaps(proposed(rules=rules, episode=replace(EPISODE, initiating_visit=NEW))) == {
        "initiating_visit": "no data"
    }
    assert gaps(proposed(rules=rules)) == {}


# Other services ---------------------------------------------------------------------------------------------


def other(code: str, day: date = date(2026, 3, 31)) -> OtherService:
    return OtherService("P1", day, None, code, None, "", "")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"other_services": (other("99484"),)}, {"conflicting_service": "block"}),
        ({"other_services": (other("99484", date(2026, 2, 28)), other("90834"), other("99490"))}, {}),
        ({"history": (history("99484", MARCH),)}, {"conflicting_service": "block"}),
        ({"history": (history("99484", MARCH, status=ClaimStatus.VOIDED),)}, {}),
        ({"history": (history("99484", MARCH, status=ClaimStatus.DENIED),)}, {}),
        ({"history": (history("99484", Month(2026, 2)),)}, {}),
        ({"history": (history("99493", MARCH),)}, {}),
    ],
)
def test_a_code_that_excludes_the_service_stops_the_month(
    changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert gaps(proposed(**changes)) == expected


def test_unknown_exclusions_are_no_data_only_beside_another_service(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"concurrency.excluded_codes": "unknown"}))
    assert gaps(proposed(rules=rules)) == {}
    assert gaps(proposed(rules=rules, other_services=(other("99490"),))) == {"conflicting_service": "no data"}


def test_an_assumed_rule_never_stops_a_month(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"consent.required": True}, confidence="assumed", severity="review")
    episode = replace(EPISODE, consent=replace(CONSENT, given=Answer.NO))
    proposal = proposed(rules=policy("contract", rulebook=rulebook), episode=episode)
    assert gaps(proposal) == {"consent": "review"}
    assert not proposal.is_blocked


# No data ----------------------------------------------------------------------------------------------------


def test_unknown_roles_are_no_data_for_the_month(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"minutes.roles_counted": "unknown"}))
    proposal = proposed(rules=rules, contacts=(ENOUGH,), history=(history("99492", Month(2026, 2)),))
    assert proposal.has_no_data
    assert proposal.lines == ()
    assert [rule.rule_id for reason in proposal.reasons for rule in reason.rules] == ["minutes.roles_counted"]


def test_undecided_minutes_that_change_no_code_are_passed_over(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"minutes.attempts_count": "unknown"}))
    attempt = contact("TRY", "2026-03-21 09:00", 3, outcome=Outcome.ATTEMPT)
    assert lines_of(proposed(rules=rules, contacts=(BEFORE, ENOUGH, attempt))) == {"99493": 1}
    long_attempt = contact("TRY", "2026-03-21 09:00", 40, outcome=Outcome.ATTEMPT)
    assert proposed(rules=rules, contacts=(BEFORE, ENOUGH, long_attempt)).has_no_data


def test_an_unknown_kind_of_month_matters_only_where_the_readings_differ() -> None:
    episode = replace(EPISODE, first_service_date=None)
    short = contact("SHORT", "2026-03-20 09:00", 20)
    same = proposed(contacts=(short,), episode=episode, contacts_complete_from=None)
    assert same.month_kind is MonthKind.UNKNOWN
    assert lines_of(same) == {"G2214": 1}
    assert gaps(same) == {"month_kind": "inform"}
    differs = proposed(contacts=(ENOUGH,), episode=episode, contacts_complete_from=None)
    assert (differs.lines, differs.has_no_data) == ((), True)
    assert gaps(differs) == {"month_kind": "no data"}
    offered = [(item.hcpcs_code, item.reason.text) for item in differs.rejected if item.is_offered]
    assert offered[:2] == [
        ("99492", "what 40 minutes earn if this is a first month"),
        ("99493", "what 40 minutes earn if this is a later month"),
    ]


def test_an_untimed_code_still_needs_service_in_the_month(tmp_path: Path) -> None:
    values = {"time.later_month_min": None, "time.later_month_full": None, "codes.later_month": "G0569"}
    rules = policy("contract", rulebook=overlay(tmp_path, values))
    assert lines_of(proposed(rules=rules)) == {"G0569": 1}
    empty = proposed(rules=rules, contacts=(BEFORE,))
    assert empty.lines == ()
    assert "no countable service" in empty.reasons[0].text


def test_an_assumed_gap_asks_for_a_person(tmp_path: Path) -> None:
    rulebook = overlay(tmp_path, {"episode.gap_months": 6}, confidence="assumed", severity="review")
    proposal = proposed(rules=policy("contract", rulebook=rulebook))
    assert [rule.rule_id for reason in proposal.reviews for rule in reason.rules] == ["episode.gap_months"]


# Late entries -----------------------------------------------------------------------------------------------


def test_a_late_correction_is_compared_with_the_entry_it_replaced() -> None:
    correction = contact(
        "FIXED", "2026-03-20 09:00", 90, recorded_on=date(2026, 4, 20), corrects_contact_id="ENOUGH"
    )
    proposal = proposed(contacts=(BEFORE, ENOUGH, correction))
    assert lines_of(proposal) == {"99493": 1, "99494": 1}
    (late,) = proposal.missing
    assert (late.gap, late.severity) == (Gap.LATE_ENTRY, Severity.REVIEW)
    assert "without them 40 minutes earn 1 x 99493" in late.reason.text


def test_an_unknown_limit_for_late_entries_is_no_data_where_it_matters(tmp_path: Path) -> None:
    rules = policy("contract", rulebook=overlay(tmp_path, {"minutes.late_entry_days": "unknown"}))
    late = replace(ENOUGH, recorded_on=date(2026, 4, 1))
    assert gaps(proposed(rules=rules, contacts=(BEFORE, late))) == {"late_entry": "no data"}
    assert gaps(proposed(rules=rules)) == {}


# Payment ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "place", "cents"),
    [(40, "11", 14496), (80, "11", 20642), (110, "11", 26788), (40, "22", 8951), (20, "11", 6079)],
)
def test_medicares_national_amounts_of_2026(minutes: int, place: str, cents: int) -> None:
    """Policy sheet 9.2."""
    proposal = proposed(
        contacts=(BEFORE, contact("A", minutes=minutes)), site=replace(SITE, place_of_service_code=place)
    )
    assert proposal.expected_payment_cents == cents
    assert "national" in proposal.expected_basis


def test_no_rate_is_no_payment_and_never_the_charge() -> None:
    proposal = proposed(rules=policy("ca-commercial-carveout"))
    assert (proposal.expected_payment_cents, proposal.expected_basis) == (
        None,
        "no rate is known for this payer",
    )


def test_no_lines_no_payment() -> None:
    assert proposed(contacts=()).expected_payment_cents is None


def test_the_caller_may_bring_its_own_prices() -> None:
    asked: list[tuple[str, str]] = []

    def price(_policy: PackOn, code: str, place: str) -> Rate:
        asked.append((code, place))
        return Rate(1000, "contract")

    case = case_file(BEFORE, contact("A", minutes=110))
    proposal = propose(case, policy(), price=price)
    assert (proposal.expected_payment_cents, proposal.expected_basis) == (3000, "contract")
    assert asked == [("99493", "11"), ("99494", "11")]


# Care due ---------------------------------------------------------------------------------------------------


def test_care_due_is_clinical_and_counts_no_minutes() -> None:
    early = contact("EARLY", "2026-03-05 09:00", 25)
    proposal = proposed(contacts=(BEFORE, early), measures=(), reviews=(), caseload_review_held=False)
    assert proposal.care_due == (CareDue.CONTACT, CareDue.SCALE, CareDue.CASELOAD_REVIEW)
    assert not any("minute" in due.words for due in CareDue)


def test_a_contact_in_the_last_two_weeks_is_a_contact() -> None:
    assert proposed(contacts=(BEFORE, contact("A", "2026-03-18 09:00"))).care_due == ()
    assert proposed(contacts=(BEFORE, contact("A", "2026-03-17 09:00"))).care_due == (CareDue.CONTACT,)
    attempt = contact("A", "2026-03-30 09:00", outcome=Outcome.ATTEMPT)
    assert proposed(contacts=(BEFORE, attempt)).care_due == (CareDue.CONTACT,)
    work = contact("A", "2026-03-30 09:00", modality=Modality.NONE)
    assert proposed(contacts=(BEFORE, work)).care_due == (CareDue.CONTACT,)


def test_care_due_is_looked_at_on_the_day_asked_for() -> None:
    case = case_file(contact("A", "2026-02-20 09:00"))
    assert propose(case, policy(), as_of_date=date(2026, 3, 3)).care_due == ()
    assert propose(case, policy(), as_of_date=date(2026, 3, 9)).care_due == (CareDue.CONTACT,)


def test_nothing_is_due_after_the_episode_and_no_contact_just_after_its_start() -> None:
    ended = replace(EPISODE, end_date=date(2026, 3, 20), end_reason="goals met")
    assert proposed(episode=ended, contacts=(BEFORE,), measures=()).care_due == ()
    begun = replace(EPISODE, start_date=date(2026, 3, 25))
    assert proposed(episode=begun, contacts=()).care_due == ()


# What holds for every month ---------------------------------------------------------------------------------


@settings(deadline=None)  # the first example reads rule files
@given(
    minutes=st.lists(st.integers(1, 60), min_size=1, max_size=6),
    cut=st.integers(0, 3600),
    data=st.data(),
)
def test_rows_order_and_splits_never_change_the_codes(
    minutes: list[int], cut: int, data: st.DataObject
) -> None:
    contacts = [
        contact(f"C{day}", f"2026-03-{day * 4:02d} 09:00", length) for day, length in enumerate(minutes, 1)
    ]
    usual = proposed(contacts=(BEFORE, *contacts))
    shuffled = data.draw(st.permutations([BEFORE, *contacts]))
    assert proposed(contacts=tuple(shuffled)) == usual
    first = contacts[0]
    cut = min(cut, first.service_seconds)
    minute, second = divmod(cut, 60)
    halves = (
        replace(first, service_seconds=cut),
        replace(
            first,
            contact_id="HALF",
            started_at=first.started_at.replace(hour=9 + minute // 60, minute=minute % 60, second=second),
            service_seconds=first.service_seconds - cut,
        ),
    )
    split = proposed(contacts=(BEFORE, *halves, *contacts[1:]))
    assert lines_of(split) == lines_of(usual)
    assert split.ledger.minutes_counted == usual.ledger.minutes_counted


@settings(deadline=None)
@given(minutes=st.lists(st.integers(1, 60), min_size=1, max_size=8), further=st.integers(1, 60))
def test_further_countable_minutes_never_lower_the_payment(minutes: list[int], further: int) -> None:
    contacts = [
        contact(f"C{day}", f"2026-03-{day * 3:02d} 09:00", length) for day, length in enumerate(minutes, 1)
    ]
    more = contact("MORE", "2026-03-30 09:00", further)
    before = proposed(contacts=(BEFORE, *contacts)).expected_payment_cents or 0
    after = proposed(contacts=(BEFORE, *contacts, more)).expected_payment_cents or 0
    assert after >= before


def test_the_consultants_own_entry_changes_nothing() -> None:
    consultant = contact("PC", "2026-03-25 09:00", 60, role=Role.PSYCHIATRIC_CONSULTANT, staff_id="PC1")
    assert lines_of(proposed(contacts=(BEFORE, ENOUGH, consultant))) == {"99493": 1}
