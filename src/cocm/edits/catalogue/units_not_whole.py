"""A line with a fraction of a unit."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="units.not_whole",
    title="Fraction of a unit",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="AMA CPT: units of psychiatric collaborative care management",
    fix="Bill whole units: a unit is earned by its minutes, or it is not.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """The quantity is no whole number."""
    return not_(f.units_are_whole)


CASES = (
    case("one and a half units", Verdict.FAIL, units_are_whole=False),
    case("one unit", Verdict.PASS, units_are_whole=True),
)
