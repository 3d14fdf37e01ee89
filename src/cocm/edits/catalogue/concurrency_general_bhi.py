"""General behavioral health integration beside Collaborative Care in one month."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="concurrency.general_bhi",
    title="General behavioral health integration in the same month",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("concurrency.excluded_codes",),
    fix=(
        "Keep the one service that the month was: Collaborative Care or general behavioral health "
        "integration, never both."
    ),
)


def applies(f: Facts) -> Truth:
    """Some codes exclude this service at this payer."""
    return f.has_excluded_codes


def trips(f: Facts) -> Truth:
    """A line for general behavioral health integration stands in the same month."""
    return f.general_bhi_lines_month > 0


CASES = (
    case(
        "general behavioral health integration stands in the month", Verdict.FAIL, general_bhi_lines_month=1
    ),
    case("nothing else in the month", Verdict.PASS, general_bhi_lines_month=0),
    case(
        "no code excludes another at this payer",
        Verdict.NOT_APPLICABLE,
        has_excluded_codes=False,
        general_bhi_lines_month=0,
    ),
    case(
        "the payer's list is not established",
        Verdict.NO_DATA,
        has_excluded_codes=UNKNOWN,
        general_bhi_lines_month=UNKNOWN,
    ),
)
