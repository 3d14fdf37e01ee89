"""Whose time counts, once: each reason for which a minute does not count, and what holds for every ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from contact_samples import CONSENTED, contact, contract, count, excluded
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.care.records import Activity, Answer, Consent, Contact, OtherService, Outcome, Programme

# What counts ------------------------------------------------------------------------------------------------


def test_seconds_are_kept_and_floored_once_for_the_month() -> None:
    ledger = count(contact("A", "2026-03-02 09:00", 10.5), contact("B", "2026-03-09 09:00", 10.5))
    assert ledger.counted_seconds == 1260
    assert (ledger.minutes_counted, ledger.remainder_seconds) == (21, 0)


def test_a_month_is_never_rounded_up() -> None:
    ledger = count(contact("A", minutes=35, service_seconds=35 * 60 + 59))
    assert (ledger.minutes_counted, ledger.remainder_seconds) == (35, 59)


def test_note_time_is_reported_and_never_counted() -> None:
    ledger = count(contact("A", minutes=20, note_seconds=600))
    assert (ledger.logged_seconds, ledger.counted_seconds, ledger.note_seconds) == (1200, 1200, 600)


def test_an_empty_month_is_empty() -> None:
    ledger = count(contact("A", "2026-02-10 09:00"))
    assert (ledger.entries, ledger.logged_seconds, ledger.minutes_counted) == ((), 0, 0)


@pytest.mark.parametrize("activity", ["charting", "scheduling", "travel", "administrative"])
def test_administrative_work_never_counts(activity: str) -> None:
    ledger = count(contact("A", activity=Activity(activity)))
    assert excluded(ledger) == {"A": {"administrative": 1200}}
    assert ledger.counted_seconds == 0


@pytest.mark.parametrize("activity", ["registry", "chart_review", "message", "caseload_review", "measure"])
def test_work_for_the_patient_without_the_patient_counts(activity: str) -> None:
    assert count(contact("A", activity=Activity(activity))).minutes_counted == 20


@pytest.mark.parametrize("programme", [item for item in Programme if item is not Programme.COCM])
def test_another_programmes_time_does_not_count(programme: Programme) -> None:
    assert excluded(count(contact("A", programme=programme))) == {"A": {"other_programme": 1200}}


def test_forty_of_fifty_minutes_billed_as_psychotherapy_leave_ten() -> None:
    ledger = count(contact("A", minutes=50, billed_elsewhere_code="90834", billed_elsewhere_seconds=2400))
    assert ledger.minutes_counted == 10
    assert excluded(ledger) == {"A": {"billed_elsewhere": 2400}}


def test_more_billed_elsewhere_than_logged_leaves_nothing() -> None:
    ledger = count(contact("A", minutes=20, billed_elsewhere_seconds=9999))
    assert (ledger.counted_seconds, ledger.excluded_seconds, ledger.logged_seconds) == (0, 1200, 1200)


def test_an_attempt_is_labelled_and_does_not_count(tmp_path: Path) -> None:
    attempt = contact("A", minutes=4, outcome=Outcome.ATTEMPT)
    ledger = count(attempt)
    assert excluded(ledger) == {"A": {"attempt": 240}}
    assert ledger.entries[0].is_attempt
    stated = contract(tmp_path, {"minutes.attempts_count": "true"})
    assert count(attempt, rules=stated).minutes_counted == 4


def test_an_assumed_value_never_widens_what_counts(tmp_path: Path) -> None:
    assumed = contract(
        tmp_path,
        {"minutes.attempts_count": "true", "minutes.roles_counted": "[bhcm, psychiatric_consultant]"},
        confidence="assumed",
    )
    ledger = count(
        contact("A", "2026-03-02 09:00", outcome=Outcome.ATTEMPT),
        contact("B", "2026-03-03 09:00", role=Role.PSYCHIATRIC_CONSULTANT, staff_id="PC1"),
        rules=assumed,
    )
    assert ledger.counted_seconds == 0


# Whose minutes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "acting", "minutes"),
    [
        (Role.BHCM, False, 20),
        (Role.BILLING_PRACTITIONER, False, 0),
        (Role.BILLING_PRACTITIONER, True, 20),
        (Role.PSYCHIATRIC_CONSULTANT, False, 0),
        (Role.PSYCHIATRIC_CONSULTANT, True, 0),
        (Role.CLINICAL_STAFF, False, 0),
        (Role.CLINICAL_STAFF, True, 0),
    ],
)
def test_whose_minutes_count_by_default(role: Role, acting: bool, minutes: int) -> None:
    ledger = count(contact("A", role=role, staff_id="X", acting_as_bhcm=acting))
    assert ledger.minutes_counted == minutes
    if not minutes:
        (item,) = ledger.entries[0].exclusions
        assert item.rule is not None
        assert item.rule.rule_id == "minutes.roles_counted"


def test_a_payer_may_count_the_whole_team(tmp_path: Path) -> None:
    whole_team = contract(
        tmp_path,
        {
            "minutes.roles_counted": "[bhcm, billing_practitioner, psychiatric_consultant, clinical_staff_as_bhcm]"
        },
    )
    ledger = count(
        contact("A", "2026-03-02 09:00"),
        contact("B", "2026-03-03 09:00", role=Role.BILLING_PRACTITIONER, staff_id="BP1"),
        contact("C", "2026-03-04 09:00", role=Role.PSYCHIATRIC_CONSULTANT, staff_id="PC1"),
        contact("D", "2026-03-05 09:00", role=Role.CLINICAL_STAFF, staff_id="CS1"),
        contact("E", "2026-03-06 09:00", role=Role.CLINICAL_STAFF, staff_id="CS1", acting_as_bhcm=True),
        rules=whole_team,
    )
    assert ledger.minutes_counted == 80
    assert excluded(ledger) == {"D": {"role": 1200}}


def test_unknown_roles_leave_the_minutes_undecided_and_uncounted(tmp_path: Path) -> None:
    ledger = count(contact("A"), rules=contract(tmp_path, {"minutes.roles_counted": "unknown"}))
    assert (ledger.counted_seconds, ledger.undecided_seconds) == (0, 1200)
    assert [rule.rule_id for rule in ledger.unknown_rules] == ["minutes.roles_counted"]
    assert ledger.entries[0].exclusions[0].is_undecided


# Consent, episode, inpatient days ---------------------------------------------------------------------------


def test_time_before_consent_does_not_count_and_the_day_of_consent_does() -> None:
    consent = replace(CONSENTED, consent_date=date(2026, 3, 10))
    ledger = count(contact("A", "2026-03-09 09:00"), contact("B", "2026-03-10 08:00"), consent=consent)
    assert excluded(ledger) == {"A": {"before_start": 1200}}
    assert ledger.minutes_counted == 20


@pytest.mark.parametrize(
    "consent",
    [
        Consent(Answer.UNKNOWN, None, "", "", Answer.UNKNOWN),
        Consent(Answer.YES, None, "verbal", "", Answer.UNKNOWN),
        Consent(Answer.NO, date(2026, 3, 20), "", "", Answer.UNKNOWN),
    ],
)
def test_unknown_or_refused_consent_excludes_no_minute(consent: Consent) -> None:
    assert count(contact("A"), consent=consent).minutes_counted == 20


def test_a_payer_may_count_from_the_start_of_the_episode(tmp_path: Path) -> None:
    from_start = contract(tmp_path, {"minutes.counted_from": "episode_start"})
    ledger = count(
        contact("A", "2026-03-03 09:00"),
        contact("B", "2026-03-05 09:00"),
        rules=from_start,
        consent=replace(CONSENTED, consent_date=date(2026, 3, 20)),
        episode_start=date(2026, 3, 4),
    )
    assert excluded(ledger) == {"A": {"before_start": 1200}}


def test_inpatient_days_do_not_count_from_admission_to_discharge(tmp_path: Path) -> None:
    stay = OtherService("P1", date(2026, 3, 10), date(2026, 3, 12), "", None, "", "")
    days = [contact(str(day), f"2026-03-{day:02d} 09:00") for day in (9, 10, 11, 12, 13)]
    ledger = count(*days, other_services=[stay])
    assert sorted(excluded(ledger)) == ["10", "11", "12"]
    covered = contract(tmp_path, {"minutes.inpatient_days_count": "true"})
    assert count(*days, rules=covered, other_services=[stay]).minutes_counted == 100


def test_time_after_the_episodes_last_day_does_not_count_and_the_last_day_does() -> None:
    ledger = count(
        contact("A", "2026-03-09 09:00"),
        contact("B", "2026-03-10 09:00"),
        contact("C", "2026-03-11 09:00"),
        episode_end=date(2026, 3, 10),
    )
    assert excluded(ledger) == {"C": {"after_end": 1200}}
    assert ledger.minutes_counted == 40
    assert ledger.undecided_seconds == ledger.assumed_seconds == 0


def test_days_that_the_policy_does_not_cover_do_not_count() -> None:
    covered = ((date(2026, 3, 5), date(2026, 3, 10)), (date(2026, 3, 20), date.max))
    ledger = count(
        *[contact(f"D{day:02d}", f"2026-03-{day:02d} 09:00") for day in (4, 5, 10, 11, 19, 20, 31)],
        covered_spans=covered,
    )
    assert excluded(ledger) == {name: {"not_covered": 1200} for name in ("D04", "D11", "D19")}
    assert ledger.minutes_counted == 80


# Corrections and overlap ------------------------------------------------------------------------------------


def test_a_correction_replaces_the_entry_it_names() -> None:
    wrong = contact("A", minutes=60)
    right = contact("B", minutes=16, corrects_contact_id="A", correction_reason="hours typed for minutes")
    ledger = count(wrong, right)
    assert excluded(ledger) == {"A": {"corrected": 3600}}
    assert ledger.minutes_counted == 16


def test_a_chain_of_corrections_counts_its_last() -> None:
    ledger = count(
        contact("A", minutes=60),
        contact("B", minutes=50, corrects_contact_id="A"),
        contact("C", minutes=40, corrects_contact_id="B"),
    )
    assert ledger.minutes_counted == 40


def test_a_correction_may_move_time_to_another_month() -> None:
    wrong = contact("A", "2026-03-10 09:00")
    right = contact("B", "2026-02-10 09:00", corrects_contact_id="A")
    assert count(wrong, right).counted_seconds == 0
    assert count(wrong, right, month=Month(2026, 2)).minutes_counted == 20


def test_shared_time_of_two_people_counts_once() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact(
            "B", "2026-03-10 09:20", 30, role=Role.BILLING_PRACTITIONER, staff_id="BP1", acting_as_bhcm=True
        ),
    )
    assert ledger.minutes_counted == 50
    assert excluded(ledger) == {"B": {"overlap": 600}}


def test_where_a_payer_counts_both_people_one_persons_minutes_still_count_once(tmp_path: Path) -> None:
    both = contract(tmp_path, {"minutes.shared_time_counts_once": "false"})
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:10", 10),
        contact(
            "C", "2026-03-10 09:00", 30, role=Role.BILLING_PRACTITIONER, staff_id="BP1", acting_as_bhcm=True
        ),
        rules=both,
    )
    assert ledger.minutes_counted == 60
    assert excluded(ledger) == {"B": {"overlap": 600}}


def test_time_beside_uncounted_work_counts() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30, activity=Activity.SCHEDULING, staff_id="CM2"),
        contact("B", "2026-03-10 09:10", 10),
    )
    assert ledger.minutes_counted == 10


def test_equal_starts_are_attributed_by_contact_id() -> None:
    ledger = count(contact("B", minutes=20), contact("A", minutes=10, staff_id="CM2"))
    assert excluded(ledger) == {"B": {"overlap": 600}}


def test_time_billed_elsewhere_may_overlap_and_the_rest_counts_once() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 50, billed_elsewhere_seconds=2400),
        contact("B", "2026-03-10 09:30", 10, staff_id="CM2"),
    )
    assert ledger.minutes_counted == 20


def test_one_persons_time_used_for_another_programme_does_not_count_here_as_well() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:10", 10, programme=Programme.CCM),
    )
    assert ledger.minutes_counted == 20
    assert excluded(ledger) == {"A": {"other_service": 600}, "B": {"other_programme": 600}}
    assert ledger.undecided_seconds == ledger.assumed_seconds == 0


def test_one_persons_time_billed_with_another_code_does_not_count_here_as_well() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:20", 50, billed_elsewhere_seconds=3000),
        contact("C", "2026-03-11 09:00", 50, billed_elsewhere_seconds=2400),
        contact("D", "2026-03-11 09:30", 20),
    )
    assert excluded(ledger) == {
        "A": {"other_service": 600},
        "B": {"billed_elsewhere": 3000},
        "C": {"billed_elsewhere": 2400},
        "D": {"other_service": 600, "overlap": 600},
    }
    assert ledger.minutes_counted == 30


def test_another_persons_other_service_takes_nothing_away() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:00", 30, programme=Programme.CCM, staff_id="CM2"),
        contact("C", "2026-03-10 09:00", 30, billed_elsewhere_seconds=1800, staff_id="CM3"),
    )
    assert ledger.minutes_counted == 30


def test_time_that_one_person_may_not_count_is_left_to_the_other() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:00", 20, programme=Programme.CCM),
        contact("C", "2026-03-10 09:10", 20, staff_id="CM2"),
    )
    assert ledger.minutes_counted == 20


def test_a_replaced_or_administrative_entry_of_another_programme_takes_nothing_away() -> None:
    ledger = count(
        contact("A", "2026-03-10 09:00", 30),
        contact("B", "2026-03-10 09:00", 30, programme=Programme.CCM),
        contact("C", "2026-03-12 09:00", 30, programme=Programme.CCM, corrects_contact_id="B"),
        contact("D", "2026-03-10 09:00", 30, programme=Programme.CCM, activity=Activity.CHARTING),
    )
    assert ledger.minutes_counted == 30


def test_another_service_that_ran_past_midnight_takes_the_first_minutes_of_the_month() -> None:
    eve = contact("A", "2026-02-28 23:30", 60, programme=Programme.CCM)
    assert excluded(count(eve, contact("B", "2026-03-01 00:10", 30))) == {"B": {"other_service": 1200}}


# Calendar and clock -----------------------------------------------------------------------------------------


def test_half_past_eleven_on_the_last_day_belongs_to_that_month() -> None:
    late = contact("A", "2026-03-31 23:30", 45)
    assert count(late).minutes_counted == 45
    assert count(late, month=Month(2026, 4)).entries == ()


def test_work_past_midnight_at_the_months_end_is_not_counted_in_both_months() -> None:
    late = contact("A", "2026-02-28 23:30", 60)
    next_day = contact("B", "2026-03-01 00:10", 30, staff_id="CM2")
    assert count(late, next_day, month=Month(2026, 2)).minutes_counted == 60
    march = count(late, next_day)
    assert march.minutes_counted == 10
    assert excluded(march) == {"B": {"overlap": 1200}}


def test_the_leap_day_is_a_day_of_february() -> None:
    leap = contact("A", "2028-02-29 09:00")
    assert count(leap, month=Month(2028, 2)).minutes_counted == 20


@pytest.mark.parametrize(("day", "hour"), [("2026-03-08", 1), ("2026-11-01", 1)])
def test_a_contact_across_the_clock_change_keeps_its_duration(day: str, hour: int) -> None:
    start = datetime.fromisoformat(f"{day} {hour:02d}:45").replace(tzinfo=ZoneInfo("America/Los_Angeles"))
    across = contact("A", minutes=40, started_at=start)
    month = Month.of(start.date())
    assert count(across, month=month).minutes_counted == 40


def test_overlap_is_real_time_across_the_clock_change() -> None:
    """01:45 standard time follows 01:45 daylight time by an hour: what looks simultaneous is not."""
    zone = ZoneInfo("America/Los_Angeles")
    daylight = contact("A", minutes=30, started_at=datetime(2026, 11, 1, 1, 45, tzinfo=zone))
    standard = contact("B", minutes=30, started_at=datetime(2026, 11, 1, 1, 45, fold=1, tzinfo=zone))
    after_gap = contact("C", minutes=30, started_at=datetime(2026, 3, 8, 1, 45, tzinfo=zone))
    three = contact("D", minutes=30, staff_id="CM2", started_at=datetime(2026, 3, 8, 3, 0, tzinfo=zone))
    assert count(daylight, standard, month=Month(2026, 11)).minutes_counted == 60
    assert count(after_gap, three).minutes_counted == 45


def test_late_entries_are_marked() -> None:
    ledger = count(
        contact("A", "2026-03-30 09:00", recorded_on=date(2026, 4, 3)),
        contact("B", "2026-03-31 09:00", recorded_on=date(2026, 4, 4)),
        contact("C", "2026-03-31 12:00", recorded_on=None),
    )
    assert [entry.is_late for entry in ledger.entries] == [False, True, False]
    assert ledger.has_late_entries


def test_the_day_on_which_minutes_were_reached() -> None:
    ledger = count(
        contact("A", "2026-03-02 09:00", 30),
        contact("B", "2026-03-09 09:00", 30, activity=Activity.TRAVEL),
        contact("C", "2026-03-16 09:00", 30),
    )
    assert ledger.day_reached(36) == date(2026, 3, 16)
    assert ledger.day_reached(30) == date(2026, 3, 2)
    assert ledger.day_reached(61) is None


# What holds for every ledger --------------------------------------------------------------------------------

STARTS = st.integers(0, 31 * 24 * 60 * 60 - 1)


@st.composite
def contacts(draw: st.DrawFn) -> list[Contact]:
    """Some entries of March, in any role and state, often at the same time."""
    entries = []
    for number in range(draw(st.integers(1, 7))):
        seconds = draw(st.integers(0, 5400))
        start = datetime(2026, 3, 1, tzinfo=contact("A").started_at.tzinfo) + timedelta(
            seconds=draw(st.one_of(STARTS, st.integers(40_000, 47_000)))
        )
        entries.append(
            contact(
                f"C{number}",
                started_at=start,
                service_seconds=seconds,
                staff_id=draw(st.sampled_from(["CM1", "CM2"])),
                role=draw(st.sampled_from([Role.BHCM, Role.BHCM, Role.BILLING_PRACTITIONER])),
                acting_as_bhcm=draw(st.booleans()),
                activity=draw(st.sampled_from([Activity.FOLLOW_UP, Activity.FOLLOW_UP, Activity.CHARTING])),
                outcome=draw(st.sampled_from([Outcome.DONE, Outcome.DONE, Outcome.ATTEMPT])),
                programme=draw(st.sampled_from([Programme.COCM, Programme.COCM, Programme.CCM])),
                billed_elsewhere_seconds=draw(st.sampled_from([0, 0, 900])),
                corrects_contact_id=draw(st.sampled_from(["", "", "", "C0"])),
            )
        )
    return entries


@settings(deadline=None)  # the first example reads rule files
@given(entries=contacts())
def test_counted_and_excluded_make_up_logged(entries: list[Contact]) -> None:
    ledger = count(*entries)
    for entry in ledger.entries:
        assert entry.counted_seconds + sum(item.seconds for item in entry.exclusions) == entry.logged_seconds
        assert entry.counted_seconds >= 0
        assert all(item.seconds >= 0 for item in entry.exclusions)
    assert ledger.counted_seconds + ledger.excluded_seconds == ledger.logged_seconds
    assert ledger.counted_seconds == sum(entry.counted_seconds for entry in ledger.entries)
    assert ledger.logged_seconds == sum(entry.service_seconds for entry in entries)
    assert ledger.minutes_counted * 60 + ledger.remainder_seconds == ledger.counted_seconds


@settings(deadline=None)
@given(entries=contacts(), data=st.data())
def test_the_order_of_rows_never_matters(entries: list[Contact], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(entries))
    assert count(*shuffled) == count(*entries)


@settings(deadline=None)
@given(entries=contacts(), data=st.data())
def test_splitting_a_contact_in_two_never_changes_the_minutes(
    entries: list[Contact], data: st.DataObject
) -> None:
    corrected = {entry.corrects_contact_id for entry in entries}
    whole = data.draw(st.sampled_from(entries))
    assume(whole.contact_id not in corrected)
    cut = data.draw(st.integers(0, whole.service_seconds))
    billed = min(whole.billed_elsewhere_seconds, whole.service_seconds)
    first = replace(whole, service_seconds=cut, billed_elsewhere_seconds=min(billed, cut))
    second = replace(
        whole,
        contact_id=f"{whole.contact_id}b",
        started_at=whole.started_at + timedelta(seconds=cut),
        service_seconds=whole.service_seconds - cut,
        billed_elsewhere_seconds=billed - min(billed, cut),
    )
    assume(second.started_at.month == whole.started_at.month)
    others = [entry for entry in entries if entry is not whole]
    assert count(*others, first, second).counted_seconds == count(*entries).counted_seconds


@settings(deadline=None)
@given(entries=contacts(), more=contacts())
def test_a_further_contact_never_lowers_the_minutes(entries: list[Contact], more: list[Contact]) -> None:
    """Unless it is another service's: that takes away what the same person counted at its time."""
    further = replace(
        more[0],
        contact_id="Z",
        corrects_contact_id="",
        programme=Programme.COCM,
        billed_elsewhere_seconds=0,
    )
    assert count(*entries, further).counted_seconds >= count(*entries).counted_seconds
