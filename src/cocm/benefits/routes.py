"""Where the month's claim goes: the payer, a group it has delegated to, another plan, or nobody can tell yet.

An entity counts for Collaborative Care only where it stands with the plan as a whole or a medical benefit. Who is named
for mental health alone is told, because claims go astray there, and gets the claim only where the payer's own rule
puts the service on the behavioral side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from cocm.benefits.codes import BEHAVIORAL_SIDE, MEDICAL_SIDE, PLAN_SIDE, BenefitCodes
from cocm.benefits.records import NamedEntity, Route, RouteKind
from cocm.rules import PackOn
from cocm.x12.eligibility_record import Benefit, BenefitEntity, EligibilitySource

_SIDE_RULE: Final = "claim.benefit_side"
_NOT_ROUTES: Final = frozenset(["other_payer", "primary_care", "inactive"])
_GROUP: Final = "delegated_group"
_PLAN: Final = "plan"
_VENDOR: Final = "vendor"


def month_route(
    source: EligibilitySource, benefits: Iterable[Benefit], codes: BenefitCodes, policy: PackOn
) -> Route:
    """Who receives the claim, with the rule that puts the service on its side of the benefit."""
    medical, behavioral = _named(tuple(benefits), codes, source)
    behavioral_entities = tuple(dict.fromkeys(entity for _, entity in behavioral))
    side = policy.value(_SIDE_RULE)
    payer = NamedEntity(
        "payer", source.party.last_or_organization_name, source.party.identifier, _phone(source)
    )

    def route(kind: RouteKind, entity: NamedEntity | None, reason: str) -> Route:
        return Route(kind, entity, reason, side.cite, behavioral_entities)

    if not side.is_known:
        return route(
            RouteKind.UNKNOWN, None, "which side of the benefit pays is not established for this payer"
        )
    if side.text == BEHAVIORAL_SIDE:
        if len(behavioral_entities) == 1:
            why = "the payer's rule puts the service on the behavioral side, and the answer names who handles it"
            return route(RouteKind.BEHAVIORAL_ADMINISTRATOR, behavioral_entities[0], why)
        why = "the payer's rule puts the service on the behavioral side, and the answer names no one administrator"
        return route(RouteKind.UNKNOWN, None, why)
    groups = tuple(dict.fromkeys(entity for role, entity in medical if role == _GROUP))
    if len(groups) == 1:
        return route(
            RouteKind.DELEGATED_GROUP,
            groups[0],
            "named with the medical benefit; it may pay the plan's claims",
        )
    if len(groups) > 1:
        return route(RouteKind.UNKNOWN, None, f"{len(groups)} groups are named with the medical benefit")
    plans = tuple(dict.fromkeys(entity for role, entity in medical if role == _PLAN))
    if len(plans) == 1:
        return route(
            RouteKind.OTHER_PLAN,
            plans[0],
            "named with the medical benefit instead of the payer that was asked",
        )
    if len(plans) > 1:
        return route(RouteKind.UNKNOWN, None, f"{len(plans)} plans are named with the medical benefit")
    return route(RouteKind.PAYER, payer, "no other entity is named with the medical benefit")


def _named(
    benefits: tuple[Benefit, ...], codes: BenefitCodes, source: EligibilitySource
) -> tuple[list[tuple[str, NamedEntity]], list[tuple[str, NamedEntity]]]:
    """Entities with their roles: those of plan and medical benefits, and those of behavioral ones alone."""
    medical: list[tuple[str, NamedEntity]] = []
    behavioral: list[tuple[str, NamedEntity]] = []
    for benefit in benefits:
        if codes.information_kinds.get(benefit.information_code) in _NOT_ROUTES:
            continue
        sides = codes.sides(benefit.service_type_codes)
        if sides & {PLAN_SIDE, MEDICAL_SIDE}:
            medical += _roles(benefit.entities, codes, source)
        elif sides == {BEHAVIORAL_SIDE}:
            behavioral += _roles(benefit.entities, codes, source)
    return medical, behavioral


def _roles(
    entities: Iterable[BenefitEntity], codes: BenefitCodes, source: EligibilitySource
) -> Iterator[tuple[str, NamedEntity]]:
    for entity in entities:
        role = codes.entity_roles.get(entity.entity_code, "")
        is_asked = entity.party.identifier and entity.party.identifier == source.party.identifier
        if role in (_GROUP, _PLAN, _VENDOR) and not is_asked:
            phone = next((one.phone for one in entity.contacts if one.phone), "")
            label = codes.entity_labels[entity.entity_code]
            yield (
                role,
                NamedEntity(label, entity.party.last_or_organization_name, entity.party.identifier, phone),
            )


def _phone(source: EligibilitySource) -> str:
    return next((one.phone for one in source.contacts if one.phone), "")
