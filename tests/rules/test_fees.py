"""Allowed amounts agree with the amounts that follow from CMS's published relative values, to the cent."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_rulebook import WriteFiles

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.fees import allowed_amount_cents
from cocm.rules.rulebook import shipped_rulebook

MARCH_2026 = date(2026, 3, 31)
ALABAMA = "10112-00"
# code, dollars non-facility, dollars facility: policy fact sheet section 9.2, conversion factor 33.4009
NATIONAL_2026 = [
    ("99492", "160.32", "82.17"),
    ("99493", "144.96", "89.51"),
    ("99494", "61.46", "36.07"),
    ("G2214", "60.79", "33.73"),
    ("99484", "57.45", "38.75"),
    ("G0323", "57.78", "37.74"),
    ("G0568", "161.66", "81.83"),
    ("G0569", "145.96", "89.85"),
    ("G0570", "57.78", "38.75"),
    ("G0556", "16.37", "11.02"),
    ("G0557", "53.78", "33.73"),
    ("G0558", "117.24", "72.81"),
    ("G0560", "42.42", "39.41"),
]
QUALIFYING_2026 = [
    ("99492", "161.12", "82.58"),
    ("99493", "145.68", "89.96"),
    ("99494", "61.76", "36.25"),
    ("G2214", "61.09", "33.90"),
    ("99484", "57.74", "38.94"),
    ("G0568", "162.47", "82.24"),
    ("G0569", "146.69", "90.30"),
    ("G0570", "58.07", "38.94"),
]
EARLIER = [
    ("99492", date(2020, 6, 30), "156.99", "90.22"),
    ("99493", date(2021, 6, 30), "154.23", "102.59"),
    ("G2214", date(2021, 1, 31), "64.55", "38.73"),
    ("99494", date(2022, 6, 30), "63.68", "42.22"),
    ("99484", date(2023, 6, 30), "43.04", "29.48"),
    ("99492", date(2024, 3, 8), "150.62", "91.36"),
    ("99492", date(2024, 3, 9), "153.12", "92.87"),
    ("99493", date(2024, 1, 31), "137.53", "99.87"),
    ("99493", date(2024, 3, 31), "139.81", "101.53"),
    ("G0323", date(2023, 6, 30), "43.04", "29.14"),
    ("G0323", date(2024, 12, 31), "54.92", "43.27"),
    ("99484", date(2020, 12, 31), "48.00", "32.84"),
    ("99494", date(2021, 6, 30), "58.97", "40.82"),
    ("G2214", date(2022, 1, 1), "61.95", "39.11"),
    ("99493", date(2022, 12, 31), "148.81", "103.47"),
    ("99492", date(2023, 1, 1), "150.80", "92.85"),
]
# code, day, dollars non-facility, dollars facility: CMS's own total relative values x conversion factor
NEIGHBOURS = [
    ("99490", date(2026, 3, 31), "66.13", "43.76"),
    ("99439", date(2024, 6, 30), "47.93", "34.62"),
    ("99487", date(2025, 6, 30), "131.65", "87.01"),
    ("99424", date(2022, 6, 30), "83.40", "75.44"),
    ("90834", date(2026, 3, 31), "113.90", "91.85"),
    ("90837", date(2025, 6, 30), "154.29", "134.56"),
    ("90791", date(2020, 6, 30), "145.44", "127.76"),
    ("90847", date(2026, 3, 31), "109.55", "102.87"),
    ("99213", date(2023, 6, 30), "90.82", "66.08"),
    ("99214", date(2021, 6, 30), "131.20", "100.49"),
]


def cents(dollars: str) -> int:
    return int(Decimal(dollars) * 100)


@pytest.mark.parametrize(("code", "non_facility", "facility"), NATIONAL_2026)
def test_national_amounts_of_2026(code: str, non_facility: str, facility: str) -> None:
    rulebook = shipped_rulebook()
    office = allowed_amount_cents(rulebook, code, MARCH_2026, is_facility=False)
    hospital = allowed_amount_cents(rulebook, code, MARCH_2026, is_facility=True)
    assert (office.amount_cents, hospital.amount_cents) == (cents(non_facility), cents(facility))
    assert "national amount, non-facility" in office.basis
    assert "conversion factor 33.4009 (not a qualifying APM participant)" in office.basis


@pytest.mark.parametrize(("code", "non_facility", "facility"), QUALIFYING_2026)
def test_amounts_of_2026_for_a_qualifying_participant(code: str, non_facility: str, facility: str) -> None:
    found = [
        allowed_amount_cents(
            shipped_rulebook(), code, MARCH_2026, is_facility=is_facility, is_qualifying_apm=True
        ).amount_cents
        for is_facility in (False, True)
    ]
    assert found == [cents(non_facility), cents(facility)]


@pytest.mark.parametrize(("code", "day", "non_facility", "facility"), EARLIER)
def test_national_amounts_of_earlier_years(code: str, day: date, non_facility: str, facility: str) -> None:
    found = [
        allowed_amount_cents(shipped_rulebook(), code, day, is_facility=is_facility).amount_cents
        for is_facility in (False, True)
    ]
    assert found == [cents(non_facility), cents(facility)], "the conversion factor changed on 9 March 2024"


@pytest.mark.parametrize(("code", "day", "non_facility", "facility"), NEIGHBOURS)
def test_national_amounts_of_neighbouring_codes(
    code: str, day: date, non_facility: str, facility: str
) -> None:
    found = [
        allowed_amount_cents(shipped_rulebook(), code, day, is_facility=is_facility).amount_cents
        for is_facility in (False, True)
    ]
    assert found == [cents(non_facility), cents(facility)]


@pytest.mark.parametrize("year", range(2020, 2027))
def test_every_year_answers_for_the_services_that_stand_beside_the_model(year: int) -> None:
    for code in ("99490", "99487", "99489", "99491", "90832", "90834", "90837", "90791", "90853", "99213"):
        found = allowed_amount_cents(shipped_rulebook(), code, date(year, 6, 30), is_facility=False)
        assert found.amount_cents is not None, (code, year, found.basis)


def test_the_basis_names_the_release_and_a_condition_of_payment() -> None:
    found = allowed_amount_cents(shipped_rulebook(), "90846", date(2026, 8, 31), is_facility=False)
    assert "relative values of 2026 (release of 2026-07-01)" in found.basis
    assert found.basis.endswith("; coverage is restricted: paid only where Medicare covers it")


def test_a_locality_has_its_own_amount() -> None:
    found = allowed_amount_cents(
        shipped_rulebook(), "99492", date(2024, 4, 30), is_facility=False, locality=ALABAMA
    )
    assert found.amount_cents == cents("140.09")
    assert not found.is_national
    assert "amount for locality 10112-00 (Alabama)" in found.basis


def test_localities_of_2026_are_not_at_hand_and_it_says_so() -> None:
    found = allowed_amount_cents(shipped_rulebook(), "99492", MARCH_2026, is_facility=False, locality=ALABAMA)
    assert found.amount_cents == cents("160.32")
    assert found.is_national
    assert "no locality indices for 2026 are at hand" in found.basis


def test_a_locality_that_does_not_exist_falls_back_and_says_so() -> None:
    found = allowed_amount_cents(
        shipped_rulebook(), "99492", date(2025, 3, 31), is_facility=False, locality="AL"
    )
    assert found.amount_cents == cents("145.24")
    assert "locality 'AL' is none of 2025" in found.basis
    assert "release of 2025-04-01, no earlier one is at hand" in found.basis


@pytest.mark.parametrize(
    ("code", "day", "reason"),
    [
        ("90899", MARCH_2026, "no relative values for 90899 in 2026"),
        ("G2211", date(2021, 2, 28), "in 2021 are at hand: the release of 2021-01-01 does not list it"),
        ("G2211", date(2021, 4, 30), "with status B: not paid by the fee schedule (bundled"),
        ("99492", date(2019, 12, 31), "no relative values for 99492 in 2019"),
        ("99492", date(2027, 1, 31), "no relative values for 99492 in 2027"),
        ("G0568", date(2025, 12, 31), "no relative values for G0568 in 2025"),
        ("G0512", date(2024, 12, 31), "with status X: not paid by the fee schedule"),
    ],
)
def test_a_code_without_a_rate_has_no_amount_and_a_reason(code: str, day: date, reason: str) -> None:
    found = allowed_amount_cents(shipped_rulebook(), code, day, is_facility=False)
    assert found.amount_cents is None
    assert reason in found.basis


def test_no_conversion_factor_means_no_amount(overlay: WriteFiles) -> None:
    head = "effective_from,effective_to,applies_to,conversion_factor,source\n"
    rulebook = Rulebook([overlay({"fees/conversion_factors.csv": head})])
    found = allowed_amount_cents(rulebook, "99492", MARCH_2026, is_facility=False)
    assert (found.amount_cents, found.basis) == (None, "no conversion factor for 2026-03-31 is at hand")


def test_a_damaged_table_is_named(overlay: WriteFiles) -> None:
    rows = (
        "effective_from,effective_to,applies_to,conversion_factor,source\n"
        "2026-01-01,2027-01-01,all,about 33,cms-conversion-factors\n"
    )
    rulebook = Rulebook([overlay({"fees/conversion_factors.csv": rows})])
    with pytest.raises(
        RulebookError, match=r"conversion_factors\.csv: line 2: conversion_factor is 'about 33'"
    ):
        allowed_amount_cents(rulebook, "99492", MARCH_2026, is_facility=False)


@given(
    work=st.decimals("0", "9", places=2),
    expense=st.decimals("0", "9", places=2),
    malpractice=st.decimals("0", "9", places=2),
)
def test_rounding_is_half_up_once_at_the_end(
    tmp_path_factory: pytest.TempPathFactory, work: Decimal, expense: Decimal, malpractice: Decimal
) -> None:
    folder = tmp_path_factory.mktemp("fees") / "fees"
    folder.mkdir()
    (folder / "relative_values.csv").write_text(
        "hcpcs_code,effective_from,effective_to,status,work_rvu,pe_rvu_nonfacility,pe_rvu_facility,mp_rvu,source\n"
        f"X,2024-01-01,2025-01-01,A,{work},{expense},0,{malpractice},cms-pfs-rvu-2020-2024\n"
    )
    found = allowed_amount_cents(
        Rulebook([folder.parent]), "X", date(2024, 6, 30), is_facility=False, locality=ALABAMA
    )
    exact = (work + expense * Decimal("0.869") + malpractice * Decimal("0.575")) * Decimal("33.2875")
    assert found.amount_cents == int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))
