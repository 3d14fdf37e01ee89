"""A claim addressed to the behavioral administrator instead of the medical plan."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="payer.behavioral_administrator",
    title="Addressed to the behavioral administrator",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.benefit_side",),
    fix="Send the claim to the medical plan's payer identifier; the service is a medical benefit.",
)


def applies(f: Facts) -> Truth:
    """The medical benefit pays for the service."""
    return f.benefit_side == "medical"


def trips(f: Facts) -> Truth:
    """The payer identifier is the behavioral administrator's."""
    return f.payer_is_behavioral_administrator


CASES = (
    case("the administrator's identifier", Verdict.FAIL, payer_is_behavioral_administrator=True),
    case("the medical plan's identifier", Verdict.PASS, payer_is_behavioral_administrator=False),
    case(
        "a payer that pays it as a behavioral benefit",
        Verdict.NOT_APPLICABLE,
        benefit_side="behavioral",
        payer_is_behavioral_administrator=True,
    ),
    case("the payer's contract is not at hand", Verdict.NO_DATA, payer_is_behavioral_administrator=UNKNOWN),
    case(
        "the side of the benefit is not established",
        Verdict.NO_DATA,
        benefit_side=UNKNOWN,
        payer_is_behavioral_administrator=True,
    ),
)
