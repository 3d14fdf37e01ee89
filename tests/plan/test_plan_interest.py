"""Interest on late payment: exact, rounded half up once, by the payer's own clock and rate."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.plan.interest import late_interest
from cocm.rules import Rulebook

POLICY = Rulebook().pack("ca-commercial-carveout").on(date(2026, 3, 31))
RECEIVED = date(2026, 4, 6)
DUE = date(2026, 5, 6)


@pytest.mark.parametrize(
    ("cents", "days_late", "expected"),
    [
        (13_600, 0, 0),
        (13_600, 1, 6),  # 5.589
        (13_600, 30, 168),  # 167.67
        (13_600, 365, 2_040),
        (100_000, 73, 3_000),
        (73, 1, 0),  # 0.03
        (1_217, 1, 1),  # 0.5001
        (1_216, 1, 0),  # 0.4997
        (0, 100, 0),
        (-5_000, 100, 0),
    ],
)
def test_worked_by_hand(cents: int, days_late: int, expected: int) -> None:
    owed = late_interest(
        POLICY, principal_cents=cents, clock_from_date=RECEIVED, payment_date=DUE + timedelta(days=days_late)
    )
    assert owed.cents == expected
    assert owed.due_date == DUE


@given(st.integers(1, 10_000_000), st.integers(1, 4_000))
def test_it_is_the_nearest_cent_of_the_exact_amount(cents: int, days: int) -> None:
    owed = late_interest(
        POLICY, principal_cents=cents, clock_from_date=RECEIVED, payment_date=DUE + timedelta(days=days)
    )
    exact = Fraction(cents * 15 * days, 100 * 365)
    assert owed.cents is not None
    assert -Fraction(1, 2) < exact - owed.cents <= Fraction(1, 2) or exact - owed.cents == -Fraction(1, 2)
    assert owed.days == days


def test_a_half_cent_goes_up() -> None:
    owed = late_interest(
        POLICY, principal_cents=100, clock_from_date=RECEIVED, payment_date=DUE + timedelta(days=73)
    )
    assert owed.cents == 3
    half = late_interest(
        POLICY, principal_cents=50, clock_from_date=RECEIVED, payment_date=DUE + timedelta(days=73)
    )
    assert half.cents == 2  # 1.5


def test_where_the_rules_do_not_tell_nothing_is_made_up() -> None:
    other = Rulebook().pack("co-medicaid").on(date(2026, 3, 31))
    owed = late_interest(
        other, principal_cents=13_600, clock_from_date=RECEIVED, payment_date=date(2027, 1, 1)
    )
    assert owed.cents is None
    assert owed.paid_cents == 0
    assert owed.why == "no payment clock is on file for the payer"


def test_it_cites_clock_rate_and_reckoning() -> None:
    owed = late_interest(
        POLICY, principal_cents=13_600, clock_from_date=RECEIVED, payment_date=date(2026, 6, 5)
    )
    assert [cite.partition(" = ")[0] for cite in owed.cites] == [
        "clock.payment_days",
        "payment.interest_percent_hundredths",
        "payment.interest_year_days",
    ]
