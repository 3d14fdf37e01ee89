"""The billing NPI cannot be right."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="billing.npi_check_digit",
    title="Billing NPI fails its check digit",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS: requirements for the NPI and its check digit (ISO/IEC 7812 Luhn formula, prefix 80840)",
    fix="Correct the billing provider's NPI; look it up in NPPES.",
    checks_voids=True,
)


def applies(f: Facts) -> Truth:
    """Every claim has a billing NPI."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """It does not have ten digits with the right check digit."""
    return not_(f.billing_npi_is_valid)


CASES = (
    case("a digit is wrong", Verdict.FAIL, billing_npi_is_valid=False),
    case("the check digit is right", Verdict.PASS, billing_npi_is_valid=True),
)
