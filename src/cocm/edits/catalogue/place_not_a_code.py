"""A place of service that is no code."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="place.not_a_code",
    title="Place of service is not on the list of codes",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS place of service code set",
    fix="Enter the two-digit place of service of the site at which the practitioner is credentialed.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a place of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """It is not on CMS's list."""
    return not_(f.place_is_listed)


CASES = (
    case("no place at all, or a code that does not exist", Verdict.FAIL, place_is_listed=False),
    case("an office", Verdict.PASS, place_is_listed=True),
)
