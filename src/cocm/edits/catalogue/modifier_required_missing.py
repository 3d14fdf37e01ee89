"""None of the modifiers of which the payer wants one."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="modifier.required_missing",
    title="Modifier that the payer wants is missing",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("claim.modifiers_required",),
    fix="Put the modifier that the payer asks for on the line.",
)


def applies(f: Facts) -> Truth:
    """The payer wants one of certain modifiers."""
    return f.has_required_modifiers


def trips(f: Facts) -> Truth:
    """The line has none of them."""
    return not_(f.has_required_modifier)


CASES = (
    case("none of them", Verdict.FAIL, has_required_modifiers=True, has_required_modifier=False),
    case("one of them", Verdict.PASS, has_required_modifiers=True, has_required_modifier=True),
    case("a payer that wants none", Verdict.NOT_APPLICABLE, has_required_modifiers=False),
    case(
        "nobody has established which",
        Verdict.NO_DATA,
        has_required_modifiers=UNKNOWN,
        has_required_modifier=UNKNOWN,
    ),
)
