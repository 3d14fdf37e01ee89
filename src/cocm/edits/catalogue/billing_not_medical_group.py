"""The billing provider is not the medical group."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="billing.not_medical_group",
    title="Billing provider is not the medical group",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.billing_entity",),
    fix="Put the billing practitioner's medical group, with its NPI and TIN, into the billing provider loop.",
)


def applies(f: Facts) -> Truth:
    """The payer wants the medical group as billing provider."""
    return f.billing_entity_required == "medical_group"


def trips(f: Facts) -> Truth:
    """The billing NPI is neither the group's nor one of its practitioners'."""
    return not_(f.billing_is_medical_group)


CASES = (
    case("a behavioral agency bills", Verdict.FAIL, billing_is_medical_group=False),
    case("the group bills", Verdict.PASS, billing_is_medical_group=True),
    case(
        "another entity is wanted",
        Verdict.NOT_APPLICABLE,
        billing_entity_required="other",
        billing_is_medical_group=False,
    ),
    case("it is not known who the billing provider is", Verdict.NO_DATA, billing_is_medical_group=UNKNOWN),
)
