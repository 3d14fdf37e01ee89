"""Records announced though the payer asks for them itself."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="paperwork.not_asked",
    title="Records announced that the payer did not ask for",
    severity=Severity.INFORM,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.paperwork",),
    fix=(
        "Send records when the payer asks: unasked, they delay the claim and show more of the patient "
        "than is needed."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer asks for records when it wants them."""
    return f.paperwork_basis == "on_request"


def trips(f: Facts) -> Truth:
    """The original announces some."""
    return f.is_original & f.has_paperwork


CASES = (
    case("an original with records", Verdict.FAIL, has_paperwork=True),
    case("an original without", Verdict.PASS, has_paperwork=False),
    case(
        "a payer that wants them with the claim",
        Verdict.NOT_APPLICABLE,
        paperwork_basis="with_claim",
        has_paperwork=True,
    ),
    case("nobody has established it", Verdict.NO_DATA, paperwork_basis=UNKNOWN, has_paperwork=True),
)
