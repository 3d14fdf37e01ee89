"""A date of service after the patient's death."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.after_death",
    title="Date of service after death",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="CMS internet-only manual 100-04: no payment for services after death",
    fix="Use the last day on which the patient lived and the minutes were reached; bill nothing after it.",
)


def applies(f: Facts) -> Truth:
    """A death is on record."""
    return f.has_death_date


def trips(f: Facts) -> Truth:
    """The service is dated after it."""
    return f.service_day > f.death_day


CASES = (
    case("the day after", Verdict.FAIL, has_death_date=True, death_day=9585),
    case("the same day", Verdict.PASS, has_death_date=True, death_day=9586),
    case("no death on record", Verdict.NOT_APPLICABLE, has_death_date=False, death_day=UNKNOWN),
    case("a death whose day is not known", Verdict.NO_DATA, has_death_date=True, death_day=UNKNOWN),
)
