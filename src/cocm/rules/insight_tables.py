"""The rulebook's figures about money and staffing: the financial model's defaults, its worked check, caseloads."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table
from cocm.rules.values import Confidence, Source

MODEL_INPUTS: Final = "insight/model_inputs.csv"
WORKED_CHECK: Final = "insight/worked_check.csv"
CASELOADS: Final = "insight/caseloads.csv"


@dataclass(frozen=True, slots=True)
class InputDefault:
    """One input of the financial model with its default. `value` is as a person writes it; empty is none."""

    name: str
    value: str
    unit: str
    label: str
    confidence: Confidence
    source: Source

    @property
    def basis(self) -> str:
        """Where the default comes from: its source's title, or `assumption`."""
        return "assumption" if self.confidence is Confidence.ASSUMED else self.source.title


@dataclass(frozen=True, slots=True)
class CheckFigure:
    """A figure of the workbook's worked check: as told, and as its own listed inputs give it."""

    figure: str
    unit: str
    told: Decimal
    from_listed_inputs: Decimal
    why: str
    source: Source


@dataclass(frozen=True, slots=True)
class CaseloadRange:
    """Patients of one full-time care manager, by population."""

    population: str
    patients_from: int
    patients_to: int
    confidence: Confidence
    source: Source


@lru_cache(maxsize=8)
def model_defaults(rulebook: Rulebook) -> tuple[InputDefault, ...]:
    """Every input of the financial model, in the table's order."""
    return tuple(
        InputDefault(
            row.text("input"),
            row.text("value"),
            row.text("unit"),
            row.text("label"),
            row.one_of("confidence", Confidence),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(MODEL_INPUTS))
    )


@lru_cache(maxsize=8)
def worked_check(rulebook: Rulebook) -> tuple[CheckFigure, ...]:
    """The figures of the workbook's worked check."""
    return tuple(
        CheckFigure(
            row.text("figure"),
            row.text("unit"),
            row.number("told"),
            row.number("from_listed_inputs"),
            row.text("why"),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(WORKED_CHECK))
    )


@lru_cache(maxsize=8)
def caseload_ranges(rulebook: Rulebook) -> tuple[CaseloadRange, ...]:
    """What is advised or was seen as a caseload."""
    return tuple(
        CaseloadRange(
            row.text("population"),
            row.integer("patients_from"),
            row.integer("patients_to"),
            row.one_of("confidence", Confidence),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(CASELOADS))
    )
