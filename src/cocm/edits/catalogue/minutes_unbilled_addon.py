"""The month's minutes earn an add-on unit that is not billed."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="minutes.unbilled_addon",
    title="Minutes earn more add-on units than are billed",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(
        "time.addon_min",
        "limit.addon_units",
    ),
    fix="Bill the add-on unit that the minutes earn, within the payer's limit, or note why not.",
)


def applies(f: Facts) -> Truth:
    """A base code, at a payer that has timed add-ons."""
    return f.is_base & (f.addon_code != "") & (f.minutes_for_next_addon > 0)


def trips(f: Facts) -> Truth:
    """The minutes reach the next unit, and the limit leaves room for it."""
    return (f.minutes_counted >= f.minutes_for_next_addon) & (
        not_(f.has_addon_unit_limit) | (f.addon_units_month < f.addon_unit_limit)
    )


CASES = (
    case(
        "eighty minutes without an add-on",
        Verdict.FAIL,
        addon_code="99494",
        minutes_counted=80,
        minutes_for_next_addon=76,
    ),
    case(
        "the limit is reached",
        Verdict.PASS,
        addon_code="99494",
        addon_units_month=4,
        minutes_counted=200,
        minutes_for_next_addon=196,
    ),
    case(
        "seventy-five minutes",
        Verdict.PASS,
        addon_code="99494",
        minutes_counted=75,
        minutes_for_next_addon=76,
    ),
    case("add-ons are not timed", Verdict.NOT_APPLICABLE, addon_code="99494", minutes_for_next_addon=0),
    case(
        "an add-on line",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        addon_code="99494",
        minutes_counted=500,
    ),
    case("the minutes are not known", Verdict.NO_DATA, addon_code="99494", minutes_counted=UNKNOWN),
)
