import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.basics.npi import npi_check_digit, npi_is_valid


def test_the_worked_example_of_cms() -> None:
    assert npi_check_digit("123456789") == "3"
    assert npi_is_valid("1234567893")


@pytest.mark.parametrize(
    "npi", ["1234567890", "1993999997", "", "123456789", "12345678933", "123456789X", "3234567899"]
)
def test_a_wrong_npi_is_seen(npi: str) -> None:
    assert not npi_is_valid(npi)


@given(st.from_regex(r"[12][0-9]{8}", fullmatch=True), st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen(first_nine: str, position: int, shift: int) -> None:
    npi = first_nine + npi_check_digit(first_nine)
    assert npi_is_valid(npi)
    wrong = npi[:position] + str((int(npi[position]) + shift) % 10) + npi[position + 1 :]
    assert not npi_is_valid(wrong)


def test_digits_of_other_scripts_are_no_npi() -> None:
    assert not npi_is_valid("١٢٣٤٥٦٧٨٩٣")
