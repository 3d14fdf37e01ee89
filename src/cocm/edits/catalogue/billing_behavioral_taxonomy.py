"""The billing taxonomy is that of behavioral health, which leads the claim astray."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, is_in
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="billing.behavioral_taxonomy",
    title="Billing taxonomy belongs to behavioral health",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.benefit_side",),
    cites="NUCC health care provider taxonomy",
    fix=(
        "Bill under the medical group's own taxonomy: a behavioral one sends the claim to the "
        "behavioral administrator."
    ),
)


def applies(f: Facts) -> Truth:
    """The medical benefit pays for the service."""
    return f.benefit_side == "medical"


def trips(f: Facts) -> Truth:
    """The billing taxonomy is a mental health clinic's, a care manager's or a psychiatrist's."""
    return is_in(f.billing_taxonomy_role, ("behavioral_facility", "bhcm", "psychiatric_consultant"))


CASES = (
    case("a mental health clinic", Verdict.FAIL, billing_taxonomy_role="behavioral_facility"),
    case("a psychiatrist", Verdict.FAIL, billing_taxonomy_role="psychiatric_consultant"),
    case("a primary care clinic", Verdict.PASS, billing_taxonomy_role="medical_facility"),
    case("no taxonomy on the claim", Verdict.PASS, billing_taxonomy_role="not_given"),
    case(
        "a payer that pays it as a behavioral benefit",
        Verdict.NOT_APPLICABLE,
        benefit_side="behavioral",
        billing_taxonomy_role="behavioral_facility",
    ),
    case(
        "the side of the benefit is not established",
        Verdict.NO_DATA,
        benefit_side=UNKNOWN,
        billing_taxonomy_role="behavioral_facility",
    ),
)
