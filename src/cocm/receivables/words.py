"""Dates, months and codes as a letter writes them."""

from __future__ import annotations

from datetime import date
from typing import Final

from cocm.basics.months import Month

_MONTHS: Final = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
}


def day_words(day: date, language: str = "en") -> str:
    """`May 4, 2026` or `4 de mayo de 2026`."""
    name = _MONTHS[language][day.month - 1]
    return f"{day.day} de {name} de {day.year}" if language == "es" else f"{name} {day.day}, {day.year}"


def month_words(month: Month, language: str = "en") -> str:
    """`March 2026` or `marzo de 2026`."""
    name = _MONTHS[language][month.number - 1]
    return f"{name} de {month.year}" if language == "es" else f"{name} {month.year}"


def diagnosis_words(code: str) -> str:
    """An ICD-10-CM code with its dot: `F32.1`."""
    plain = code.replace(".", "")
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > 3 else plain
