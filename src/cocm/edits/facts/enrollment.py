"""What the payer wants settled before the claim: authorization, attestation, records that go with it."""

from __future__ import annotations

from cocm.edits.context import ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.INTEGER,
    says="the number of months of the episode before this one",
    sql="l.first_month_index - e.first_service_month_index",
    clean=2,
    may_be_unknown=True,
)
def months_in_episode_before(claim: ClaimContext) -> FactValue:
    """Months from the episode's first service to the claim's earliest date of service."""
    first, day = claim.evidence.first_service_date, claim.first_service_date
    if first is None:
        return UNKNOWN
    return (day.year - first.year) * 12 + day.month - first.month


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="an authorization on record covers the month",
    denies="no authorization on record covers the month",
    sql="e.is_authorized",
    clean=True,
    may_be_unknown=True,
)
def is_authorized(claim: ClaimContext) -> FactValue:
    """The practice's record has the payer's authorization for the month."""
    authorized = claim.evidence.is_authorized
    return UNKNOWN if authorized is None else authorized


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim names an authorization",
    denies="the claim names no authorization",
    sql="l.prior_authorization_number <> ''",
    clean=False,
)
def has_authorization_number(claim: ClaimContext) -> FactValue:
    """The claim carries the payer's number of a prior authorization."""
    return claim.claim.prior_authorization_number != ""


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the practice attested by the date of service",
    denies="no attestation of the practice reaches back to the date of service",
    sql="""
        case when y.payer_id is not null
            then coalesce(y.attested_from_day_number <= l.first_service_day_number, false) end
    """,
    clean=True,
    may_be_unknown=True,
)
def is_attested(claim: ClaimContext) -> FactValue:
    """The contract on record says that the attestation stands on the earliest date of service."""
    if claim.payer is None:
        return UNKNOWN
    since = claim.payer.attested_from
    return since is not None and since <= claim.first_service_date


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim announces records that go with it",
    denies="the claim announces no records",
    sql="l.has_paperwork",
    clean=False,
)
def has_paperwork(claim: ClaimContext) -> FactValue:
    """The claim or one of its lines names a document that goes to the payer."""
    return bool(claim.claim.paperwork) or any(line.paperwork for line in claim.claim.lines)
