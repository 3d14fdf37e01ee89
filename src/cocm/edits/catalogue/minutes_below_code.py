"""A code that the month's minutes do not earn."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="minutes.below_code",
    title="Minutes do not support the code",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(
        "time.first_month_min",
        "time.later_month_min",
        "time.addon_min",
        "time.short_month_min",
    ),
    fix="Bill what the counted minutes earn; never add minutes after the fact.",
)


def applies(f: Facts) -> Truth:
    """A line with one of the payer's codes."""
    return f.is_base | f.is_addon | f.is_short_month


def trips(f: Facts) -> Truth:
    """Fewer minutes were counted than the code and its units need."""
    return f.minutes_counted < f.minutes_needed


CASES = (
    case(
        "thirty minutes for a code that needs thirty-one", Verdict.FAIL, minutes_counted=30, minutes_needed=31
    ),
    case("thirty-one minutes for it", Verdict.PASS, minutes_counted=31, minutes_needed=31),
    case(
        "a code that is not the payer's",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        minutes_needed=UNKNOWN,
    ),
    case("the minutes are not known", Verdict.NO_DATA, minutes_counted=UNKNOWN),
    case("the payer's threshold is not established", Verdict.NO_DATA, minutes_needed=UNKNOWN),
)
