"""Small parts that records of several transactions share: numbers, amounts, contacts, a span of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Reference:
    """A number with the code that says whose or what it is (REF01, REF02), and words beside it (REF03)."""

    kind: str
    number: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class AmountRecord:
    """An amount with the code that says what it is (AMT01, AMT02)."""

    kind: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class DateSpan:
    """One day or several, both ends included, with the code that says what happened (DTP01)."""

    kind: str
    from_date: date
    to_date: date


@dataclass(frozen=True, slots=True)
class ContactRecord:
    """Whom to ask (PER): the contact's function, a name, and ways to reach it as (channel code, number)."""

    kind: str
    name: str
    channels: tuple[tuple[str, str], ...]

    @property
    def phone(self) -> str:
        """The first telephone number; empty where there is none."""
        return next((number for channel, number in self.channels if channel == "TE"), "")
