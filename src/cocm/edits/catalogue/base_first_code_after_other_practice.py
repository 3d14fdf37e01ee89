"""A first-month code although another practice billed the months before."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.first_code_after_other_practice",
    title="First-month code after another practice's months",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("episode.gap_months",),
    fix="Ask the payer which code a change of practice within an episode takes; no source settles it.",
)


def applies(f: Facts) -> Truth:
    """A line with the payer's first-month code."""
    return f.is_base_first


def trips(f: Facts) -> Truth:
    """Another practice billed the service within the gap."""
    return (f.months_since_cocm_elsewhere > 0) & (f.months_since_cocm_elsewhere <= f.episode_gap_months)


CASES = (
    case(
        "another practice billed the month before",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        months_since_cocm_elsewhere=1,
        episode_gap_months=6,
    ),
    case(
        "another practice stopped longer ago than the gap",
        Verdict.PASS,
        is_base_first=True,
        is_base_later=False,
        months_since_cocm_elsewhere=7,
        episode_gap_months=6,
    ),
    case(
        "no other practice is known",
        Verdict.PASS,
        is_base_first=True,
        is_base_later=False,
        months_since_cocm_elsewhere=0,
    ),
    case("a later-month line", Verdict.NOT_APPLICABLE, months_since_cocm_elsewhere=1),
    case(
        "the payer's gap is not established",
        Verdict.NO_DATA,
        is_base_first=True,
        is_base_later=False,
        months_since_cocm_elsewhere=3,
        episode_gap_months=UNKNOWN,
    ),
)
