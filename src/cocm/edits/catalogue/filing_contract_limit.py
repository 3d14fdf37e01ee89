"""Sent later than the practice's contract allows."""

from datetime import date

from cocm.edits.edit import Edit, Grain, Verdict, case
from cocm.edits.kleene import UNKNOWN, Truth
from cocm.edits.view import Facts
from cocm.rules import Severity

EDIT = Edit(
    id="filing.contract_limit",
    title="Past the contract's filing limit",
    severity=Severity.BLOCK,
    grain=Grain.CLAIM,
    effective_from=date(2017, 1, 1),
    rules=(),
    cites="the practice's contract with the payer (payers table, filing_limit_days)",
    fix="Gather proof of timely filing before sending; without it the claim will be denied.",
)


def applies(f: Facts) -> Truth:
    """An original to the primary payer, under a contract with its own limit."""
    return f.is_original & f.payer_is_primary & f.has_contract_filing_limit


def trips(f: Facts) -> Truth:
    """More days have passed since the service."""
    return f.days_since_service > f.contract_filing_limit_days


CASES = (
    case(
        "ninety-one days where the contract gives ninety",
        Verdict.FAIL,
        has_contract_filing_limit=True,
        contract_filing_limit_days=90,
        days_since_service=91,
    ),
    case(
        "ninety days where the contract gives ninety",
        Verdict.PASS,
        has_contract_filing_limit=True,
        contract_filing_limit_days=90,
        days_since_service=90,
    ),
    case(
        "a contract without a limit of its own",
        Verdict.NOT_APPLICABLE,
        has_contract_filing_limit=False,
        days_since_service=400,
    ),
    case(
        "a secondary payer",
        Verdict.NOT_APPLICABLE,
        payer_is_primary=False,
        has_contract_filing_limit=True,
        contract_filing_limit_days=90,
        days_since_service=91,
    ),
    case(
        "the contract is not at hand",
        Verdict.NO_DATA,
        has_contract_filing_limit=UNKNOWN,
        contract_filing_limit_days=UNKNOWN,
    ),
)
