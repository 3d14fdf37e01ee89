"""A second original although the payer denied the first."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="correction.original_after_denial",
    title="Original sent again after a denial",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("claim.correction_method",),
    fix="Do not send the claim again as it is: replace, reopen or appeal the denied one as the payer asks.",
)


def applies(f: Facts) -> Truth:
    """An original."""
    return f.is_original


def trips(f: Facts) -> Truth:
    """The payer denied an earlier claim for the code and month and takes no new claim for it."""
    return (f.same_code_denials_month > 0) & (f.correction_method != "new_claim")


CASES = (
    case(
        "denied before, and the payer wants a replacement",
        Verdict.FAIL,
        same_code_denials_month=1,
        correction_method="replacement",
    ),
    case(
        "denied before, and the payer takes a new claim",
        Verdict.PASS,
        same_code_denials_month=1,
        correction_method="new_claim",
    ),
    case("nothing was denied", Verdict.PASS, same_code_denials_month=0),
    case(
        "a replacement",
        Verdict.NOT_APPLICABLE,
        is_original=False,
        is_correction=True,
        same_code_denials_month=1,
    ),
    case(
        "nobody has established how the payer takes corrections",
        Verdict.NO_DATA,
        same_code_denials_month=1,
        correction_method=UNKNOWN,
    ),
)
