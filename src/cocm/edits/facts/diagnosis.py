"""Whether the claim names a diagnosis that supports the service, and the line points to it."""

from __future__ import annotations

from cocm.claims.records import POINTERS_MAX
from cocm.edits.context import DIAGNOSES_ALLOWED, DIAGNOSES_DENIED, ClaimContext, LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim names a behavioral diagnosis that the payer takes",
    denies="the claim names no behavioral diagnosis that the payer takes",
    sql="""
        case when p.has_allowed_diagnoses is null or p.has_denied_diagnoses is null then null
        else coalesce(b.behavioral_diagnoses, 0) > 0 end
    """,
    clean=True,
    may_be_unknown=True,
    rules=(DIAGNOSES_ALLOWED, DIAGNOSES_DENIED),
)
def has_behavioral_diagnosis(claim: ClaimContext) -> FactValue:
    """A diagnosis of the claim begins as the payer's list says and is not among those it refuses."""
    return UNKNOWN if claim.policy.diagnoses_unknown else bool(claim.behavioral_positions)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line points to a behavioral diagnosis",
    denies="the line points to no behavioral diagnosis",
    sql="""
        case when p.has_allowed_diagnoses is null or p.has_denied_diagnoses is null then null
        else coalesce(b.behavioral_pointers, 0) > 0 end
    """,
    clean=True,
    may_be_unknown=True,
    rules=(DIAGNOSES_ALLOWED, DIAGNOSES_DENIED),
)
def points_to_behavioral_diagnosis(line: LineContext) -> FactValue:
    """One of the line's pointers is the position of a diagnosis that supports the service."""
    claim = line.claim
    if claim.policy.diagnoses_unknown:
        return UNKNOWN
    return not claim.behavioral_positions.isdisjoint(line.line.diagnosis_pointers[:POINTERS_MAX])
