"""Another code in the same month that excludes this service; general BHI and add-ons have edits of their own."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="concurrency.excluded_code",
    title="Another code in the month excludes this service",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("concurrency.excluded_codes",),
    fix="Choose one of the two services for the month; this payer does not pay both.",
)


def applies(f: Facts) -> Truth:
    """Some codes exclude this service at this payer."""
    return f.has_excluded_codes


def trips(f: Facts) -> Truth:
    """One of them stands in the same month."""
    return f.excluded_code_lines_month > 0


CASES = (
    case("care management of a clinic billed in the month", Verdict.FAIL, excluded_code_lines_month=1),
    case("nothing else in the month", Verdict.PASS, excluded_code_lines_month=0),
    case(
        "no code excludes another at this payer",
        Verdict.NOT_APPLICABLE,
        has_excluded_codes=False,
        excluded_code_lines_month=0,
    ),
    case(
        "the payer's list is not established",
        Verdict.NO_DATA,
        has_excluded_codes=UNKNOWN,
        excluded_code_lines_month=UNKNOWN,
    ),
)
