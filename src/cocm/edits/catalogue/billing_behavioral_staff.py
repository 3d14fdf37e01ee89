"""The billing provider is a person of the behavioral team."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, is_in
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="billing.behavioral_staff",
    title="Care manager or consultant as billing provider",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.billing_entity",),
    fix=(
        "Bill under the medical group (or the billing practitioner); the behavioral team's work is "
        "incident to it."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer wants the medical group as billing provider."""
    return f.billing_entity_required == "medical_group"


def trips(f: Facts) -> Truth:
    """The billing NPI is that of a care manager, consultant or clinical staff."""
    return is_in(f.billing_npi_role, ("bhcm", "psychiatric_consultant", "clinical_staff"))


CASES = (
    case(
        "the care manager's NPI bills", Verdict.FAIL, billing_npi_role="bhcm", billing_is_medical_group=False
    ),
    case(
        "the psychiatric consultant's NPI bills",
        Verdict.FAIL,
        billing_npi_role="psychiatric_consultant",
        billing_is_medical_group=False,
    ),
    case("the group's own NPI bills", Verdict.PASS, billing_npi_role="nobody_of_the_practice"),
    case("the practitioner bills in person", Verdict.PASS, billing_npi_role="billing_practitioner"),
    case(
        "another entity is wanted",
        Verdict.NOT_APPLICABLE,
        billing_entity_required="other",
        billing_npi_role="bhcm",
    ),
    case("the practice's people are not known", Verdict.NO_DATA, billing_npi_role=UNKNOWN),
)
