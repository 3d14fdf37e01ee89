"""How the claim goes out: original, replacement or void, and how long after the service."""

from __future__ import annotations

from cocm.basics.months import day_number
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.edits.context import ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim is an original",
    denies="the claim is not an original",
    sql=f"l.frequency_code = '{ORIGINAL}'",
    clean=True,
)
def is_original(claim: ClaimContext) -> FactValue:
    """The claim's frequency code says original."""
    return claim.claim.frequency_code == ORIGINAL


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim replaces or voids an earlier one",
    denies="the claim neither replaces nor voids an earlier one",
    sql=f"l.frequency_code in ('{REPLACEMENT}', '{VOID}')",
    clean=False,
)
def is_correction(claim: ClaimContext) -> FactValue:
    """The claim's frequency code says replacement or void."""
    return claim.claim.frequency_code in (REPLACEMENT, VOID)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim has the payer's claim control number",
    denies="the claim lacks the payer's claim control number",
    sql="l.payer_claim_control_number <> ''",
    clean=False,
)
def has_control_number(claim: ClaimContext) -> FactValue:
    """The claim names the payer's number of the claim that it corrects."""
    return claim.claim.payer_claim_control_number != ""


@fact(
    Scope.CLAIM,
    Kind.DAY,
    says="the date of service",
    sql="l.first_service_day_number",
    clean=9586,
)
def service_day(claim: ClaimContext) -> FactValue:
    """The earliest date of service among the claim's CoCM lines."""
    return day_number(claim.first_service_date)


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of days since the service",
    sql="l.as_of_day_number - l.first_service_day_number",
    clean=2,
)
def days_since_service(claim: ClaimContext) -> FactValue:
    """Days from the earliest date of service among the claim's CoCM lines to the day of looking."""
    return (claim.subject.as_of_date - claim.first_service_date).days


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the practice's contract sets a filing limit",
    denies="the practice's contract sets no filing limit",
    sql="case when y.payer_id is not null then y.filing_limit_days is not null end",
    clean=False,
    may_be_unknown=True,
)
def has_contract_filing_limit(claim: ClaimContext) -> FactValue:
    """The practice's contract with the payer has a filing limit of its own."""
    return UNKNOWN if claim.payer is None else claim.payer.filing_limit_days is not None


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the contract's filing limit in days",
    sql="case when y.payer_id is not null then coalesce(y.filing_limit_days, 0) end",
    clean=0,
    may_be_unknown=True,
)
def contract_filing_limit_days(claim: ClaimContext) -> FactValue:
    """The filing limit of the practice's contract; 0 where it sets none."""
    return UNKNOWN if claim.payer is None else claim.payer.filing_limit_days or 0
