"""Psychotherapy on the claim, which another side of the benefit pays."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="payer.psychotherapy_on_claim",
    title="Psychotherapy belongs on another claim",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(
        "routing.psychotherapy_side",
        "claim.benefit_side",
    ),
    fix=(
        "Send the psychotherapy on a claim of its own to the side that pays it; routing follows the "
        "procedure, never the diagnosis."
    ),
)


def applies(f: Facts) -> Truth:
    """The claim has psychotherapy lines beside the service."""
    return f.psychotherapy_lines_claim > 0


def trips(f: Facts) -> Truth:
    """Another side of the benefit pays for them."""
    return f.psychotherapy_side != f.benefit_side


CASES = (
    case(
        "psychotherapy goes to the regional entity",
        Verdict.FAIL,
        psychotherapy_lines_claim=1,
        psychotherapy_side="behavioral",
    ),
    case("both are medical", Verdict.PASS, psychotherapy_lines_claim=1, psychotherapy_side="medical"),
    case(
        "no psychotherapy on the claim",
        Verdict.NOT_APPLICABLE,
        psychotherapy_lines_claim=0,
        psychotherapy_side=UNKNOWN,
    ),
    case(
        "the side is not established",
        Verdict.NO_DATA,
        psychotherapy_lines_claim=1,
        psychotherapy_side=UNKNOWN,
    ),
)
