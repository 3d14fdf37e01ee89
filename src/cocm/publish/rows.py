"""Rates, days and amounts by one thing alone: by payer over many practices, or by provider within a payer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cocm.basics.percentile import median, percent_of, percentile
from cocm.publish.counts import Classes, Counted, figures_with_few, totals
from cocm.publish.measures import CLAIMS, DIVISIONS, LINES, MEDIAN_DAYS, PERCENTILES, SHARES, UNITS, Share
from cocm.publish.suppression import SHOWN_MIN, Figure, closed_figures, hidden_figures
from cocm.warehouse.engine import Engine

ALL_ROWS: Final = "all"
MEMBERS: Final = "members_with_model"
_ROOT: Final[Figure] = ((),)


@dataclass(frozen=True, slots=True)
class RowFigure:
    """A figure of one row. A rate has the counts that it is made of; hidden ones are None like what there is not."""

    row: str
    measure: str
    unit: str
    value: int | Decimal | None
    numerator: int | None
    denominator: int | None
    is_hidden: bool

    def as_json(self) -> dict[str, object]:
        """What it shows, without what it is a figure of."""
        return {
            "unit": self.unit,
            "value": None if self.value is None else str(self.value),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "is_hidden": self.is_hidden,
        }


@dataclass(frozen=True, slots=True)
class Rows:
    """What is counted by: an SQL expression over a line or claim, and which of them.

    `shows_total`: the sum of all rows is published too, so that a hidden row must not follow from it.
    """

    expression: str
    condition: str
    shows_total: bool


def row_figures(
    engine: Engine, rows: Rows, shares: Sequence[str], *, hides_small: bool = True
) -> tuple[RowFigure, ...]:
    """Lines, claims, members, the shares asked for and days to pay, for each row and (as `all`) for all of them."""
    return tuple(_Work(engine, rows, hides_small=hides_small).figures(shares))


class _Work:
    def __init__(self, engine: Engine, rows: Rows, *, hides_small: bool) -> None:
        self._engine, self._rows, self._hides_small = engine, rows, hides_small
        self._counted = {name: self._count(name, "'all'") for name in (LINES, CLAIMS)}
        self._hidden = {name: self._hide(counted, counted) for name, counted in self._counted.items()}

    def figures(self, shares: Sequence[str]) -> Iterator[RowFigure]:
        for name, counted in self._counted.items():
            for figure, found in counted.items():
                is_hidden = figure in self._hidden[name]
                yield self._figure(figure, name, UNITS[name].unit, found["all"].count, is_hidden)
        for figure, found in self._counted[LINES].items():
            yield self._figure(
                figure, MEMBERS, "persons", found["all"].persons, figure in self._hidden[LINES]
            )
        for share in SHARES:
            if share.name in shares:
                yield from self._share(share)
        yield from self._days()

    def _share(self, share: Share) -> Iterator[RowFigure]:
        division = next(one for one in DIVISIONS if one.name == share.division)
        classes = self._count(division.unit, division.expression, division.where)
        closed = self._hide(self._counted[division.unit], classes) | self._hidden[division.unit]
        for figure, found in classes.items():
            part = sum(found[name].count for name in share.numerator if name in found)
            whole = sum(found[name].count for name in share.denominator if name in found)
            is_hidden = figure in closed and self._hides_small
            yield RowFigure(
                row=_name(figure),
                measure=share.name,
                unit="percent",
                value=None if is_hidden else percent_of(part, whole),
                numerator=None if is_hidden else part,
                denominator=None if is_hidden else whole,
                is_hidden=is_hidden,
            )

    def _days(self) -> Iterator[RowFigure]:
        where = "paid_day_number is not null and received_day_number is not null"
        histograms = self._count(LINES, "cast(paid_day_number - received_day_number as varchar)", where)
        behind = self._count(LINES, "'all'", where)
        for figure, found in histograms.items():
            histogram = {int(days): one.count for days, one in found.items()}
            is_hidden = figure in self._hidden[LINES] or behind[figure]["all"].persons < SHOWN_MIN
            middle = median(histogram)
            value = Decimal(middle.numerator) / Decimal(middle.denominator)
            yield self._figure(figure, MEDIAN_DAYS, "days", value, is_hidden)
            for percent in PERCENTILES:
                days = percentile(histogram, percent)
                yield self._figure(figure, f"days_to_pay_{percent}th_percentile", "days", days, is_hidden)

    def _figure(
        self, figure: Figure, measure: str, unit: str, value: int | Decimal, is_hidden: bool
    ) -> RowFigure:
        is_hidden = is_hidden and self._hides_small
        return RowFigure(_name(figure), measure, unit, None if is_hidden else value, None, None, is_hidden)

    def _hide(self, counted: Classes, classes: Classes) -> frozenset[Figure]:
        """Rows with a class of few persons, and where a total is shown, what would give them away."""
        few = set(figures_with_few(classes))
        if not self._rows.shows_total:
            return frozenset(few)
        atoms = {figure: count for figure, count in totals(counted).items() if figure != _ROOT}
        return closed_figures(atoms, few, hidden_figures(atoms, set(figures_with_few(counted))))

    def _count(self, unit_name: str, expression: str, where: str = "") -> Classes:
        unit = UNITS[unit_name]
        conditions = " and ".join(one for one in (self._rows.condition, unit.where, where) if one)
        text = f"""
        select grouping(name), name, class, count(*), count(distinct person_id)
        from (
            select {self._rows.expression} as name, person_id, {expression} as class from {unit.mart}
            {f"where {conditions}" if conditions else ""}
        ) rows
        group by grouping sets ((name, class), (class))
        """
        found: Classes = defaultdict(dict)
        for is_all, name, class_name, count, persons in self._engine.query(text):
            figure: Figure = _ROOT if is_all else ((str(name),),)
            found[figure][str(class_name)] = Counted(int(count), int(persons))
        return dict(sorted(found.items()))


def _name(figure: Figure) -> str:
    (node,) = figure
    return node[0] if node else ALL_ROWS
