"""How many units of what: on the line, and in the month on this claim and the practice's earlier ones that stand."""

from __future__ import annotations

from cocm.edits.context import LineContext, MonthContext
from cocm.edits.fact import FactValue, Kind, Scope, fact


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of units on the line",
    sql="l.service_unit_quantity",
    clean=1,
)
def units(line: LineContext) -> FactValue:
    """Units of the line."""
    return line.line.service_unit_quantity


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of add-on units in the month",
    sql="""
        sum(case when k.months_before = 0 and k.is_ours and k.stands and k.is_addon_code
            then k.units else 0 end)
    """,
    clean=0,
    is_aggregate=True,
)
def addon_units_month(month: MonthContext) -> FactValue:
    """Units of add-on codes of this practice for the person, month and payer, this claim's included."""
    return sum([line.units for line in month.ours if line.role.is_addon])


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of base units in the month that an add-on may stand beside",
    sql="""
        sum(case when k.months_before = 0 and k.is_ours and k.stands and k.is_parent_code
            then k.units else 0 end)
    """,
    clean=1,
    is_aggregate=True,
)
def base_units_month(month: MonthContext) -> FactValue:
    """Units of first-month and later-month codes of this practice for the person, month and payer."""
    return sum([line.units for line in month.ours if line.role.is_parent])


@fact(
    Scope.MONTH,
    Kind.INTEGER,
    says="the number of base units of the month on this claim that an add-on may stand beside",
    sql="sum(case when k.is_this_claim and k.is_parent_code then k.units else 0 end)",
    clean=1,
    is_aggregate=True,
)
def base_units_claim(month: MonthContext) -> FactValue:
    """Units of first-month and later-month codes of the month on this claim."""
    return sum([line.units for line in month.on_claim if line.role.is_parent])


@fact(
    Scope.LINE,
    Kind.TEXT,
    says="what the line counts in",
    sql="l.unit_basis_code",
    clean="UN",
)
def unit_basis(line: LineContext) -> FactValue:
    """The line's unit of measurement: UN units, MJ minutes."""
    return line.line.unit_basis_code


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has whole units",
    denies="the line has a fraction of a unit",
    sql="l.is_whole_quantity",
    clean=True,
)
def units_are_whole(line: LineContext) -> FactValue:
    """The quantity on the claim is a whole number."""
    return line.line.is_whole_quantity
