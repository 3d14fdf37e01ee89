"""The payer wants an attestation that is not on record."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="enrollment.not_attested",
    title="Attestation to the model is missing",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("enrollment.attestation",),
    fix=(
        "Attest to the model (or have the site approved) in the payer's way, and enter the day from "
        "which it stands."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer wants an attestation."""
    return f.attestation_is_required


def trips(f: Facts) -> Truth:
    """None reaches back to the date of service."""
    return not_(f.is_attested)


CASES = (
    case("none on record", Verdict.FAIL, attestation_is_required=True, is_attested=False),
    case("attested before", Verdict.PASS, attestation_is_required=True, is_attested=True),
    case("a payer that wants none", Verdict.NOT_APPLICABLE, attestation_is_required=False, is_attested=False),
    case("the contract is not at hand", Verdict.NO_DATA, attestation_is_required=True, is_attested=UNKNOWN),
)
