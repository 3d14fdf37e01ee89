"""What a month is expected to pay where the site is: its own locality, its state's only one, or the nation."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from case_samples import SHIPPED, SITE, case_file, policy

from cocm.care.people import Address
from cocm.coding.price import Rate, expected_payment, published_rate
from cocm.coding.records import ProposedLine
from cocm.rules.localities import localities, locality_on, only_locality

IN_2025 = date(2025, 6, 30)
IN_2026 = date(2026, 3, 31)
LINE = ProposedLine("99493", 1, policy("medicare").value("codes.later_month"))


def priced(state: str, locality: str = "", day: date = IN_2025) -> tuple[int | None, str]:
    site = replace(SITE, address=Address("1 Way", "Town", state, "000000000"), fee_locality=locality)
    return expected_payment(replace(case_file(), site=site), policy("medicare", day), (LINE,))


def test_the_sites_own_locality_prices_its_month() -> None:
    national, _ = priced("CA")
    san_francisco, basis = priced("CA", "01112-05")

    assert national and san_francisco and san_francisco > national
    assert "01112-05" in basis


def test_a_state_that_is_one_locality_needs_no_more() -> None:
    oklahoma, basis = priced("OK")
    national, national_basis = priced("CA")

    assert oklahoma and national and oklahoma < national
    assert "locality" in basis and "Oklahoma" in basis
    assert "national amount" in national_basis


@pytest.mark.parametrize("state", ["VA", "MD", "CA", "TX", "", "ZZ"])
def test_where_the_county_decides_the_nation_holds(state: str) -> None:
    assert only_locality(SHIPPED, state, IN_2025) is None
    assert "national amount" in priced(state)[1]


def test_from_2026_on_no_indices_are_at_hand_and_the_basis_says_so() -> None:
    assert priced("OK", day=IN_2026)[0] == priced("CA", day=IN_2026)[0]
    assert "national amount" in priced("OK", day=IN_2026)[1]
    assert "2026" in priced("CA", "01112-05", day=IN_2026)[1]


def test_every_only_locality_is_one_of_its_states() -> None:
    found = {row.state: only_locality(SHIPPED, row.state, IN_2025) for row in localities(SHIPPED, IN_2025)}
    certain = {state: one for state, one in found.items() if one is not None}

    assert len(certain) > 25
    assert all(locality_on(SHIPPED, one.locality, IN_2025) == one for one in certain.values())


def test_a_callers_own_price_is_asked_as_before() -> None:
    asked: list[tuple[object, ...]] = []

    def price(*arguments: object) -> Rate:
        asked.append(arguments)
        return Rate(100, "ours")

    total, basis = expected_payment(case_file(), policy("medicare"), (LINE,), price)

    assert (total, basis) == (100, "ours") and len(asked[0]) == 3
    assert published_rate(policy("medicare"), "99493", "11") == published_rate(
        policy("medicare"), "99493", "11", ""
    )
