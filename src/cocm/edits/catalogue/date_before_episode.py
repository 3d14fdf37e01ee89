"""A date of service before the episode began."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.before_episode",
    title="Date of service before the episode",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="AMA CPT: psychiatric collaborative care management guidelines, episode of care",
    fix="Correct the date of service or the episode's first day: minutes count from the episode's start.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a date of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """It is before the episode began."""
    return f.service_day < f.episode_start_day


CASES = (
    case("a month before", Verdict.FAIL, episode_start_day=9600),
    case("on its first day", Verdict.PASS, episode_start_day=9586),
    case("the episode is not known", Verdict.NO_DATA, episode_start_day=UNKNOWN),
)
