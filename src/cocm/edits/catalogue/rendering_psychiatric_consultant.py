"""The psychiatric consultant as rendering provider."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="rendering.psychiatric_consultant",
    title="Psychiatric consultant as rendering provider",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites=(
        "BCBS of Michigan, The Record, November 2020 and May 2022: the consultant submits no claim; AAP: same"
    ),
    fix=(
        "Name the payer's role as rendering provider: the consultant's work is part of the code, and "
        "the practice pays for it."
    ),
)


def applies(f: Facts) -> Truth:
    """Every claim: somebody renders."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """The rendering NPI is that of a psychiatric consultant of the practice."""
    return f.rendering_npi_role == "psychiatric_consultant"


CASES = (
    case("the consultant's NPI", Verdict.FAIL, rendering_npi_role="psychiatric_consultant"),
    case("the practitioner's NPI", Verdict.PASS, rendering_npi_role="billing_practitioner"),
    case("the practice's people are not known", Verdict.NO_DATA, rendering_npi_role=UNKNOWN),
)
