from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.basics.money import cents_from_decimal, cents_from_text, decimal_from_cents, dollars, plain_dollars


@pytest.mark.parametrize(
    ("text", "cents"), [("160.32", 16032), ("$1,200", 120000), (" 75 ", 7500), ("0.5", 50), ("-3.10", -310)]
)
def test_dollars_are_read_as_cents(text: str, cents: int) -> None:
    assert cents_from_text(text) == cents


@pytest.mark.parametrize("text", ["", "abc", "1.234", "1e5", "--1", "12.", "NaN", "$"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        cents_from_text(text)


def test_half_a_cent_goes_up() -> None:
    assert cents_from_decimal(Decimal("0.005")) == 1
    assert cents_from_decimal(Decimal("1.004999")) == 100


@given(st.integers(-(10**12), 10**12))
def test_cents_come_back_from_every_form(cents: int) -> None:
    assert cents_from_decimal(decimal_from_cents(cents)) == cents
    assert cents_from_text(plain_dollars(cents)) == cents


def test_people_see_separators() -> None:
    assert dollars(123450) == "$1,234.50"
    assert dollars(-5) == "-$0.05"
