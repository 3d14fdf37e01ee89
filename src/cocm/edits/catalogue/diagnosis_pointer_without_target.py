"""A line without a pointer, or with one to a diagnosis that the claim does not have."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="diagnosis.pointer_without_target",
    title="Pointer leads to no diagnosis",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: diagnosis code pointers",
    fix="Point the line to a diagnosis that stands on the claim.",
)


def applies(f: Facts) -> Truth:
    """Every line with a CoCM code."""
    return f.is_cocm


def trips(f: Facts) -> Truth:
    """It has no pointer, or one beyond the diagnoses."""
    return not_(f.pointers_are_positions)


CASES = (
    case("pointer 3 of two diagnoses", Verdict.FAIL, pointers_are_positions=False),
    case("pointer 1", Verdict.PASS, pointers_are_positions=True),
)
