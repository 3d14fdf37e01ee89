"""How many units of what the month holds: this claim's lines and the practice's earlier ones that stand."""

from __future__ import annotations

from cocm.edits.context import MonthContext
from cocm.edits.fact import FactValue, Kind, Scope, fact


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
