"""What a health plan knows of itself: entities and who answers for what, members, benefits, fees, providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from cocm.basics.months import Period
from cocm.basics.records import quickly_made
from cocm.care.people import Address

MemberKey: TypeAlias = tuple[str, date]
"""A person by member id and birth date: the members of a family may share their id."""


class EntityKind(StrEnum):
    """What an entity is to the plan."""

    MEDICAL = "medical"
    DELEGATED_GROUP = "delegated_group"
    BEHAVIORAL_ADMINISTRATOR = "behavioral_administrator"
    STATE_AGENT = "state_agent"


class Side(StrEnum):
    """Which side of the benefit pays a service, in the rulebook's words."""

    MEDICAL = "medical"
    BEHAVIORAL = "behavioral"


class ServiceClass(StrEnum):
    """What a procedure code is, as the rulebook has it: the model's, psychotherapy, or anything else."""

    COCM = "cocm"
    PSYCHOTHERAPY = "psychotherapy"
    OTHER = "other"


class BillerType(StrEnum):
    """What kind of provider bills."""

    MEDICAL = "medical"
    BEHAVIORAL = "behavioral"


class FeeBasis(StrEnum):
    """Where the amount allowed comes from where the plan's own fee table has no row."""

    FEE_TABLE = "fee_table"
    MEDICARE_NATIONAL = "medicare_national"


@dataclass(frozen=True, slots=True)
class PlanProfile:
    """The plan itself. `pack_id` are its rules in the rulebook; `entity_id` is the entity that decides here.

    `other_payer_identifiers` are further payer ids under which claims reach it (a clearinghouse's, an earlier name's).
    """

    plan_id: str
    name: str
    pack_id: str
    entity_id: str
    payer_identifier: str
    tin: str
    address: Address
    phone: str
    fee_basis: FeeBasis
    other_payer_identifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody who may be responsible for a claim."""

    entity_id: str
    name: str
    kind: EntityKind
    payer_identifier: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """An entity answers for a side of the benefit in a period. What is None holds for all.

    A carve-out names the behavioral side; a division of responsibility names the group to which the member belongs.
    """

    side: Side
    entity_id: str
    period: Period
    product: str | None
    delegated_group_id: str | None
    service: ServiceClass | None
    biller: BillerType | None
    source: str


@quickly_made
@dataclass(frozen=True, slots=True)
class CoverageSpan:
    """A member's days in a product. `delegated_group_id` is empty where the member belongs to none."""

    product: str
    period: Period
    delegated_group_id: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Member:
    """A covered person with all spans; they may have gaps."""

    member_id: str
    birth_date: date
    death_date: date | None
    spans: tuple[CoverageSpan, ...]

    def span_on(self, day: date) -> CoverageSpan | None:
        """The coverage on a day; None in a gap."""
        return next((span for span in self.spans if day in span.period), None)


@dataclass(frozen=True, slots=True)
class Benefit:
    """What a product's member pays for a service. `service` None: every medical service without a row of its own.

    The deductible and the out-of-pocket limit are a calendar year's; a limit of None is none. `coinsurance_percent`
    is the share of what is left after deductible and copayment. `is_waived`: the member pays nothing at all.
    """

    product: str
    side: Side
    service: ServiceClass | None
    period: Period
    is_covered: bool
    is_waived: bool
    deductible_cents: int
    copayment_cents: int
    coinsurance_percent: int
    out_of_pocket_max_cents: int | None


@quickly_made
@dataclass(frozen=True, slots=True)
class Accumulator:
    """What a member has met of the year's deductible and out-of-pocket limit."""

    deductible_met_cents: int = 0
    out_of_pocket_met_cents: int = 0

    def plus(self, deductible_cents: int, out_of_pocket_cents: int) -> Accumulator:
        """The same after more was met (less, for a reversal)."""
        return Accumulator(
            self.deductible_met_cents + deductible_cents, self.out_of_pocket_met_cents + out_of_pocket_cents
        )


@dataclass(frozen=True, slots=True)
class Fee:
    """What the plan allows for one unit of a code in a period. `is_facility` None: in every place."""

    hcpcs_code: str
    period: Period
    is_facility: bool | None
    amount_cents: int


@dataclass(frozen=True, slots=True)
class PlanProvider:
    """A provider as the plan has enrolled it. No place listed: the plan's list of places is not at hand."""

    npi: str
    taxonomy_code: str
    biller: BillerType | None
    places: frozenset[str]


@dataclass(frozen=True, slots=True)
class PlanBook:
    """All tables of a plan. `has_all_members` is false where a row could not be read: then nobody is a stranger.

    `members_in_doubt` are those whom a row of members or accumulators names that could not be read;
    `has_all_accumulators` is false where such a row of accumulators names nobody.
    """

    profile: PlanProfile
    entities: Mapping[str, Entity]
    delegations: tuple[Delegation, ...]
    members: Mapping[MemberKey, Member]
    benefits: tuple[Benefit, ...]
    accumulators: Mapping[tuple[MemberKey, int], Accumulator]
    fees: Mapping[str, tuple[Fee, ...]]
    providers: Mapping[str, PlanProvider]
    has_all_members: bool = True
    has_all_accumulators: bool = True
    members_in_doubt: frozenset[MemberKey] = frozenset()

    @property
    def has_doubts(self) -> bool:
        """Whether a row of members or accumulators could not be read."""
        return bool(self.members_in_doubt) or not (self.has_all_members and self.has_all_accumulators)

    @property
    def own_entity(self) -> Entity:
        """The entity that decides here."""
        return self.entities[self.profile.entity_id]

    @property
    def payer_identifiers(self) -> frozenset[str]:
        """The payer ids, in capitals, by which a claim is addressed to the plan or to an entity that it routes to."""
        profile = self.profile
        entities = [one.payer_identifier for one in self.entities.values() if one.payer_identifier]
        return frozenset(
            map(str.upper, (profile.payer_identifier, *profile.other_payer_identifiers, *entities))
        )
