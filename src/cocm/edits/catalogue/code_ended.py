"""A code that Medicare has ended, which this payer still takes."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="code.ended",
    title="Code that Medicare has ended",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS physician fee schedule relative values, July 2026: no such row; HCPCS end not established",
    fix=(
        "Ask the payer whether it still takes the code for this date: a code that is deleted from the "
        "code set ends for everybody."
    ),
)


def applies(f: Facts) -> Truth:
    """One of the payer's codes."""
    return f.is_base | f.is_addon | f.is_short_month | f.is_clinic_month


def trips(f: Facts) -> Truth:
    """Medicare took it once, and does so no longer."""
    return f.code_is_ended


CASES = (
    case("a code that lives on at a state programme", Verdict.FAIL, code_is_ended=True),
    case("a code in force", Verdict.PASS, code_is_ended=False),
    case(
        "a code that is not the payer's",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        code_is_ended=True,
    ),
    case(
        "the payer's codes are not established",
        Verdict.NO_DATA,
        is_base=UNKNOWN,
        is_base_later=UNKNOWN,
        code_is_ended=True,
    ),
)
