"""A new or unseen patient without the visit that starts the service."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="initiating_visit.missing",
    title="Initiating visit needed and not found",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("initiating_visit.required",),
    fix="Enter the visit that started the service, or arrange one before further service.",
)


def applies(f: Facts) -> Truth:
    """The payer requires a visit, and the patient was new or unseen."""
    return f.initiating_visit_is_required & f.initiating_visit_is_needed


def trips(f: Facts) -> Truth:
    """No fitting visit is on record."""
    return not_(f.initiating_visit_is_met)


CASES = (
    case(
        "a new patient without a visit",
        Verdict.FAIL,
        initiating_visit_is_needed=True,
        initiating_visit_is_met=False,
    ),
    case(
        "a new patient with a visit",
        Verdict.PASS,
        initiating_visit_is_needed=True,
        initiating_visit_is_met=True,
    ),
    case(
        "a patient seen within the year",
        Verdict.NOT_APPLICABLE,
        initiating_visit_is_needed=False,
        initiating_visit_is_met=False,
    ),
    case(
        "a payer that requires no visit",
        Verdict.NOT_APPLICABLE,
        initiating_visit_is_required=False,
        initiating_visit_is_needed=True,
    ),
    case(
        "it is not known whether the patient was new",
        Verdict.NO_DATA,
        initiating_visit_is_needed=UNKNOWN,
        initiating_visit_is_met=False,
    ),
    case(
        "unknown whether needed, but there was one",
        Verdict.PASS,
        initiating_visit_is_needed=UNKNOWN,
        initiating_visit_is_met=True,
    ),
)
