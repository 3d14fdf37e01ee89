"""Lines of several months on one claim."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.several_months",
    title="Several months on one claim",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="BCBS of Michigan, The Record, May 2022: one calendar month, billed once",
    fix="Send a claim for each month: the code reports one calendar month.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a date of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """Its lines for the service lie in several months."""
    return f.spans_months


CASES = (
    case("March and April", Verdict.FAIL, spans_months=True),
    case("one month", Verdict.PASS, spans_months=False),
)
