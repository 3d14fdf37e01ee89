"""A place of service that the payer refuses, such as telehealth."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="place.refused",
    title="Place of service that the payer refuses",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.places_refused",),
    fix=(
        "Use the place where the practitioner would see the patient, not the one where the care "
        "manager spoke with them."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer refuses some places."""
    return f.has_refused_places


def trips(f: Facts) -> Truth:
    """The claim has one of them."""
    return f.place_is_refused


CASES = (
    case("telehealth as place of service", Verdict.FAIL, place_is_refused=True),
    case("an office", Verdict.PASS, place_is_refused=False),
    case("a payer that refuses none", Verdict.NOT_APPLICABLE, has_refused_places=False),
    case(
        "nobody has established which", Verdict.NO_DATA, has_refused_places=UNKNOWN, place_is_refused=UNKNOWN
    ),
)
