"""A code in the month of which no source says whether it may stand beside this service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="concurrency.unsettled_code",
    title="A code in the month whose place beside this service is unsettled",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("concurrency.review_codes",),
    fix="Ask the payer whether it pays both for the month, and note the answer; no source settles it.",
)


def applies(f: Facts) -> Truth:
    """Of some codes no source settles whether they may stand beside this service."""
    return f.has_review_codes


def trips(f: Facts) -> Truth:
    """This practice has one of them in the same month."""
    return f.unsettled_code_lines_month > 0


CASES = (
    case(
        "the base of advanced primary care beside the time-based code",
        Verdict.FAIL,
        unsettled_code_lines_month=1,
    ),
    case("nothing unsettled in the month", Verdict.PASS, unsettled_code_lines_month=0),
    case("no code is unsettled at this payer", Verdict.NOT_APPLICABLE, has_review_codes=False),
    case(
        "the payer's list is not established",
        Verdict.NO_DATA,
        has_review_codes=UNKNOWN,
        unsettled_code_lines_month=UNKNOWN,
    ),
)
