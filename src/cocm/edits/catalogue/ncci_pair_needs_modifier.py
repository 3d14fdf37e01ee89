"""Two codes of one day that NCCI pays together only with a modifier."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="ncci.pair_needs_modifier",
    title="NCCI pays the code beside another service of the day only with a modifier",
    severity=Severity.REVIEW,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=("limit.ncci_applies",),
    cites="CMS NCCI procedure-to-procedure edits, practitioner services, indicator 1",
    fix=(
        "Where the two services are truly separate, add the modifier that says so to the code that "
        "would be denied, and keep the proof; else take one off."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer applies Medicare's NCCI tables."""
    return f.ncci_applies


def trips(f: Facts) -> Truth:
    """A paired service of the day on this claim needs a modifier, and neither line has one."""
    return (f.ncci_modifier_lines_day > 0) & not_(f.has_separate_modifier)


CASES = (
    case(
        "no modifier",
        Verdict.FAIL,
        ncci_modifier_lines_day=1,
        has_separate_modifier=False,
        ncci_pair_allows_modifier=True,
    ),
    case(
        "a modifier that says the service is separate",
        Verdict.PASS,
        ncci_modifier_lines_day=1,
        has_separate_modifier=True,
        ncci_pair_allows_modifier=True,
    ),
    case("nothing else on the day", Verdict.PASS, ncci_modifier_lines_day=0),
    case(
        "a payer that does not apply the tables",
        Verdict.NOT_APPLICABLE,
        ncci_applies=False,
        ncci_modifier_lines_day=1,
    ),
    case(
        "the edition at hand does not reach back to the day", Verdict.NO_DATA, ncci_modifier_lines_day=UNKNOWN
    ),
)
