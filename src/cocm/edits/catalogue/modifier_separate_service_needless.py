"""A modifier that says the service is separate, where nothing asks for it."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="modifier.separate_service_needless",
    title="Modifier for a separate service without a pair that asks for it",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("claim.modifiers_separate_service",),
    fix="Take the modifier off: it belongs on a visit of the same day, or on a pair that NCCI opens with it.",
)


def applies(f: Facts) -> Truth:
    """The line has a modifier that says the service is separate."""
    return f.has_separate_modifier


def trips(f: Facts) -> Truth:
    """No service of the day asks for it."""
    return not_(f.ncci_pair_allows_modifier)


CASES = (
    case(
        "modifier 25 on the line", Verdict.FAIL, has_separate_modifier=True, ncci_pair_allows_modifier=False
    ),
    case(
        "a pair that is paid with it",
        Verdict.PASS,
        has_separate_modifier=True,
        ncci_pair_allows_modifier=True,
    ),
    case("no such modifier", Verdict.NOT_APPLICABLE, has_separate_modifier=False),
    case(
        "the edition at hand does not reach back to the day",
        Verdict.NO_DATA,
        has_separate_modifier=True,
        ncci_pair_allows_modifier=UNKNOWN,
    ),
)
