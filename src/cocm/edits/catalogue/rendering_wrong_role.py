"""The rendering provider is not the one this payer wants."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, is_in
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="rendering.wrong_role",
    title="Rendering provider is not the role the payer wants",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.rendering_role",),
    fix="Name the person whom the payer wants as rendering provider; never somebody who did not serve.",
)


def applies(f: Facts) -> Truth:
    """Every claim: somebody renders, and the payer says in which role."""
    return is_in(f.rendering_role_required, ("billing_practitioner", "bhcm"))


def trips(f: Facts) -> Truth:
    """The rendering NPI belongs to another role, or to nobody of the practice; the consultant has its own edit."""
    return (f.rendering_npi_role != f.rendering_role_required) & (
        f.rendering_npi_role != "psychiatric_consultant"
    )


CASES = (
    case(
        "the care manager renders where the practitioner must",
        Verdict.FAIL,
        rendering_npi_role="bhcm",
        rendering_role_required="billing_practitioner",
    ),
    case(
        "the practitioner renders where the care manager must",
        Verdict.FAIL,
        rendering_npi_role="billing_practitioner",
        rendering_role_required="bhcm",
    ),
    case("nobody of the practice renders", Verdict.FAIL, rendering_npi_role="nobody_of_the_practice"),
    case(
        "the practitioner renders where the practitioner must",
        Verdict.PASS,
        rendering_npi_role="billing_practitioner",
    ),
    case(
        "the care manager renders where the care manager must",
        Verdict.PASS,
        rendering_npi_role="bhcm",
        rendering_role_required="bhcm",
    ),
    case("the practice's people are not known", Verdict.NO_DATA, rendering_npi_role=UNKNOWN),
    case("the payer's role is not established", Verdict.NO_DATA, rendering_role_required=UNKNOWN),
)
