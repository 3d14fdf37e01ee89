"""What part of the fee schedule Medicare pays a kind of practitioner who bills under an own number."""

from __future__ import annotations

from datetime import date

from cocm.rules.facilities import practitioner_types
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

WHOLE_PERCENT = 100


def practitioner_percent(rulebook: Rulebook, taxonomy_code: str, day: date) -> int:
    """The percentage of the fee schedule's amount, by the taxonomy of who renders; 100 where no row says less."""
    types = practitioner_types(rulebook, taxonomy_code) if taxonomy_code else frozenset()
    if not types:
        return WHOLE_PERCENT
    found = [
        row.integer("percent")
        for row in read_table(rulebook.data_file("fees/practitioner_percents.csv"))
        if row.text("practitioner_type") in types
        and row.day("effective_from") <= day
        and ((ends := row.day_or_none("effective_to")) is None or day < ends)
    ]
    return min(found, default=WHOLE_PERCENT)
