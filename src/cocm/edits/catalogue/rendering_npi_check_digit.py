"""The rendering NPI cannot be right."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="rendering.npi_check_digit",
    title="Rendering NPI fails its check digit",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS: requirements for the NPI and its check digit (ISO/IEC 7812 Luhn formula, prefix 80840)",
    fix="Correct the rendering provider's NPI; look it up in NPPES.",
    checks_voids=True,
)


def applies(f: Facts) -> Truth:
    """Every claim has a rendering NPI, the billing provider's where that one renders."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """It does not have ten digits with the right check digit."""
    return not_(f.rendering_npi_is_valid)


CASES = (
    case("a digit is wrong", Verdict.FAIL, rendering_npi_is_valid=False),
    case("the check digit is right", Verdict.PASS, rendering_npi_is_valid=True),
)
