"""A base code with more than one unit."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.units",
    title="Base code with more than one unit",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS NCCI medically unlikely edits, practitioner services: one unit of each base code",
    fix="Bill one unit: the code reports the whole month; further time goes on the add-on code.",
)


def applies(f: Facts) -> Truth:
    """A line with a code that reports a month."""
    return f.is_base | f.is_short_month


def trips(f: Facts) -> Truth:
    """The line has more than one unit."""
    return f.units > 1


CASES = (
    case("two units of a base code", Verdict.FAIL, units=2),
    case("one unit", Verdict.PASS, units=1),
    case(
        "an add-on line with three units",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        units=3,
    ),
    case(
        "the payer's codes are not established",
        Verdict.NO_DATA,
        is_base=UNKNOWN,
        is_base_later=UNKNOWN,
        units=2,
    ),
)
