"""Two codes of one day that NCCI never pays together."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="ncci.pair",
    title="NCCI pays the code never beside another service of the day",
    severity=Severity.BLOCK,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.ncci_applies",),
    cites="CMS NCCI procedure-to-procedure edits, practitioner services, indicator 0",
    fix=(
        "Take one of the two services off the day: no modifier lets both be paid. Check first whether "
        "both have the right date."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer applies Medicare's NCCI tables."""
    return f.ncci_applies


def trips(f: Facts) -> Truth:
    """A service of the practice on the same day is paired with the code, and no modifier lets both be paid."""
    return f.ncci_pair_lines_day > 0


CASES = (
    case("prolonged service on the same day", Verdict.FAIL, ncci_pair_lines_day=1),
    case("nothing else on the day", Verdict.PASS, ncci_pair_lines_day=0),
    case(
        "a payer that does not apply the tables",
        Verdict.NOT_APPLICABLE,
        ncci_applies=False,
        ncci_pair_lines_day=1,
    ),
    case("the edition at hand does not reach back to the day", Verdict.NO_DATA, ncci_pair_lines_day=UNKNOWN),
)
