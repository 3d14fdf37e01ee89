"""A modifier that the payer refuses on the service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="modifier.refused",
    title="Modifier that the payer refuses",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("claim.modifiers_refused",),
    fix="Take the modifier off: care management is no telehealth service, even by phone or video.",
)


def applies(f: Facts) -> Truth:
    """The payer refuses some modifiers."""
    return f.has_refused_modifiers


def trips(f: Facts) -> Truth:
    """The line has one of them."""
    return f.has_refused_modifier


CASES = (
    case("a telehealth modifier", Verdict.FAIL, has_refused_modifier=True),
    case("no such modifier", Verdict.PASS, has_refused_modifier=False),
    case("a payer that refuses none", Verdict.NOT_APPLICABLE, has_refused_modifiers=False),
    case(
        "nobody has established which",
        Verdict.NO_DATA,
        has_refused_modifiers=UNKNOWN,
        has_refused_modifier=UNKNOWN,
    ),
)
