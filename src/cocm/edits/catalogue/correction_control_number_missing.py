"""A correction that does not say which claim it corrects."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="correction.control_number_missing",
    title="Replacement or void without the payer's control number",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="X12 005010X222A1: frequency codes 7 and 8 need the payer claim control number (2300 REF*F8)",
    fix="Enter the payer's claim control number from the remittance of the claim to be corrected.",
    checks_voids=True,
)


def applies(f: Facts) -> Truth:
    """A replacement or void."""
    return f.is_correction


def trips(f: Facts) -> Truth:
    """The payer's claim control number is missing."""
    return not_(f.has_control_number)


CASES = (
    case(
        "a replacement without a number",
        Verdict.FAIL,
        is_original=False,
        is_correction=True,
        has_control_number=False,
    ),
    case(
        "a replacement with its number",
        Verdict.PASS,
        is_original=False,
        is_correction=True,
        has_control_number=True,
    ),
    case("an original", Verdict.NOT_APPLICABLE, is_correction=False),
)
