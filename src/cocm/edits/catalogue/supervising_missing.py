"""No supervising provider where the payer wants one named."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="supervising.missing",
    title="Supervising provider is missing",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.supervising_provider_required",),
    fix="Name the supervising practitioner on the claim (loop 2310D).",
)


def applies(f: Facts) -> Truth:
    """The payer wants the supervising provider named."""
    return f.supervising_provider_is_required


def trips(f: Facts) -> Truth:
    """The claim names none."""
    return not_(f.has_supervising_provider)


CASES = (
    case(
        "none is named", Verdict.FAIL, supervising_provider_is_required=True, has_supervising_provider=False
    ),
    case("one is named", Verdict.PASS, supervising_provider_is_required=True, has_supervising_provider=True),
    case("the payer does not ask", Verdict.NOT_APPLICABLE, supervising_provider_is_required=False),
    case("it is not known whether the payer asks", Verdict.NO_DATA, supervising_provider_is_required=UNKNOWN),
)
