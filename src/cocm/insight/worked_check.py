"""The workbook's worked check: reproduced as its source does it, and worked out again from the inputs it lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cocm.basics.months import Month
from cocm.insight.figures import Figure, FigureUnit, rounded
from cocm.insight.given import UserInput, given
from cocm.insight.model import model_year
from cocm.insight.model_figures import model_figures
from cocm.insight.model_inputs import read_model_inputs
from cocm.rules.insight_tables import CheckFigure, model_defaults, worked_check
from cocm.rules.rulebook import Rulebook

SOURCES_WAY: Final = "the check's own numbers"
RATE: Final = "average_rate"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A figure as the source tells it, as we get it in the source's way, and from the inputs the source lists."""

    told: CheckFigure
    reproduced: Fraction
    from_listed_inputs: Fraction

    @property
    def is_reproduced(self) -> bool:
        """Whether our figure in the source's way is the one told, to the last digit told."""
        places = -int(self.told.told.as_tuple().exponent)
        return rounded(self.reproduced * 10**places) == int(self.told.told.scaleb(places))


def check_lines(rulebook: Rulebook, month: Month) -> tuple[CheckLine, ...]:
    """Both calculations side by side.

    The source's way: the average rate is put in as a number, and a group visit is paid as an individual one.
    """
    listed = given(model_defaults(rulebook))
    figures = worked_check(rulebook)
    rate = next(one.told for one in figures if one.figure == RATE)
    changes = [UserInput(SOURCES_WAY, "general.average_rate_override", str(rate))]
    for payer in listed.members("payer"):
        fee = listed.text(f"payer.{payer}.fee_ongoing")
        changes.append(UserInput(SOURCES_WAY, f"payer.{payer}.fee_group", fee))
    ours = _values(model_figures(model_year(read_model_inputs(listed), month)))
    theirs = _values(model_figures(model_year(read_model_inputs(listed.with_inputs(changes)), month)))
    return tuple(CheckLine(one, theirs[one.figure], ours[one.figure]) for one in figures)


def _values(figures: Iterable[Figure]) -> dict[str, Fraction]:
    """Each figure's value by name, money in dollars."""
    return {
        one.name: one.value / 100 if one.unit is FigureUnit.CENTS else one.value
        for one in figures
        if one.value is not None
    }
