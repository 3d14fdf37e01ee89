"""Which edition of a table answers for a day: publishers issue tables anew, and not every edition is at hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date


def edition_in_year(editions: Iterable[date], day: date) -> date | None:
    """The latest edition of the day's calendar year that is not after it, else the earliest of that year.

    CMS issues its fee schedules for a calendar year and again each quarter; another year's values never apply.
    None where no edition of the year is at hand.
    """
    return latest_edition(sorted(one for one in editions if one.year == day.year), day)


def latest_edition(editions: Sequence[date], day: date) -> date | None:
    """The latest of sorted editions that is not after a day, else the earliest; None where there is none."""
    found = editions[0] if editions else None
    for edition in editions:
        if edition > day:
            break
        found = edition
    return found
