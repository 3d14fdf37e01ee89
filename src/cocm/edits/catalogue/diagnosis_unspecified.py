"""An unspecified diagnosis that draws questions."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="diagnosis.unspecified",
    title="Unspecified diagnosis",
    severity=Severity.INFORM,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("diagnosis.unspecified_codes",),
    fix=(
        "Where the record supports a more specific diagnosis, the practitioner may name it; never "
        "change it for the claim alone."
    ),
)


def applies(f: Facts) -> Truth:
    """Some unspecified diagnoses draw questions."""
    return f.has_unspecified_diagnoses


def trips(f: Facts) -> Truth:
    """The claim has one of them."""
    return f.has_unspecified_diagnosis


CASES = (
    case("depression, unspecified", Verdict.FAIL, has_unspecified_diagnosis=True),
    case("a specific diagnosis", Verdict.PASS, has_unspecified_diagnosis=False),
    case("no list", Verdict.NOT_APPLICABLE, has_unspecified_diagnoses=False),
    case(
        "the list is not established",
        Verdict.NO_DATA,
        has_unspecified_diagnoses=UNKNOWN,
        has_unspecified_diagnosis=UNKNOWN,
    ),
)
