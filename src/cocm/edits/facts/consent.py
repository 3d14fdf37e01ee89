"""Consent and the initiating visit, from the practice's record."""

from __future__ import annotations

from cocm.basics.months import day_number
from cocm.care.records import Answer
from cocm.edits.context import INITIATING_VISIT_CODES, ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN, Truth


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the patient's consent is documented",
    denies="the patient has not consented",
    sql="e.has_consent",
    clean=True,
    may_be_unknown=True,
)
def has_consent(claim: ClaimContext) -> FactValue:
    """The patient agreed to the service."""
    consent = claim.evidence.consent
    if consent is None or consent.given is Answer.UNKNOWN:
        return UNKNOWN
    return consent.given is Answer.YES


@fact(
    Scope.CLAIM,
    Kind.DAY,
    says="the date of consent",
    sql="e.consent_day_number",
    clean=9500,
    may_be_unknown=True,
)
def consent_day(claim: ClaimContext) -> FactValue:
    """The day on which the patient agreed."""
    consent = claim.evidence.consent
    return UNKNOWN if consent is None or consent.consent_date is None else day_number(consent.consent_date)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the consent is in writing",
    denies="the consent is not in writing",
    sql="e.consent_form = 'written'",
    clean=False,
    may_be_unknown=True,
)
def consent_is_written(claim: ClaimContext) -> FactValue:
    """The consent was given in writing."""
    consent = claim.evidence.consent
    return UNKNOWN if consent is None or not consent.form else consent.form == "written"


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the patient was new, or not seen lately, when the service began",
    denies="the practitioner had seen the patient lately when the service began",
    sql="""
        case when e.is_new_patient then true
            when e.last_seen_day_number <= e.episode_start_day_number
            then e.episode_start_day_number - e.last_seen_day_number > p.initiating_visit_lookback_days
        end
    """,
    clean=False,
    may_be_unknown=True,
    rules=("initiating_visit.lookback_days",),
)
def initiating_visit_is_needed(claim: ClaimContext) -> FactValue:
    """The patient was new, or unseen for the payer's look-back; a visit after the start proves nothing."""
    visit, start = claim.evidence.initiating_visit, claim.evidence.episode_start_date
    if visit is None:
        return UNKNOWN
    if visit.is_new_patient is Answer.YES:
        return True
    if start is None or visit.last_seen_date is None or visit.last_seen_date > start:
        return UNKNOWN
    is_long_ago: FactValue = (start - visit.last_seen_date).days > claim.policy.facts[
        "initiating_visit_lookback_days"
    ]
    return is_long_ago


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="an initiating visit is on record",
    denies="no fitting initiating visit is on record",
    sql="""
        case when not e.has_visit_record then false
            when e.visit_day_number > l.policy_day_number then false
            else e.episode_start_day_number - e.visit_day_number <= p.initiating_visit_lookback_days
                and case when e.visit_code <> '' and p.has_initiating_visit_codes
                    then v.member is not null end
        end
    """,
    clean=True,
    may_be_unknown=True,
    rules=("initiating_visit.lookback_days", INITIATING_VISIT_CODES),
)
def initiating_visit_is_met(claim: ClaimContext) -> FactValue:
    """A visit before the date of service, within the payer's look-back of the start, with one of its codes."""
    visit, start = claim.evidence.initiating_visit, claim.evidence.episode_start_date
    if visit is None:
        return UNKNOWN
    if visit.visit_date is None or visit.visit_date > claim.policy.policy.day:
        return False
    facts = claim.policy.facts
    is_recent: Truth = UNKNOWN
    if start is not None:
        is_recent = (start - visit.visit_date).days <= facts["initiating_visit_lookback_days"]
    is_fit: Truth = UNKNOWN
    if visit.hcpcs_code and facts["has_initiating_visit_codes"] is True:
        is_fit = visit.hcpcs_code in claim.policy.initiating_visit_codes
    is_met: FactValue = is_recent & is_fit
    return is_met
