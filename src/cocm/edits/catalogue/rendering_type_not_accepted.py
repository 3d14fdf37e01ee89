"""The rendering practitioner is of a kind that the payer does not take."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="rendering.type_not_accepted",
    title="Kind of practitioner that the payer does not take",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("team.billing_practitioner_types",),
    fix=(
        "Bill under a practitioner of a kind that this payer takes and who treats the patient, or ask "
        "the payer."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer wants the practitioner to render, and says of which kinds."""
    return (
        (f.rendering_role_required == "billing_practitioner")
        & f.has_practitioner_types
        & (f.rendering_taxonomy_role != "not_given")
    )


def trips(f: Facts) -> Truth:
    """The rendering taxonomy's kind is not among them."""
    return not_(f.rendering_type_is_accepted)


CASES = (
    case(
        "a midwife where physicians and nurse practitioners bill",
        Verdict.FAIL,
        rendering_type_is_accepted=False,
    ),
    case("a physician", Verdict.PASS, rendering_type_is_accepted=True),
    case(
        "no taxonomy on the claim",
        Verdict.NOT_APPLICABLE,
        rendering_taxonomy_role="not_given",
        rendering_type_is_accepted=UNKNOWN,
    ),
    case(
        "the taxonomy tells no kind",
        Verdict.NO_DATA,
        rendering_taxonomy_role="other",
        rendering_type_is_accepted=UNKNOWN,
    ),
)
