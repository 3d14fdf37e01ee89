"""More units of the code on a day than NCCI lets pass."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="ncci.units",
    title="Units above NCCI's limit for the day",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.ncci_applies",),
    cites="CMS NCCI medically unlikely edits, practitioner services",
    fix=(
        "Reduce the units to the limit, or correct the earlier claim of the day; where the limit is "
        "clinical, appeal with the time log."
    ),
)


def applies(f: Facts) -> Truth:
    """More than one unit on the day of a code that has a limit, where no limit of the payer's own covers it."""
    return (
        f.ncci_applies
        & (f.code_units_day > 1)
        & f.has_ncci_unit_limit
        & not_(f.is_addon & f.limits_addons_itself)
    )


def trips(f: Facts) -> Truth:
    """The practice has more units of the code on the day."""
    return f.code_units_day > f.ncci_unit_limit


CASES = (
    case(
        "five units where four are the limit",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        limits_addons_itself=False,
        code_units_day=5,
        ncci_unit_limit=4,
    ),
    case(
        "four units where four are the limit",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        limits_addons_itself=False,
        code_units_day=4,
        ncci_unit_limit=4,
    ),
    case(
        "a payer with a limit of its own",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=5,
        code_units_day=5,
    ),
    case(
        "one unit",
        Verdict.NOT_APPLICABLE,
        code_units_day=1,
        has_ncci_unit_limit=UNKNOWN,
        ncci_unit_limit=UNKNOWN,
    ),
    case(
        "a code without a limit",
        Verdict.NOT_APPLICABLE,
        code_units_day=2,
        has_ncci_unit_limit=False,
        ncci_unit_limit=0,
    ),
    case(
        "before the first quarter at hand",
        Verdict.NO_DATA,
        code_units_day=2,
        has_ncci_unit_limit=UNKNOWN,
        ncci_unit_limit=UNKNOWN,
    ),
)
