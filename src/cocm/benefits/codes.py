"""The code tables by which an eligibility answer is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules import Rulebook
from cocm.rules.tables import read_table

PLAN_SIDE: Final = "plan"
MEDICAL_SIDE: Final = "medical"
BEHAVIORAL_SIDE: Final = "behavioral"
OTHER_SIDE: Final = "other"


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A service type: which side of the benefit it is on, and its rank in speaking for a practitioner's service."""

    label: str
    side: str
    visit_rank: int | None


@dataclass(frozen=True, slots=True)
class BenefitCodes:
    """Labels and meanings of the codes of a 271, each by its code."""

    service_types: Mapping[str, ServiceType]
    information_kinds: Mapping[str, str]
    insurance_kinds: Mapping[str, str]
    insurance_labels: Mapping[str, str]
    entity_roles: Mapping[str, str]
    entity_labels: Mapping[str, str]
    date_parts: Mapping[str, str]
    rejections: Mapping[str, tuple[str, str]]
    follow_ups: Mapping[str, str]

    def sides(self, service_type_codes: Iterable[str]) -> frozenset[str]:
        """The sides of the benefit that some service types are on; none at all means the plan as a whole."""
        known = self.service_types
        found = {known[code].side if code in known else OTHER_SIDE for code in service_type_codes}
        return frozenset(found or {PLAN_SIDE})


@lru_cache(maxsize=8)
def benefit_codes(rulebook: Rulebook) -> BenefitCodes:
    """The rulebook's tables, read once."""

    def pairs(name: str, key: str, value: str) -> dict[str, str]:
        return {row.text(key): row.text(value) for row in read_table(rulebook.data_file(f"codes/{name}.csv"))}

    types = {
        row.text("service_type"): ServiceType(
            row.text("label"), row.text("side"), row.integer("visit_rank") if row.text("visit_rank") else None
        )
        for row in read_table(rulebook.data_file("codes/benefit_service_types.csv"))
    }
    actions = pairs("eligibility_rejections", "reason", "action")
    return BenefitCodes(
        service_types=types,
        information_kinds=pairs("benefit_information", "information_code", "kind"),
        insurance_kinds=pairs("benefit_insurance_types", "insurance_type", "kind"),
        insurance_labels=pairs("benefit_insurance_types", "insurance_type", "label"),
        entity_roles=pairs("benefit_entities", "entity", "role"),
        entity_labels=pairs("benefit_entities", "entity", "label"),
        date_parts=pairs("benefit_dates", "date_kind", "part"),
        rejections={
            code: (label, actions[code])
            for code, label in pairs("eligibility_rejections", "reason", "label").items()
        },
        follow_ups=pairs("eligibility_follow_ups", "follow_up", "label"),
    )
