"""What is known of how often Collaborative Care is denied: each figure with what it counts, whose, when and the source.

The figures contradict each other, and no two of them count the same; they are quoted together or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

DENIAL_EVIDENCE: Final = "denials/denial_evidence.csv"


@dataclass(frozen=True, slots=True)
class DenialFigure:
    """A share denied, in percent of what is `counted` (claims, services). `year` is empty where it is not said."""

    figure: str
    year: str
    percent: int
    counted: str
    population: str
    note: str
    source_title: str
    source_url: str

    @property
    def text(self) -> str:
        """`32 % of services (Collaborative Care ... in Medicare, 2018)`."""
        when = self.year or "year not said"
        return f"{self.percent} % of {self.counted} ({self.population}, {when})"


@lru_cache(maxsize=8)
def denial_evidence(rulebook: Rulebook) -> tuple[DenialFigure, ...]:
    """Every figure, in the table's order."""
    rows = read_table(rulebook.data_file(DENIAL_EVIDENCE))
    found = []
    for row in rows:
        source = rulebook.sources[row.text("source")]
        found.append(
            DenialFigure(
                row.text("figure"),
                row.text("year"),
                row.integer("percent"),
                row.text("counted"),
                row.text("population"),
                row.text("note"),
                source.title,
                source.url,
            )
        )
    return tuple(found)
