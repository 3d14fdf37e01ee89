"""Dates, months, minutes and codes as letters and packets write them."""

from __future__ import annotations

from datetime import date
from typing import Final

from cocm.basics.months import Month
from cocm.care.exclusions import Exclusion
from cocm.x12 import LineRecord

_ENGLISH: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SPANISH: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
SPANISH: Final = "es"


def day_words(day: date, language: str = "en") -> str:
    """`May 4, 2026` or `4 de mayo de 2026`."""
    if language == SPANISH:
        return f"{day.day} de {_SPANISH[day.month - 1]} de {day.year}"
    return f"{_ENGLISH[day.month - 1]} {day.day}, {day.year}"


def month_words(month: Month, language: str = "en") -> str:
    """`March 2026` or `marzo de 2026`."""
    if language == SPANISH:
        return f"{_SPANISH[month.number - 1]} de {month.year}"
    return f"{_ENGLISH[month.number - 1]} {month.year}"


def diagnosis_words(code: str) -> str:
    """An ICD-10-CM code with its dot: `F32.1`."""
    plain = code.replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain


def minutes_words(seconds: int) -> str:
    """Minutes with the seconds that are left: `45`, or `12:30`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


def exclusion_words(exclusion: Exclusion) -> str:
    """What of a contact does not count, and why: `10 billed elsewhere`."""
    return f"{minutes_words(exclusion.seconds)} {exclusion.reason.value.replace('_', ' ')}"


def service_words(line: LineRecord) -> str:
    """A line's code, with its units where they are not one: `99494 x 2`."""
    units = line.service_unit_quantity
    return line.hcpcs_code if units == 1 else f"{line.hcpcs_code} x {units}"
