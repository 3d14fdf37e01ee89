"""A date of service on which the policy was not in force."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="coverage.not_in_force",
    title="Policy not in force on the date of service",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="denials for coverage that ended or had not begun (CARC 26 and 27)",
    fix="Check eligibility, and bill the policy that was in force on the date of service.",
)


def applies(f: Facts) -> Truth:
    """Every claim has a date of service."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """The policy billed was not in force on it."""
    return not_(f.coverage_is_in_force)


CASES = (
    case("the policy ended before", Verdict.FAIL, coverage_is_in_force=False),
    case("in force", Verdict.PASS, coverage_is_in_force=True),
    case("the policy is not known", Verdict.NO_DATA, coverage_is_in_force=UNKNOWN),
)
