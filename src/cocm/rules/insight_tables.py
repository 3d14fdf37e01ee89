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
STUDIES: Final = "insight/studies.csv"
OVERHEAD_INPUTS: Final = "insight/overhead_inputs.csv"
WORK_COSTS: Final = "insight/work_costs.csv"


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


@dataclass(frozen=True, slots=True)
class StudyFigure:
    """One figure of a study: what it claims, in which unit, of whom, over how long, and what stands against it.

    A saving above 0 is money saved. `side` says what the figure speaks: for, against, or a cost. Empty: not told.
    """

    study: str
    year: str
    claim: str
    measure: str
    amount_from: Decimal | None
    amount_to: Decimal | None
    unit: str
    horizon_months: Decimal | None
    people: str
    population: str
    perspective: str
    significance: str
    side: str
    confidence: Confidence
    source: Source


@dataclass(frozen=True, slots=True)
class WorkCost:
    """What somebody counted as the cost of one piece of administrative work, in dollars."""

    what: str
    year: str
    dollars_from: Decimal
    dollars_to: Decimal
    note: str
    confidence: Confidence
    source: Source


@lru_cache(maxsize=8)
def model_defaults(rulebook: Rulebook) -> tuple[InputDefault, ...]:
    """Every input of the financial model, in the table's order."""
    return _inputs(rulebook, MODEL_INPUTS)


@lru_cache(maxsize=8)
def overhead_defaults(rulebook: Rulebook) -> tuple[InputDefault, ...]:
    """Every input of the administrative cost: volumes, wage, and tasks with minutes, cause and what removes them."""
    return _inputs(rulebook, OVERHEAD_INPUTS)


@lru_cache(maxsize=8)
def study_figures(rulebook: Rulebook) -> tuple[StudyFigure, ...]:
    """Every figure about return on investment, a study's together."""
    return tuple(
        StudyFigure(
            row.text("study"),
            row.text("year"),
            row.text("claim"),
            row.text("measure"),
            row.number_or_none("amount_from"),
            row.number_or_none("amount_to"),
            row.text("unit"),
            row.number_or_none("horizon_months"),
            row.text("people"),
            row.text("population"),
            row.text("perspective"),
            row.text("significance"),
            row.text("side"),
            row.one_of("confidence", Confidence),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(STUDIES))
    )


@lru_cache(maxsize=8)
def work_costs(rulebook: Rulebook) -> tuple[WorkCost, ...]:
    """What others counted."""
    return tuple(
        WorkCost(
            row.text("what"),
            row.text("year"),
            row.number("dollars_from"),
            row.number("dollars_to"),
            row.text("note"),
            row.one_of("confidence", Confidence),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(WORK_COSTS))
    )


def _inputs(rulebook: Rulebook, table: str) -> tuple[InputDefault, ...]:
    return tuple(
        InputDefault(
            row.text("input"),
            row.text("value"),
            row.text("unit"),
            row.text("label"),
            row.one_of("confidence", Confidence),
            rulebook.sources[row.text("source")],
        )
        for row in read_table(rulebook.data_file(table))
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
