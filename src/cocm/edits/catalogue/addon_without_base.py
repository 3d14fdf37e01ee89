"""An add-on without the month's base code beside it."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="addon.without_base",
    title="Add-on without a base code in the month",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("codes.addon",),
    cites="CMS NCCI add-on code edits; design studio summary (2025): add-ons without a parent are denied",
    fix="Bill the base code and its add-ons on one claim; if the base went out alone, correct that claim.",
)


def applies(f: Facts) -> Truth:
    """An add-on line."""
    return f.is_addon


def trips(f: Facts) -> Truth:
    """Neither this claim nor an earlier one that stands has a base code for the month."""
    return f.base_units_month == 0


CASES = (
    case(
        "an add-on alone",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_units_month=0,
    ),
    case(
        "an add-on beside its base",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_units_month=1,
    ),
    case("a base line", Verdict.NOT_APPLICABLE, base_units_month=1),
    case("the payer's add-on code is not established", Verdict.NO_DATA, is_addon=UNKNOWN, base_units_month=0),
)
