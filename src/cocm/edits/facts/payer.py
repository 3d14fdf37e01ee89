"""Which payer the claim is addressed to, and where the service took place as the payer sees it."""

from __future__ import annotations

from cocm.edits.context import ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim is addressed to the behavioral health administrator",
    denies="the claim is not addressed to the behavioral health administrator",
    sql="""
        case when y.payer_id is not null
            then l.payer_identifier <> '' and l.payer_identifier = y.behavioral_payer_identifier
        end
    """,
    clean=False,
    may_be_unknown=True,
)
def payer_is_behavioral_administrator(claim: ClaimContext) -> FactValue:
    """The payer identifier is the behavioral administrator's (also where it was entered as the plan's own)."""
    payer, identifier = claim.payer, claim.claim.payer.identifier
    if payer is None:
        return UNKNOWN
    return identifier != "" and identifier == payer.behavioral_payer_identifier


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the payer is the patient's primary one",
    denies="another payer comes first",
    sql="l.payer_sequence = 'P'",
    clean=True,
)
def payer_is_primary(claim: ClaimContext) -> FactValue:
    """The claim goes to the patient's primary payer."""
    return claim.claim.payer_sequence == "P"


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the place of service is a credentialed site of the billing practitioner",
    denies="the place of service is no credentialed site of the billing practitioner",
    sql="case when e.place_set_id is not null then cp.place_of_service_code is not null end",
    clean=True,
    may_be_unknown=True,
)
def place_is_credentialed(claim: ClaimContext) -> FactValue:
    """The place of service is that of a site at which the billing practitioner is credentialed."""
    places = claim.evidence.credentialed_places
    return UNKNOWN if places is None else claim.claim.place_of_service_code in places
