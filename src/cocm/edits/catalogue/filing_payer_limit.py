"""Sent later than the payer's rules allow."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth, not_
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="filing.payer_limit",
    title="Past the payer's filing limit",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=("filing.limit_days",),
    fix=(
        "Gather proof of timely filing first; where no limit is known, enter the contract's in the "
        "payers table."
    ),
)


def applies(f: Facts) -> Truth:
    """An original to the primary payer, where the contract sets no limit of its own."""
    return f.is_original & f.payer_is_primary & not_(f.has_contract_filing_limit) & f.has_payer_filing_limit


def trips(f: Facts) -> Truth:
    """More days have passed since the service."""
    return f.days_since_service > f.payer_filing_limit_days


CASES = (
    case("a day past the year", Verdict.FAIL, payer_filing_limit_days=365, days_since_service=366),
    case("on the last day", Verdict.PASS, payer_filing_limit_days=365, days_since_service=365),
    case(
        "the contract has its own limit",
        Verdict.NOT_APPLICABLE,
        has_contract_filing_limit=True,
        contract_filing_limit_days=90,
        days_since_service=400,
    ),
    case(
        "a payer without a limit",
        Verdict.NOT_APPLICABLE,
        has_payer_filing_limit=False,
        days_since_service=400,
    ),
    case(
        "nobody has established the limit",
        Verdict.NO_DATA,
        has_payer_filing_limit=UNKNOWN,
        payer_filing_limit_days=UNKNOWN,
    ),
    case(
        "no contract at hand, and too late for the payer",
        Verdict.NO_DATA,
        has_contract_filing_limit=UNKNOWN,
        days_since_service=400,
    ),
    case(
        "no contract at hand, but in time for the payer",
        Verdict.PASS,
        has_contract_filing_limit=UNKNOWN,
        days_since_service=2,
    ),
)
