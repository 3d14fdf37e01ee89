"""A line that counts in minutes instead of units."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="units.wrong_basis",
    title="Line counts in something else than units",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: minutes are for anesthesia",
    fix="Bill units (UN): the code stands for a month, or for a further half hour of it.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """It does not count in units."""
    return f.unit_basis != "UN"


CASES = (
    case("minutes", Verdict.FAIL, unit_basis="MJ"),
    case("units", Verdict.PASS, unit_basis="UN"),
)
