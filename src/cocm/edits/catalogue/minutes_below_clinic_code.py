"""A clinic's code that the month's minutes do not earn."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="minutes.below_clinic_code",
    title="Minutes do not support the clinic's code",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(
        "time.clinic_first_month_min",
        "time.clinic_later_month_min",
    ),
    fix="Bill what the counted minutes earn; never add minutes after the fact.",
)


def applies(f: Facts) -> Truth:
    """A line with the payer's code of a clinic's month, which is none of its other codes."""
    return f.is_clinic_month & not_(f.is_base) & (f.clinic_minutes_needed > 0)


def trips(f: Facts) -> Truth:
    """Fewer minutes were counted."""
    return f.minutes_counted < f.clinic_minutes_needed


CASES = (
    case(
        "sixty-nine minutes for seventy",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_clinic_month=True,
        minutes_counted=69,
        clinic_minutes_needed=70,
    ),
    case(
        "seventy minutes for seventy",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_clinic_month=True,
        minutes_counted=70,
        clinic_minutes_needed=70,
    ),
    case("another code", Verdict.NOT_APPLICABLE, minutes_counted=1),
    case(
        "the threshold is not established",
        Verdict.NO_DATA,
        is_base=False,
        is_base_later=False,
        is_clinic_month=True,
        clinic_minutes_needed=UNKNOWN,
    ),
)
