"""The care manager billed psychotherapy or the like, and the ledger sets no minutes apart for it."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="minutes.care_manager_service_not_apart",
    title="No minutes set apart for the care manager's other service",
    severity=Severity.INFORM,
    grain=Grain.LINE,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="Design studio summary (2025): psychotherapy and case management in one contact",
    fix=(
        "Both may be billed: check that the time of the other service is not among the minutes "
        "counted here. Of 40 minutes of psychotherapy and 10 of case management, 10 count."
    ),
)


def applies(f: Facts) -> Truth:
    """A base code in a month in which the care manager billed another service."""
    return (f.is_base | f.is_short_month) & (f.bhcm_service_lines_month > 0)


def trips(f: Facts) -> Truth:
    """The ledger gives no minutes of the month to another service."""
    return f.minutes_set_apart == 0


CASES = (
    case(
        "the ledger gives no minutes to the other service",
        Verdict.FAIL,
        bhcm_service_lines_month=1,
        minutes_set_apart=0,
    ),
    case("forty minutes are set apart", Verdict.PASS, bhcm_service_lines_month=1, minutes_set_apart=40),
    case("no such service", Verdict.NOT_APPLICABLE, bhcm_service_lines_month=0),
    case("the ledger is not known", Verdict.NO_DATA, bhcm_service_lines_month=1, minutes_set_apart=UNKNOWN),
)
