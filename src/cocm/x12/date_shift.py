"""Moves dates by a span that belongs to the person, so that what lies between a person's dates stays the same.

The span follows from the seed and the member id. It is whole weeks (weekdays stay), or whole months (the day of the
month stays as far as the month has it, so calendar months and what is counted by them stay together). Dates of the file
itself move less than any person's, so that a file is still made after the services it tells of.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from typing import Final

from cocm.x12.pseudonym import Pseudonyms

_FILE_WEEKS: Final = range(1, 4)
_PERSON_WEEKS: Final = range(4, 57)
_FILE_MONTHS: Final = 1
_PERSON_MONTHS: Final = range(2, 14)
_BIRTH_DAYS: Final = range(1, 181)
_OPEN_END_FROM_YEAR: Final = 2200
_YEAR_MIN: Final = 1850


class DateShift:
    """The spans of one seed. All of them lead into the past."""

    def __init__(self, pseudonyms: Pseudonyms, *, keeps_months: bool) -> None:
        self._pseudonyms = pseudonyms
        self._keeps_months = keeps_months

    def moved(self, day: date, person: str, *, is_birth: bool = False) -> date:
        """A date of a person (empty: of the file). A birth date moves further back by up to half a year.

        An open end (a year far ahead) stays.
        """
        if day.year >= _OPEN_END_FROM_YEAR:
            return day
        if is_birth:
            day -= timedelta(days=self._pick("birth", person, _BIRTH_DAYS))
        if self._keeps_months:
            months = self._pick("months", person, _PERSON_MONTHS) if person else _FILE_MONTHS
            year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
            return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
        weeks = self._pick("weeks", person, _PERSON_WEEKS if person else _FILE_WEEKS)
        return day - timedelta(weeks=weeks)

    def moved_text(self, text: str, person: str, *, is_birth: bool = False) -> str | None:
        """A date as CCYYMMDD or YYMMDD, moved; None where it is no date."""
        long = f"20{text}" if len(text) == 6 else text
        if len(long) != 8 or not (long.isascii() and long.isdigit()):
            return None
        try:
            day = date(int(long[:4]), int(long[4:6]), int(long[6:]))
        except ValueError:
            return None
        if day.year < _YEAR_MIN:
            return None
        moved = f"{self.moved(day, person, is_birth=is_birth):%Y%m%d}"
        return moved[2:] if len(text) == 6 else moved

    def moved_formatted(self, text: str, form: str, person: str, *, is_birth: bool = False) -> str | None:
        """A date, moment or range in the format that a qualifier names (D8, DT, RD8 …), moved; None: no date."""
        match form:
            case "D8" | "D6":
                return self.moved_text(text, person, is_birth=is_birth)
            case "DT" | "DTS":
                moved = self.moved_text(text[:8], person, is_birth=is_birth)
                return moved + text[8:] if moved is not None and text[8:].isdigit() else None
            case "RD8" | "RDT":
                first, _, last = text.partition("-")
                inner = form[1:]
                moved_first = self.moved_formatted(first, inner, person, is_birth=is_birth)
                moved_last = self.moved_formatted(last, inner, person, is_birth=is_birth)
                return None if moved_first is None or moved_last is None else f"{moved_first}-{moved_last}"
            case "TM":
                return text if text.isdigit() else None
        return None

    def _pick(self, kind: str, person: str, choices: range) -> int:
        return choices[self._pseudonyms.number(f"shift {kind}", person) % len(choices)]
