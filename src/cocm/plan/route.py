"""Who is responsible for a claim line: by payer, product, delegation, date, procedure and biller; never by diagnosis.

The rulebook says on which side of the benefit a procedure stands; the plan's delegations say who answers for that side.
Where a fact is not known, every answer it leaves open is tried: if all lead to the same entity, that is the route.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.edits.codes import cocm_codes
from cocm.plan.records import (
    BillerType,
    CoverageSpan,
    Delegation,
    Entity,
    EntityKind,
    PlanBook,
    ServiceClass,
    Side,
)
from cocm.rules import PackOn, RuleValue
from cocm.rules.codes import taxonomies

BENEFIT_SIDE: Final = "claim.benefit_side"
PSYCHOTHERAPY_CODES: Final = "routing.psychotherapy_codes"
PSYCHOTHERAPY_SIDE: Final = "routing.psychotherapy_side"
FORWARD_DAYS: Final = "clock.misdirected_forward_days"

_BILLER_BY_ROLE: Final = {
    "billing_practitioner": BillerType.MEDICAL,
    "medical_facility": BillerType.MEDICAL,
    "bhcm": BillerType.BEHAVIORAL,
    "psychiatric_consultant": BillerType.BEHAVIORAL,
    "behavioral_facility": BillerType.BEHAVIORAL,
}
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True)
class LineRoute:
    """The entity responsible for a line, or None where nobody can tell, with the reason.

    `side_rule` is the rule value that put the procedure on its side (None: no rule speaks of the procedure);
    `delegation` the plan's own row that names the entity (None: the plan keeps that side itself).
    """

    entity: Entity | None
    service: ServiceClass
    side: Side | None
    biller: BillerType | None
    side_rule: RuleValue | None
    delegation: Delegation | None
    reason: str

    @property
    def cites(self) -> tuple[str, ...]:
        """The rule value and the delegation, each in a line."""
        found = [] if self.side_rule is None else [self.side_rule.cite]
        if self.delegation is not None:
            found.append(f"delegation of the {self.delegation.side} side ({self.delegation.source})")
        return tuple(found)


def service_class(hcpcs_code: str, policy: PackOn) -> ServiceClass:
    """What a procedure code is, in the rulebook's words."""
    if hcpcs_code in cocm_codes(policy.pack.rulebook):
        return ServiceClass.COCM
    if hcpcs_code in policy.members(PSYCHOTHERAPY_CODES):
        return ServiceClass.PSYCHOTHERAPY
    return ServiceClass.OTHER


def biller_type(book: PlanBook, npi: str, taxonomy_code: str, policy: PackOn) -> BillerType | None:
    """What kind of provider bills: as enrolled, else by the taxonomy on the claim; None where neither tells."""
    enrolled = book.providers.get(npi)
    if enrolled is not None and enrolled.biller is not None:
        return enrolled.biller
    code = taxonomy_code or (enrolled.taxonomy_code if enrolled is not None else "")
    known = taxonomies(policy.pack.rulebook).get(code)
    return None if known is None else _BILLER_BY_ROLE.get(known.role)


def route_line(
    book: PlanBook, span: CoverageSpan, hcpcs_code: str, day: date, biller: BillerType | None, policy: PackOn
) -> LineRoute:
    """The entity responsible for a procedure on a date of service, billed by such a provider."""
    service = service_class(hcpcs_code, policy)
    rule = _side_rule(service, policy)
    sides = _sides(rule, biller)
    billers = (biller,) if biller is not None else tuple(BillerType)
    found: dict[str, Delegation | None] = {}
    for side in sides:
        for one in billers:
            best = _best(_matching(book.delegations, span, service, day, side, one))
            for delegation in best or (None,):
                entity_id = _keeper(book, side) if delegation is None else delegation.entity_id
                found.setdefault(entity_id, delegation)
    side_known = sides[0] if len(sides) == 1 else None
    if len(found) != 1:
        names = ", ".join(book.entities[entity_id].name for entity_id in sorted(found))
        what = "the side of the benefit" if side_known is None else "the biller's kind or the delegation"
        why = f"{what} is not established: it may be {names}"
        return LineRoute(None, service, side_known, biller, rule, None, why)
    entity_id, delegation = next(iter(found.items()))
    entity = book.entities[entity_id]
    why = _reason(service, side_known, rule, delegation, entity)
    return LineRoute(entity, service, side_known, biller, rule, delegation, why)


def forward_by(received_date: date, policy: PackOn) -> tuple[date | None, RuleValue]:
    """The last day on which a misdirected claim may be forwarded, with the rule of working days; None: no clock known.

    Working days are Monday to Friday; holidays are not counted out, so that the day is never late.
    """
    rule = policy.value(FORWARD_DAYS)
    if rule.integer is None:
        return None, rule
    day, left = received_date, rule.integer
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < _SATURDAY
    return day, rule


def _side_rule(service: ServiceClass, policy: PackOn) -> RuleValue | None:
    if service is ServiceClass.COCM:
        return policy.value(BENEFIT_SIDE)
    return policy.value(PSYCHOTHERAPY_SIDE) if service is ServiceClass.PSYCHOTHERAPY else None


def _sides(rule: RuleValue | None, biller: BillerType | None) -> tuple[Side, ...]:
    """The sides that are left open: one where a rule says so, or where no rule speaks and the biller tells.

    A behavioral provider's psychotherapy is behavioral also where the payer's rule is not established; a medical
    group's may be either. The model's own side is the rule's alone.
    """
    if rule is not None and rule.text is not None:
        return (Side(rule.text),)
    if rule is None and biller is not None:
        return (Side(biller.value),)
    if rule is not None and rule.rule_id == PSYCHOTHERAPY_SIDE and biller is BillerType.BEHAVIORAL:
        return (Side.BEHAVIORAL,)
    return tuple(Side)


def _matching(
    delegations: Iterable[Delegation],
    span: CoverageSpan,
    service: ServiceClass,
    day: date,
    side: Side,
    biller: BillerType,
) -> list[Delegation]:
    return [
        one
        for one in delegations
        if one.side is side
        and day in one.period
        and one.product in (None, span.product)
        and one.delegated_group_id in (None, span.delegated_group_id)
        and one.service in (None, service)
        and one.biller in (None, biller)
    ]


def _best(delegations: list[Delegation]) -> list[Delegation]:
    """Those that say most: a row for a group, a product, a service, a biller goes before one for all."""
    most = max(map(_precision, delegations), default=0)
    return [one for one in delegations if _precision(one) == most]


def _precision(one: Delegation) -> int:
    named = (one.product, one.delegated_group_id, one.service, one.biller)
    return sum(field is not None for field in named)


def _keeper(book: PlanBook, side: Side) -> str:
    """Who answers for a side that is not delegated: the plan's own medical entity, else whoever decides here."""
    medical = [one for one in book.entities.values() if one.kind is EntityKind.MEDICAL]
    return medical[0].entity_id if medical else book.profile.entity_id


def _reason(
    service: ServiceClass,
    side: Side | None,
    rule: RuleValue | None,
    delegation: Delegation | None,
    entity: Entity,
) -> str:
    if side is None:
        where = "whichever side of the benefit it stands on"
    elif rule is not None and rule.is_known:
        where = f"{rule.rule_id} puts it on the {side} side"
    else:
        where = f"no rule settles the procedure and the biller is {side}"
    who = "the plan keeps that side itself" if delegation is None else f"delegated to it: {delegation.source}"
    return f"{service}: {where}; {entity.name} answers for it ({who})"
