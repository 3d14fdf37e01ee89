"""A professional claim to a payer that takes an institutional one."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="claim.wrong_form",
    title="Payer takes another form of claim",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.format",),
    fix="Send the institutional claim (837I, UB-04) that this payer takes from such a biller.",
)


def applies(f: Facts) -> Truth:
    """Every claim that is checked here is a professional one."""
    return f.is_original | f.is_correction


def trips(f: Facts) -> Truth:
    """The payer takes an institutional claim."""
    return f.claim_format == "institutional"


CASES = (
    case("a clinic at Medicare", Verdict.FAIL, claim_format="institutional"),
    case("a group practice", Verdict.PASS, claim_format="professional"),
    case("nobody has established it", Verdict.NO_DATA, claim_format=UNKNOWN),
)
