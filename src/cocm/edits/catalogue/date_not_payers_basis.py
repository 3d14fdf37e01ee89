"""A date of service other than the day that the payer takes."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="date.not_payers_basis",
    title="Date of service is not the payer's",
    severity=Severity.INFORM,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("claim.service_date_basis",),
    fix=(
        "Date the service on the last day of the month, when all units are known, or ask the payer "
        "whether it minds."
    ),
)


def applies(f: Facts) -> Truth:
    """The payer takes the last day of the month."""
    return f.service_date_basis == "last_day_of_month"


def trips(f: Facts) -> Truth:
    """It is neither that nor the last day of the policy."""
    return not_(f.service_day_is_last)


CASES = (
    case("the 15th", Verdict.FAIL, service_day_is_last=False),
    case("the 31st", Verdict.PASS, service_day_is_last=True),
    case(
        "a payer that takes the day of the last minute",
        Verdict.NOT_APPLICABLE,
        service_date_basis="threshold_date",
        service_day_is_last=False,
    ),
    case("the policy's last day is not known", Verdict.NO_DATA, service_day_is_last=UNKNOWN),
)
