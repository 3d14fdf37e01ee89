"""A month that needs an authorization, without one on record."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="authorization.missing",
    title="Authorization is missing",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("authorization.after_months",),
    fix=(
        "Get the payer's authorization for the month before the claim goes out, and enter its number "
        "and last day."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer wants an authorization after some months."""
    return f.has_authorization_rule


def trips(f: Facts) -> Truth:
    """So many months went before, and no authorization covers this one."""
    return (
        (f.months_in_episode_before > 0)
        & (f.months_in_episode_before >= f.authorization_after_months)
        & not_(f.is_authorized)
    )


CASES = (
    case(
        "the thirteenth month without one",
        Verdict.FAIL,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=12,
        is_authorized=False,
    ),
    case(
        "the thirteenth month with one",
        Verdict.PASS,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=12,
        is_authorized=True,
    ),
    case(
        "the twelfth month",
        Verdict.PASS,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=11,
        is_authorized=False,
    ),
    case(
        "the first month, whenever one is wanted",
        Verdict.PASS,
        has_authorization_rule=UNKNOWN,
        authorization_after_months=UNKNOWN,
        months_in_episode_before=0,
        is_authorized=False,
    ),
    case(
        "a payer that wants none",
        Verdict.NOT_APPLICABLE,
        has_authorization_rule=False,
        months_in_episode_before=30,
        is_authorized=False,
    ),
    case(
        "the episode is not known",
        Verdict.NO_DATA,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=UNKNOWN,
        is_authorized=UNKNOWN,
    ),
)
