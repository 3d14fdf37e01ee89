"""More add-on units in the month than the payer pays."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="addon.over_limit",
    title="Add-on units above the payer's monthly limit",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.addon_units",),
    fix="Reduce the add-on units to the payer's limit; the time beyond it is care given, but not billable.",
)


def applies(f: Facts) -> Truth:
    """An add-on line, at a payer that limits add-on units."""
    return f.is_addon & f.has_addon_unit_limit


def trips(f: Facts) -> Truth:
    """The month's add-on units exceed the limit."""
    return f.addon_units_month > f.addon_unit_limit


CASES = (
    case(
        "five units where four are the limit",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=5,
        addon_unit_limit=4,
    ),
    case(
        "four units where four are the limit",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=4,
        addon_unit_limit=4,
    ),
    case(
        "a payer without a limit",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=9,
        has_addon_unit_limit=False,
    ),
    case("a line that is no add-on", Verdict.NOT_APPLICABLE, addon_units_month=9),
    case(
        "nobody has established the limit",
        Verdict.NO_DATA,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=5,
        has_addon_unit_limit=UNKNOWN,
        addon_unit_limit=UNKNOWN,
    ),
)
