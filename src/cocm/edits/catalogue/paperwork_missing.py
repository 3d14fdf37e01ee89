"""No records announced, though the payer wants them with the claim."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="paperwork.missing",
    title="Records that go with the claim are missing",
    severity=Severity.REVIEW,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.paperwork",),
    fix=(
        "Send the month's packet with the claim, and announce it (PWK) with the number under which it "
        "is filed."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer wants the records with each claim."""
    return f.paperwork_basis == "with_claim"


def trips(f: Facts) -> Truth:
    """The claim announces none."""
    return not_(f.has_paperwork)


CASES = (
    case("none announced", Verdict.FAIL, paperwork_basis="with_claim", has_paperwork=False),
    case("records announced", Verdict.PASS, paperwork_basis="with_claim", has_paperwork=True),
    case("a payer that asks when it wants them", Verdict.NOT_APPLICABLE, has_paperwork=False),
    case("nobody has established it", Verdict.NO_DATA, paperwork_basis=UNKNOWN, has_paperwork=False),
)
