"""Dates, months, telephone numbers and ZIP codes as letters write them, in English and Spanish."""

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


def phone_text(phone: str) -> str:
    """A phone number as a letter shows it: (530) 555-0142; one of another length as it was written."""
    is_plain = len(phone) == 10 and phone.isdigit()
    return f"({phone[:3]}) {phone[3:6]}-{phone[6:]}" if is_plain else phone


def postal_text(code: str) -> str:
    """A ZIP code as a letter shows it: 96099-0142."""
    return f"{code[:5]}-{code[5:]}" if len(code) == 9 and code.isdigit() else code
