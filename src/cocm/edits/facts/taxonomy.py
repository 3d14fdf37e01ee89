"""What the taxonomies on the claim say of the billing and the rendering provider."""

from __future__ import annotations

from typing import Final

from cocm.edits.context import PRACTITIONER_TYPES, ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN

NOT_GIVEN: Final = "not_given"
OTHER: Final = "other"


def _role(claim: ClaimContext, taxonomy_code: str) -> FactValue:
    if not taxonomy_code:
        return NOT_GIVEN
    return claim.policy.taxonomy_roles.get(taxonomy_code, OTHER)


def _role_sql(column: str, alias: str) -> str:
    return f"case when l.{column} = '' then '{NOT_GIVEN}' else coalesce({alias}.role, '{OTHER}') end"


@fact(
    Scope.CLAIM,
    Kind.TEXT,
    says="the part that the billing taxonomy's holders play",
    sql=_role_sql("billing_taxonomy_code", "bt"),
    clean="medical_facility",
)
def billing_taxonomy_role(claim: ClaimContext) -> FactValue:
    """A role of the team, a kind of facility, another taxonomy, or none given."""
    return _role(claim, claim.claim.billing.taxonomy_code)


@fact(
    Scope.CLAIM,
    Kind.TEXT,
    says="the part that the rendering taxonomy's holders play",
    sql=_role_sql("rendering_taxonomy_code", "rt"),
    clean="billing_practitioner",
)
def rendering_taxonomy_role(claim: ClaimContext) -> FactValue:
    """A role of the team, a kind of facility, another taxonomy, or none given."""
    return _role(claim, claim.rendering_taxonomy)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the rendering taxonomy is of a kind of practitioner that the payer takes",
    denies="the rendering taxonomy is of no kind of practitioner that the payer takes",
    sql="""
        case when p.has_practitioner_types is null or coalesce(ty.types, 0) = 0 then null
            else ty.accepted_types > 0 end
    """,
    clean=True,
    may_be_unknown=True,
    rules=(PRACTITIONER_TYPES,),
)
def rendering_type_is_accepted(claim: ClaimContext) -> FactValue:
    """The taxonomy's kinds of practitioner and the payer's meet; unknown where the taxonomy tells no kind."""
    policy = claim.policy
    types = claim.rendering_types
    if not types or PRACTITIONER_TYPES in policy.unknown_sets:
        return UNKNOWN
    return not types.isdisjoint(policy.members[PRACTITIONER_TYPES])
