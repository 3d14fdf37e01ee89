"""Exactly as many minutes as the code needs, and none to spare."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="minutes.at_threshold",
    title="Minutes exactly at the threshold",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="OpenCoCM: an audit looks at the months at the threshold first",
    fix="Check the entries of the month: one minute that does not count takes the code away.",
)


def applies(f: Facts) -> Truth:
    """A line with one of the payer's timed codes."""
    return (f.is_base | f.is_addon | f.is_short_month) & (f.minutes_needed > 0)


def trips(f: Facts) -> Truth:
    """The minutes counted are the fewest that earn it."""
    return f.minutes_counted == f.minutes_needed


CASES = (
    case(
        "thirty-one minutes where thirty-one are needed", Verdict.FAIL, minutes_counted=31, minutes_needed=31
    ),
    case("forty minutes", Verdict.PASS, minutes_counted=40, minutes_needed=31),
    case("an untimed code", Verdict.NOT_APPLICABLE, minutes_counted=0, minutes_needed=0),
    case("the minutes are not known", Verdict.NO_DATA, minutes_counted=UNKNOWN),
)
