"""A code that is paid only beside another base code, without it."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.required_code_missing",
    title="The base code that this code needs is missing",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("codes.required_base",),
    fix=(
        "Bill the base code by the same practitioner for the month, or the time-based codes where no "
        "such base was earned."
    ),
)


def applies(f: Facts) -> Truth:
    """A base code, at a payer that wants another base code beside it."""
    return f.is_base & f.has_required_base


def trips(f: Facts) -> Truth:
    """None of those codes stands in the month."""
    return not_(f.required_base_is_met)


CASES = (
    case(
        "an add-on to advanced primary care without its base",
        Verdict.FAIL,
        has_required_base=True,
        required_base_is_met=False,
    ),
    case("the add-on beside its base", Verdict.PASS, has_required_base=True, required_base_is_met=True),
    case("a payer that wants no other code", Verdict.NOT_APPLICABLE, has_required_base=False),
    case(
        "nobody has established whether one is wanted",
        Verdict.NO_DATA,
        has_required_base=UNKNOWN,
        required_base_is_met=UNKNOWN,
    ),
)
