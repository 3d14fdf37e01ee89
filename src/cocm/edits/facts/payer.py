"""Which payer the claim is addressed to, and where the service took place as the payer sees it."""

from __future__ import annotations

from cocm.edits.context import CLINIC_PLACES, CLINIC_TAXONOMIES, PLACES_REFUSED, ClaimContext
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


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the place of service is one that the payer refuses",
    denies="the place of service is none that the payer refuses",
    sql="case when p.has_refused_places is not null then rp.member is not null end",
    clean=False,
    may_be_unknown=True,
    rules=(PLACES_REFUSED,),
)
def place_is_refused(claim: ClaimContext) -> FactValue:
    """The place of service is among those that the payer refuses on the service."""
    policy = claim.policy
    if PLACES_REFUSED in policy.unknown_sets:
        return UNKNOWN
    return claim.claim.place_of_service_code in policy.members[PLACES_REFUSED]


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the place of service is a code of CMS's list",
    denies="the place of service is no code of CMS's list",
    sql="pl.place_of_service_code is not null",
    clean=True,
)
def place_is_listed(claim: ClaimContext) -> FactValue:
    """The place of service is one of CMS's two-digit codes."""
    return claim.claim.place_of_service_code in claim.policy.places


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the biller is a rural health clinic or federally qualified health center",
    denies="nothing says that the biller is a rural health clinic or federally qualified health center",
    sql="""
        case when cl.member is not null or cx.member is not null then true
            when p.has_clinic_places is not null and p.has_clinic_taxonomies is not null then false end
    """,
    clean=False,
    may_be_unknown=True,
    rules=(CLINIC_PLACES, CLINIC_TAXONOMIES),
)
def biller_is_clinic(claim: ClaimContext) -> FactValue:
    """The place of service or the billing taxonomy is a clinic's own."""
    policy = claim.policy
    by_place = claim.claim.place_of_service_code in policy.members[CLINIC_PLACES]
    by_taxonomy = claim.claim.billing.taxonomy_code in policy.members[CLINIC_TAXONOMIES]
    if by_place or by_taxonomy:
        return True
    is_unknown = CLINIC_PLACES in policy.unknown_sets or CLINIC_TAXONOMIES in policy.unknown_sets
    return UNKNOWN if is_unknown else False
