"""The first-month code in a later month of the episode."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="base.first_code_in_later_month",
    title="First-month code in a later month",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("episode.gap_months",),
    fix="Bill the later-month code, or document the months without service that began a new episode.",
)


def applies(f: Facts) -> Truth:
    """A line with the payer's first-month code."""
    return f.is_base_first


def trips(f: Facts) -> Truth:
    """The record says it is a later month, or the last billed month is not longer ago than a gap."""
    return not_(f.is_first_month) | (
        (f.months_since_cocm > 0) & (f.months_since_cocm <= f.episode_gap_months)
    )


CASES = (
    case(
        "the record says it is a later month",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        is_first_month=False,
        months_since_cocm=0,
    ),
    case(
        "five empty months since the last claim",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        is_first_month=UNKNOWN,
        months_since_cocm=6,
        episode_gap_months=6,
    ),
    case(
        "the history contradicts the record",
        Verdict.FAIL,
        is_base_first=True,
        is_base_later=False,
        is_first_month=True,
        months_since_cocm=1,
        episode_gap_months=6,
    ),
    case(
        "a first month without history",
        Verdict.PASS,
        is_base_first=True,
        is_base_later=False,
        is_first_month=True,
        months_since_cocm=0,
    ),
    case(
        "six empty months since the last claim",
        Verdict.PASS,
        is_base_first=True,
        is_base_later=False,
        is_first_month=True,
        months_since_cocm=7,
        episode_gap_months=6,
    ),
    case("a later-month line", Verdict.NOT_APPLICABLE, is_first_month=False),
    case(
        "neither record nor history tells",
        Verdict.NO_DATA,
        is_base_first=True,
        is_base_later=False,
        is_first_month=UNKNOWN,
        months_since_cocm=0,
    ),
    case(
        "the payer's gap is not established",
        Verdict.NO_DATA,
        is_base_first=True,
        is_base_later=False,
        is_first_month=True,
        months_since_cocm=4,
        episode_gap_months=UNKNOWN,
    ),
)
