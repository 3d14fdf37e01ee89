"""The rendering taxonomy is not one of the role that this payer wants."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, is_in
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="rendering.taxonomy_role",
    title="Rendering taxonomy belongs to another role",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.rendering_role",),
    cites="NUCC health care provider taxonomy",
    fix="Put the rendering person and their own taxonomy on the claim, as the payer and NPPES have them.",
)


def applies(f: Facts) -> Truth:
    """The payer wants the practitioner to render, and the taxonomy is of some role."""
    return (f.rendering_role_required == "billing_practitioner") & is_in(
        f.rendering_taxonomy_role,
        ("billing_practitioner", "bhcm", "psychiatric_consultant", "medical_facility", "behavioral_facility"),
    )


def trips(f: Facts) -> Truth:
    """It is none of a practitioner who bills."""
    return f.rendering_taxonomy_role != "billing_practitioner"


CASES = (
    case("a social worker's taxonomy", Verdict.FAIL, rendering_taxonomy_role="bhcm"),
    case("a family physician's taxonomy", Verdict.PASS, rendering_taxonomy_role="billing_practitioner"),
    case(
        "a payer that wants the care manager to render",
        Verdict.NOT_APPLICABLE,
        rendering_role_required="bhcm",
        rendering_taxonomy_role="bhcm",
    ),
    case("a taxonomy that tells no role", Verdict.NOT_APPLICABLE, rendering_taxonomy_role="other"),
    case(
        "the payer's role is not established",
        Verdict.NO_DATA,
        rendering_role_required=UNKNOWN,
        rendering_taxonomy_role="bhcm",
    ),
)
