"""Dates and months as letters write them, in English and Spanish."""

from __future__ import annotations

from datetime import date
from typing import Final

from cocm.basics.months import Month

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
