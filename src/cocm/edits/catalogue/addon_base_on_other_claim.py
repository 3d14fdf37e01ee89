"""An add-on whose base code went out on another claim."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="addon.base_on_other_claim",
    title="Add-on and base code on different claims",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS NCCI add-on code edits; denials for a missing parent when the two come apart (CARC 107)",
    fix=(
        "Send the base code and its add-ons on one claim: correct the claim with the base code "
        "instead of sending the add-on alone."
    ),
)


def applies(f: Facts) -> Truth:
    """An add-on line whose month has a base code."""
    return f.is_addon & (f.base_units_month > 0)


def trips(f: Facts) -> Truth:
    """This claim has none."""
    return f.base_units_claim == 0


CASES = (
    case(
        "the base code went out before",
        Verdict.FAIL,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_units_month=1,
        base_units_claim=0,
    ),
    case(
        "both on one claim",
        Verdict.PASS,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_units_month=1,
        base_units_claim=1,
    ),
    case(
        "no base code at all",
        Verdict.NOT_APPLICABLE,
        is_base=False,
        is_base_later=False,
        is_addon=True,
        addon_units_month=1,
        base_units_month=0,
        base_units_claim=0,
    ),
    case("the payer's add-on code is not established", Verdict.NO_DATA, is_addon=UNKNOWN, base_units_claim=0),
)
