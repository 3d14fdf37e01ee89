"""The National Provider Identifier and its check digit.

Source: CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit": the Luhn formula over the
prefix 80840 (which adds 24) and the nine digits.
"""

from __future__ import annotations

from typing import Final

_PREFIX_SUM: Final = 24
_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def npi_check_digit(first_nine: str) -> str:
    """The tenth digit for nine digits. Raises `ValueError` when they are not nine ASCII digits."""
    if len(first_nine) != 9 or not (first_nine.isascii() and first_nine.isdigit()):
        raise ValueError("an NPI has nine digits before its check digit")
    total = _PREFIX_SUM
    for position, character in enumerate(first_nine):
        digit = int(character)
        total += _DOUBLED[digit] if position % 2 == 0 else digit
    return str(-total % 10)


def npi_is_valid(npi: str) -> bool:
    """Ten digits beginning with 1 or 2 whose check digit is right."""
    if len(npi) != 10 or not (npi.isascii() and npi.isdigit()) or npi[0] not in "12":
        return False
    return npi_check_digit(npi[:9]) == npi[9]
