"""The authorization is on record, but its number is not on the claim."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="authorization.number_missing",
    title="The authorization's number is not on the claim",
    severity=Severity.INFORM,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("authorization.after_months",),
    fix="Put the payer's authorization number on the claim (REF G1); without it the payer looks for none.",
)


def applies(f: Facts) -> Truth:
    """A month that needs an authorization, and has one."""
    return (
        f.has_authorization_rule
        & (f.months_in_episode_before > 0)
        & (f.months_in_episode_before >= f.authorization_after_months)
        & f.is_authorized
    )


def trips(f: Facts) -> Truth:
    """The claim does not name it."""
    return not_(f.has_authorization_number)


CASES = (
    case(
        "the number is left out",
        Verdict.FAIL,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=12,
        has_authorization_number=False,
    ),
    case(
        "the number is on the claim",
        Verdict.PASS,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=12,
        has_authorization_number=True,
    ),
    case(
        "an early month",
        Verdict.NOT_APPLICABLE,
        has_authorization_rule=True,
        authorization_after_months=12,
        months_in_episode_before=3,
    ),
    case(
        "nobody has established when one is wanted",
        Verdict.NO_DATA,
        has_authorization_rule=UNKNOWN,
        authorization_after_months=UNKNOWN,
        months_in_episode_before=3,
    ),
)
