"""Who consents to the care of a minor, state by state: dated, cited, and `unknown` where no law was read.

The table `care/minor_consent.csv` has a row `*` for every state without one of its own. A practice's counsel knows the
state's law: an overlay's copy of the table, or the practice's own answer on the site, takes its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cocm.basics.errors import RulebookError
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import Row, read_table
from cocm.rules.values import Confidence, Source

TABLE: Final = "care/minor_consent.csv"
ANY_STATE: Final = "*"


class ConsentBy(StrEnum):
    """Whose consent the law asks for, where the patient is a minor of the age given."""

    GUARDIAN = "guardian"
    MINOR = "minor"
    EITHER = "either"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class MinorConsent:
    """What holds in a state from a day on.

    Below `majority_years` the patient is a minor. From `minor_years_from` on (None: at no known age) `consent_by`
    says whose consent it takes; below it a guardian's.
    """

    state: str
    effective_from: date
    effective_to: date | None
    observed: date
    majority_years: int
    minor_years_from: int | None
    consent_by: ConsentBy
    confidence: Confidence
    source: Source
    locator: str


def minor_consent(rulebook: Rulebook, state: str, day: date) -> MinorConsent:
    """The row of a state on a day, or that of any state. Raises `RulebookError` where there is neither."""
    for name in (state.upper(), ANY_STATE):
        found = [
            row
            for row in _rows(rulebook)
            if row.state == name
            and row.effective_from <= day
            and (row.effective_to is None or day < row.effective_to)
        ]
        if found:
            return found[-1]
    raise RulebookError(f"{TABLE}: no row for {state or 'no state'} on {day}, and none for any state (*)")


@lru_cache(maxsize=64)
def _rows(rulebook: Rulebook) -> tuple[MinorConsent, ...]:
    found = [_row(row, rulebook) for row in read_table(rulebook.data_file(TABLE))]
    return tuple(sorted(found, key=lambda row: (row.state, row.effective_from)))


def _row(row: Row, rulebook: Rulebook) -> MinorConsent:
    ref = row.text("source")
    if ref not in rulebook.sources:
        raise RulebookError(f"{TABLE}: source {ref!r} does not stand in sources.yaml")
    return MinorConsent(
        state=row.text("state"),
        effective_from=row.day("effective_from"),
        effective_to=row.day_or_none("effective_to"),
        observed=row.day("observed"),
        majority_years=row.integer("majority_years"),
        minor_years_from=row.integer("minor_years_from") if row.text("minor_years_from") else None,
        consent_by=row.one_of("consent_by", ConsentBy),
        confidence=row.one_of("confidence", Confidence),
        source=rulebook.sources[ref],
        locator=row.text("at"),
    )
