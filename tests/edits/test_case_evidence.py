"""What a practice's case file tells the edits beyond the claim."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "coding"))  # the case files of the coding's own tests

from case_samples import COVERAGE, EPISODE, MARCH, case_file, contact, history

from cocm.care.records import OtherService, Programme
from cocm.coding.records import MonthKind
from cocm.edits.evidence import evidence_from_case


def evidence(*contacts, **changes):
    return evidence_from_case(case_file(*contacts, **changes), MonthKind.LATER, 40)


def service(code, rendering_npi="", day=date(2026, 3, 5)):
    return OtherService("P1", day, None, code, None, rendering_npi, "")


def test_the_policy_billed_reaches_over_all_rows_of_it():
    ended = replace(COVERAGE, coverage_to=date(2025, 12, 31))
    renewed = replace(COVERAGE, coverage_from=date(2026, 1, 1), coverage_to=date(2026, 12, 31))
    another = replace(COVERAGE, payer_id="PAY2", coverage_from=date(2010, 1, 1), rank=2)
    found = evidence(coverages=(renewed, ended, another))
    assert (found.coverage_from_date, found.coverage_to_date) == (date(2020, 1, 1), date(2026, 12, 31))
    open_ended = evidence(coverages=(ended, replace(renewed, coverage_to=None)))
    assert open_ended.coverage_from_date == date(2020, 1, 1) and open_ended.coverage_to_date is None
    assert evidence(coverages=()).coverage_from_date is None


@pytest.mark.parametrize(
    ("number", "to", "is_authorized"),
    [
        ("", None, False),
        ("A1", None, True),
        ("A1", date(2026, 3, 31), True),
        ("A1", date(2026, 3, 30), False),
    ],
)
def test_an_authorization_must_reach_to_the_months_end(number, to, is_authorized):
    coverage = replace(COVERAGE, prior_authorization_number=number, prior_authorization_to=to)
    assert evidence(coverages=(coverage,)).is_authorized is is_authorized


def test_minutes_that_the_ledger_gives_to_another_service():
    contacts = (
        contact("C1", minutes=50, billed_elsewhere_code="90834", billed_elsewhere_seconds=40 * 60),
        contact("C2", minutes=10, programme=Programme.CCM),
        contact("C3", minutes=30),
        contact("C4", "2026-02-10 09:00", minutes=25, programme=Programme.CCM),
    )
    assert evidence(*contacts, history=(history("90834", MARCH),)).minutes_set_apart == 50
    assert evidence(*contacts).minutes_set_apart is None, "nobody asks where nothing else was billed"


def test_the_practices_own_other_services_of_the_month_are_on_record():
    services = (
        service("G0557"),
        service("G0558", "1245319599"),
        service("90834", "1003000126"),
        service("G0556", day=date(2026, 2, 28)),
    )
    assert evidence(other_services=services).recorded_codes == {"G0557", "G0558"}


def test_the_episode_counts_from_its_first_service():
    began = replace(EPISODE, first_service_date=date(2025, 2, 3))
    assert evidence(episode=began).first_service_date == date(2025, 2, 3)
    unknown = replace(EPISODE, first_service_date=None)
    assert evidence(episode=unknown).first_service_date == EPISODE.start_date
