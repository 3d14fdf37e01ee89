"""Counts of a mart's rows and of the different persons behind them, at every level that is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from cocm.basics.months import Month
from cocm.publish.suppression import SHOWN_MIN, Figure, Node
from cocm.warehouse.engine import Engine
from cocm.warehouse.values import sql_literal

NOT_KNOWN: Final = "not known"
_LEVELS: Final = ((), ("product",), ("product", "region"))
_MONTHS: Final[tuple[tuple[str, ...], ...]] = ((), ("month_index",))


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows, and of how many persons."""

    count: int
    persons: int


Classes: TypeAlias = dict[Figure, dict[str, Counted]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose rows of which months, both ends included."""

    payer_id: str
    first_month: Month
    last_month: Month

    def condition(self, month_column: str) -> str:
        """As SQL."""
        payer = sql_literal(self.payer_id)
        return f"payer_id = {payer} and {month_column} between {self.first_month.index} and {self.last_month.index}"


def count_classes(
    engine: Engine,
    scope: Scope,
    mart: str,
    expression: str,
    where: str = "",
    month_column: str = "month_index",
) -> Classes:
    """Rows and persons of each class at each level: product and region, month, and what is above them."""
    months = tuple(tuple(month_column for _ in one) for one in _MONTHS)
    sets = ",\n        ".join(
        f"({', '.join((*levels, *month, 'class'))})" for levels in _LEVELS for month in months
    )
    text = f"""
    select grouping(product), grouping(region), grouping({month_column}), product, region, {month_column}, class,
        count(*), count(distinct person_id)
    from (
        select product, region, {month_column}, person_id, {expression} as class
        from {mart}
        where {scope.condition(month_column)}{f" and {where}" if where else ""}
    ) rows
    group by grouping sets (
        {sets}
    )
    """
    found: Classes = defaultdict(dict)
    for no_product, no_region, no_month, product, region, month_index, name, count, persons in engine.query(
        text
    ):
        figure = (_row(no_product, no_region, product, region), _month(no_month, month_index))
        found[figure][str(name)] = Counted(int(count), int(persons))
    return dict(sorted(found.items()))


def sums(
    engine: Engine, scope: Scope, mart: str, expressions: Mapping[str, str], where: str = ""
) -> dict[Figure, dict[str, int]]:
    """Sums of a mart's columns, or counts of different values, at each level. Each expression is an SQL aggregate."""
    sets = ",\n        ".join(
        f"({', '.join((*levels, *month)) or ''})" for levels in _LEVELS for month in _MONTHS
    )
    columns = ", ".join(f"cast({expression} as bigint) as {name}" for name, expression in expressions.items())
    text = f"""
    select grouping(product), grouping(region), grouping(month_index), product, region, month_index, {columns}
    from {mart}
    where {scope.condition("month_index")}{f" and {where}" if where else ""}
    group by grouping sets (
        {sets}
    )
    """
    found: dict[Figure, dict[str, int]] = {}
    for no_product, no_region, no_month, product, region, month_index, *values in engine.query(text):
        figure = (_row(no_product, no_region, product, region), _month(no_month, month_index))
        found[figure] = {name: int(value or 0) for name, value in zip(expressions, values, strict=True)}
    return found


def totals(classes: Classes) -> dict[Figure, int]:
    """The counts of all classes together, by figure."""
    return {figure: sum(one.count for one in found.values()) for figure, found in classes.items()}


def finest(counts: Mapping[Figure, int]) -> dict[Figure, int]:
    """The counts at the finest level alone: product and region in a month."""
    return {figure: count for figure, count in counts.items() if len(figure[0]) == 2 and len(figure[1]) == 1}


def figures_with_few(classes: Classes) -> Iterator[Figure]:
    """The figures with a class of fewer persons than may be shown."""
    for figure, found in classes.items():
        if any(0 < one.persons < SHOWN_MIN for one in found.values()):
            yield figure


def _row(no_product: int, no_region: int, product: str, region: str) -> Node:
    if no_product:
        return ()
    return (product or NOT_KNOWN,) if no_region else (product or NOT_KNOWN, region or NOT_KNOWN)


def _month(no_month: int, month_index: int | None) -> Node:
    return () if no_month or month_index is None else (str(Month.from_index(month_index)),)
