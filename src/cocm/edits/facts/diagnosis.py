"""Whether the claim names a diagnosis that supports the service, and the line points to it."""

from __future__ import annotations

from cocm.claims.records import POINTERS_MAX
from cocm.edits.context import (
    DIAGNOSES_ALLOWED,
    DIAGNOSES_DENIED,
    UNSPECIFIED_DIAGNOSES,
    ClaimContext,
    LineContext,
)
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


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="a diagnosis of the claim is one of those that are too unspecific",
    denies="no diagnosis of the claim is one of those that are too unspecific",
    sql="case when p.has_unspecified_diagnoses is not null then coalesce(dg.unspecified_diagnoses, 0) > 0 end",
    clean=False,
    may_be_unknown=True,
    rules=(UNSPECIFIED_DIAGNOSES,),
)
def has_unspecified_diagnosis(claim: ClaimContext) -> FactValue:
    """A diagnosis of the claim, written without its point, is on the payer's list of unspecified ones."""
    policy = claim.policy
    if UNSPECIFIED_DIAGNOSES in policy.unknown_sets:
        return UNKNOWN
    codes = policy.members[UNSPECIFIED_DIAGNOSES]
    return any(code.replace(".", "") in codes for code in claim.claim.diagnosis_codes)


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line points to diagnoses of the claim",
    denies="the line points to no diagnosis, or to one that the claim does not have",
    sql="""
        l.diagnosis_pointer_1 > 0 and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_1
            and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_2
            and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_3
            and coalesce(dg.diagnoses, 0) >= l.diagnosis_pointer_4
    """,
    clean=True,
)
def pointers_are_positions(line: LineContext) -> FactValue:
    """The line has a pointer, and each is the position of a diagnosis on the claim."""
    pointers = line.line.diagnosis_pointers[:POINTERS_MAX]
    return bool(pointers) and pointers[0] > 0 and max(pointers) <= len(line.claim.claim.diagnosis_codes)
