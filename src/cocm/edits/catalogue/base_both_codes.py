"""Two codes that each report the same month."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.both_codes",
    title="Two base codes in one month",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="BCBS of North Dakota: psychiatric collaborative care policy; the codes' own definition",
    fix="Keep the one code that the month earned: first month, later month or short month.",
)


def applies(f: Facts) -> Truth:
    """A line with a code that reports a month."""
    return f.is_base | f.is_short_month


def trips(f: Facts) -> Truth:
    """Another base code stands in the same month, on this claim or an earlier one."""
    return f.other_base_lines_month > 0


CASES = (
    case(
        "first-month and later-month code together",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        other_base_lines_month=1,
    ),
    case(
        "the code of a short month beside a base code",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_short_month=True,
        other_base_lines_month=1,
    ),
    case("one base code", Verdict.PASS, other_base_lines_month=0),
    case(
        "an add-on line",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        other_base_lines_month=1,
    ),
    case(
        "the payer's codes are not established",
        Verdict.NO_DATA,
        is_base=UNKNOWN,
        is_base_later=UNKNOWN,
        other_base_lines_month=1,
    ),
)
