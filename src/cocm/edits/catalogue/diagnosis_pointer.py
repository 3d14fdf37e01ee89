"""A line that does not point to the behavioral diagnosis."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="diagnosis.pointer",
    title="Line does not point to the behavioral diagnosis",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("diagnosis.required",),
    fix="Point the line to the behavioral diagnosis; the order of the diagnoses may stay as it is.",
)


def applies(f: Facts) -> Truth:
    """The payer requires a behavioral diagnosis, and the claim has one."""
    return f.diagnosis_is_required & f.has_behavioral_diagnosis


def trips(f: Facts) -> Truth:
    """None of the line's pointers leads to it."""
    return not_(f.points_to_behavioral_diagnosis)


CASES = (
    case("the line points to a medical diagnosis", Verdict.FAIL, points_to_behavioral_diagnosis=False),
    case("the line points to the behavioral one", Verdict.PASS, points_to_behavioral_diagnosis=True),
    case(
        "the claim has no behavioral diagnosis",
        Verdict.NOT_APPLICABLE,
        has_behavioral_diagnosis=False,
        points_to_behavioral_diagnosis=False,
    ),
    case(
        "the payer's list is not established",
        Verdict.NO_DATA,
        has_behavioral_diagnosis=UNKNOWN,
        points_to_behavioral_diagnosis=UNKNOWN,
    ),
)
