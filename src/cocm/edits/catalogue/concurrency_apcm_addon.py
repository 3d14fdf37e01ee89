"""An add-on of advanced primary care beside the time-based codes."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="concurrency.apcm_addon",
    title="Add-on of advanced primary care beside the time-based code",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("concurrency.excluded_codes",),
    fix="Choose one path for the month: the time-based codes, or the add-on to advanced primary care.",
)


def applies(f: Facts) -> Truth:
    """Some codes exclude this service at this payer."""
    return f.has_excluded_codes


def trips(f: Facts) -> Truth:
    """A line for an add-on of advanced primary care stands in the same month."""
    return f.apcm_addon_lines_month > 0


CASES = (
    case("an add-on of advanced primary care stands in the month", Verdict.FAIL, apcm_addon_lines_month=1),
    case("nothing else in the month", Verdict.PASS, apcm_addon_lines_month=0),
    case(
        "no code excludes another at this payer",
        Verdict.NOT_APPLICABLE,
        has_excluded_codes=False,
        apcm_addon_lines_month=0,
    ),
    case(
        "the payer's list is not established",
        Verdict.NO_DATA,
        has_excluded_codes=UNKNOWN,
        apcm_addon_lines_month=UNKNOWN,
    ),
)
