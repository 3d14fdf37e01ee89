"""A claim without a diagnosis that supports the service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="diagnosis.none_behavioral",
    title="No behavioral diagnosis on the claim",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("diagnosis.required",),
    fix=(
        "Add the behavioral condition that the practitioner treats; do not reorder diagnoses to steer "
        "the claim."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer requires a behavioral diagnosis."""
    return f.diagnosis_is_required


def trips(f: Facts) -> Truth:
    """The claim has none that the payer takes."""
    return not_(f.has_behavioral_diagnosis)


CASES = (
    case("only a screening code", Verdict.FAIL, has_behavioral_diagnosis=False),
    case("a behavioral diagnosis", Verdict.PASS, has_behavioral_diagnosis=True),
    case(
        "a payer that requires none",
        Verdict.NOT_APPLICABLE,
        diagnosis_is_required=False,
        has_behavioral_diagnosis=False,
    ),
    case("the payer's list is not established", Verdict.NO_DATA, has_behavioral_diagnosis=UNKNOWN),
)
