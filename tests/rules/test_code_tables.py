"""The code tables agree with each other and with the rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from small_rulebook import WriteFiles

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.codes import hcpcs_codes, places_of_service, taxonomies
from cocm.rules.rulebook import shipped_rulebook


@pytest.mark.parametrize(
    ("code", "first_day", "last_day"),
    [
        ("G0502", date(2017, 1, 1), date(2017, 12, 31)),
        ("99492", date(2018, 1, 1), None),
        ("G2214", date(2021, 1, 1), None),
        ("G0511", date(2018, 1, 1), date(2025, 9, 30)),
        ("G0512", date(2018, 1, 1), date(2025, 12, 31)),
        ("G0568", date(2026, 1, 1), None),
    ],
)
def test_a_code_is_valid_from_its_first_to_its_last_day(
    code: str, first_day: date, last_day: date | None
) -> None:
    found = hcpcs_codes(shipped_rulebook())[code]
    assert found.is_valid_on(first_day)
    assert not found.is_valid_on(first_day - timedelta(days=1))
    if last_day is None:
        assert found.is_valid_on(date(2026, 12, 31))
    else:
        assert found.is_valid_on(last_day)
        assert not found.is_valid_on(last_day + timedelta(days=1))


@pytest.mark.parametrize(
    "rule_id", ["codes.first_month", "codes.later_month", "codes.addon", "codes.short_month"]
)
@pytest.mark.parametrize("payer_id", ["cpt", "medicare", "ca-commercial-carveout"])
def test_every_code_that_a_pack_bills_is_in_the_table_and_valid(rule_id: str, payer_id: str) -> None:
    rulebook = shipped_rulebook()
    for year in range(2017, 2027):
        for day in (date(year, 1, 1), date(year, 12, 31)):
            code = rulebook.pack(payer_id).on(day).text(rule_id)
            assert code is None or hcpcs_codes(rulebook)[code].is_valid_on(day)


def test_places_of_service_tell_facility_from_non_facility() -> None:
    places = places_of_service(shipped_rulebook())
    assert len(places) == 52
    assert [places[code].is_facility for code in ("11", "50", "72", "10")] == [False] * 4
    assert [places[code].is_facility for code in ("19", "22", "21", "02")] == [True] * 4


def test_taxonomies_tell_the_part_their_holders_play() -> None:
    found = taxonomies(shipped_rulebook())
    assert found["207Q00000X"].role == "billing_practitioner"
    assert found["1041C0700X"].role == "bhcm"
    assert found["2084P0800X"].role == "psychiatric_consultant"
    assert found["261QM0801X"].role == "behavioral_facility"
    assert all(len(code) == 10 for code in found)


def test_a_damaged_table_is_named(overlay: WriteFiles) -> None:
    wrong = "place_of_service_code,label,is_facility,source\n11,office,no,cms-pos-codes\n"
    rulebook = Rulebook([overlay({"codes/place_of_service.csv": wrong})])
    with pytest.raises(
        RulebookError, match=r"place_of_service\.csv: line 2: is_facility is 'no', not a true or false"
    ):
        places_of_service(rulebook)
    short = Rulebook([overlay({"codes/place_of_service.csv": "place_of_service_code,label\n11,office\n"})])
    with pytest.raises(RulebookError, match="column is_facility is missing"):
        places_of_service(short)
