"""Who bills, who renders, and whether their NPIs can be right."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cocm.basics.npi import npi_is_valid
from cocm.care.people import Role
from cocm.edits.context import ClaimContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN

NOT_ON_STAFF: Final = "nobody_of_the_practice"

_is_valid = lru_cache(maxsize=65536)(npi_is_valid)


def _digit_cases(position: int, worth: dict[str, int]) -> str:
    branches = " ".join(f"when '{digit}' then {value}" for digit, value in worth.items())
    return f"case substr(n.npi, {position}, 1) {branches} end"


def _npi_is_valid_sql() -> str:
    """The Luhn formula over 80840 and ten digits, each position by its own CASE: no regular expression, no
    modulo.

    Source as in `cocm.basics.npi`. Odd positions count double; the sum, with 24 for the prefix, ends in 0.
    """
    single = {str(digit): digit for digit in range(10)}
    doubled = {str(digit): 2 * digit // 10 + 2 * digit % 10 for digit in range(10)}
    first = {digit: doubled[digit] for digit in "12"}
    terms = [_digit_cases(1, first)]
    terms += [_digit_cases(position, doubled if position % 2 else single) for position in range(2, 11)]
    total = "\n        + ".join(["24", *terms])
    tens = ", ".join(str(ten) for ten in range(30, 120, 10))
    return f"length(n.npi) = 10 and coalesce({total}\n        in ({tens}), false)"


NPI_IS_VALID_SQL: Final = _npi_is_valid_sql()
"""Whether `n.npi` has ten digits, begins with 1 or 2 and ends in the right check digit."""


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the billing NPI has the right check digit",
    denies="the billing NPI does not have ten digits with the right check digit",
    sql="bn.npi_is_valid",
    clean=True,
)
def billing_npi_is_valid(claim: ClaimContext) -> FactValue:
    """The billing provider's NPI is ten digits with the right check digit."""
    return _is_valid(claim.claim.billing.identifier)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the rendering NPI has the right check digit",
    denies="the rendering NPI does not have ten digits with the right check digit",
    sql="rn.npi_is_valid",
    clean=True,
)
def rendering_npi_is_valid(claim: ClaimContext) -> FactValue:
    """The rendering provider's NPI is ten digits with the right check digit."""
    return _is_valid(claim.rendering_npi)


@fact(
    Scope.CLAIM,
    Kind.TEXT,
    says="the role of the billing NPI in the practice",
    sql=f"case when e.roster_id is not null then coalesce(br.role, '{NOT_ON_STAFF}') end",
    clean=NOT_ON_STAFF,
    may_be_unknown=True,
)
def billing_npi_role(claim: ClaimContext) -> FactValue:
    """The role of the person whose NPI the billing provider's is; the group's own is nobody's."""
    return _role(claim, claim.claim.billing.identifier)


@fact(
    Scope.CLAIM,
    Kind.TEXT,
    says="the role of the rendering provider in the practice",
    sql=f"case when e.roster_id is not null then coalesce(rr.role, '{NOT_ON_STAFF}') end",
    clean="billing_practitioner",
    may_be_unknown=True,
)
def rendering_npi_role(claim: ClaimContext) -> FactValue:
    """The role of the person whose NPI the rendering provider's is."""
    return _role(claim, claim.rendering_npi)


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the billing provider is the medical group or its practitioner",
    denies="the billing provider is neither the medical group nor its practitioner",
    sql="""
        case when l.billing_npi = e.group_npi then true
            when e.group_npi is null or e.roster_id is null then null
            else coalesce(br.role, '') = 'billing_practitioner' end
    """,
    clean=True,
    may_be_unknown=True,
)
def billing_is_medical_group(claim: ClaimContext) -> FactValue:
    """The billing NPI is the medical group's own, or that of one of its billing practitioners."""
    evidence, npi = claim.evidence, claim.claim.billing.identifier
    if evidence.group_npi == npi:
        return True
    if evidence.group_npi is None or evidence.roles_by_npi is None:
        return UNKNOWN
    return evidence.roles_by_npi.get(npi) is Role.BILLING_PRACTITIONER


@fact(
    Scope.CLAIM,
    Kind.BOOLEAN,
    says="the claim names a supervising provider",
    denies="the claim names no supervising provider",
    sql="l.supervising_npi <> ''",
    clean=False,
)
def has_supervising_provider(claim: ClaimContext) -> FactValue:
    """The claim names the supervising provider with an NPI."""
    supervising = claim.claim.supervising
    return supervising is not None and supervising.npi != ""


def _role(claim: ClaimContext, npi: str) -> FactValue:
    roles = claim.evidence.roles_by_npi
    if roles is None:
        return UNKNOWN
    role = roles.get(npi)
    return NOT_ON_STAFF if role is None else role.value
