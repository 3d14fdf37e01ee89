"""The coding faults that practices are known for, put into claims on purpose: parent, month, biller, place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from random import Random
from typing import Final

from cocm.claims.records import Claim
from cocm.edits.codes import FIRST_MONTH, LATER_MONTH, cocm_codes
from cocm.rules import PackOn
from cocm.rules.codes import places_of_service, taxonomies

_HUNDRED: Final = 100
_BEHAVIORAL_FACILITY: Final = "behavioral_facility"


class CodingFault(StrEnum):
    """A fault by name."""

    ADDON_ALONE = "add-on without its base code"
    FIRST_MONTH_AGAIN = "first-month code in a later month"
    BEHAVIORAL_BILLER = "behavioral clinic as billing provider"
    OTHER_PLACE = "another place of service than the practice's"


def with_fault(claim: Claim, policy: PackOn, percent: int, rng: Random) -> tuple[Claim, CodingFault | None]:
    """The claim, in so many cases of a hundred with a fault that it can have."""
    if rng.randrange(_HUNDRED) >= percent:
        return claim, None
    kinds = list(CodingFault)
    for kind in rng.sample(kinds, len(kinds)):
        faulty = _FAULTS[kind](claim, policy)
        if faulty != claim:
            return faulty, kind
    return claim, None


def _addon_alone(claim: Claim, policy: PackOn) -> Claim:
    codes = cocm_codes(policy.pack.rulebook)
    addons = tuple(
        line for line in claim.lines if line.hcpcs_code in codes and codes[line.hcpcs_code].is_addon
    )
    if not addons or len(addons) == len(claim.lines):
        return claim
    lines = tuple(replace(line, claim_line_number=number) for number, line in enumerate(addons, 1))
    return replace(claim, lines=lines)


def _first_month_again(claim: Claim, policy: PackOn) -> Claim:
    first, later = policy.text(FIRST_MONTH), policy.text(LATER_MONTH)
    if first is None or later is None:
        return claim
    lines = tuple(
        replace(line, hcpcs_code=first) if line.hcpcs_code == later else line for line in claim.lines
    )
    return replace(claim, lines=lines)


def _behavioral_biller(claim: Claim, policy: PackOn) -> Claim:
    behavioral = [
        code
        for code, taxonomy in sorted(taxonomies(policy.pack.rulebook).items())
        if taxonomy.role == _BEHAVIORAL_FACILITY
    ]
    return (
        replace(claim, billing=replace(claim.billing, taxonomy_code=behavioral[0])) if behavioral else claim
    )


def _other_place(claim: Claim, policy: PackOn) -> Claim:
    here = places_of_service(policy.pack.rulebook)
    is_facility = (
        here[claim.place_of_service_code].is_facility if claim.place_of_service_code in here else False
    )
    others = sorted(code for code, place in here.items() if place.is_facility is not is_facility)
    return replace(claim, place_of_service_code=others[0]) if others else claim


_FAULTS: Final[dict[CodingFault, Callable[[Claim, PackOn], Claim]]] = {
    CodingFault.ADDON_ALONE: _addon_alone,
    CodingFault.FIRST_MONTH_AGAIN: _first_month_again,
    CodingFault.BEHAVIORAL_BILLER: _behavioral_biller,
    CodingFault.OTHER_PLACE: _other_place,
}
