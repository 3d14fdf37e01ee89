"""A denial that no edit foresaw becomes a candidate rule: a value for the payer's pack, with its evidence.

A candidate is a proposal for a person. It is tried on the claims history first; nothing changes until somebody accepts
it into the practice's own overlay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.rules import PackOn
from cocm.rules.values import PlainValue

RULE_BY_CAUSE: Final = {
    "place_of_service": "claim.places_refused",
    "diagnosis_refused": "diagnosis.prefixes_denied",
    "units_above_limit": "limit.addon_units",
    "provider_type_refused": "claim.rendering_role",
    "bundled_with_other_care": "concurrency.excluded_codes",
    "authorization_missing": "authorization.after_months",
    "filed_late": "filing.limit_days",
}
"""Which rule of a pack would have foreseen a cause."""


@dataclass(frozen=True, slots=True)
class UnforeseenDenial:
    """A denied line that none of our edits failed on, with what of the claim a rule could look at."""

    claim_id: str
    pack_id: str
    cause_id: str
    service_date: date
    decided_on: date
    hcpcs_code: str
    units: int
    place_of_service_code: str
    diagnosis_codes: tuple[str, ...]
    rendering_role: str
    other_codes: tuple[str, ...]
    month_of_care: int
    days_to_filing: int


@dataclass(frozen=True, slots=True)
class CandidateRule:
    """A proposed value of a payer's rule from a day on, and the claims it rests on."""

    pack_id: str
    rule_id: str
    value: PlainValue
    was: PlainValue
    effective_from: date
    claim_ids: tuple[str, ...]

    @property
    def candidate_id(self) -> str:
        """A name for people: pack and rule."""
        return f"{self.pack_id}:{self.rule_id}"


def candidate(denials: Iterable[UnforeseenDenial], policy: PackOn) -> CandidateRule | None:
    """The candidate that denials of one pack and cause speak for; None where no rule would have foreseen them.

    The value holds from the earliest service date on. Sets grow by what every denial has in common; a limit is set
    just below what was refused.
    """
    found = sorted(denials, key=lambda denial: (denial.service_date, denial.claim_id))
    if not found or found[0].cause_id not in RULE_BY_CAUSE:
        return None
    rule_id = RULE_BY_CAUSE[found[0].cause_id]
    was = policy.value(rule_id)
    value = _value(rule_id, found, was.members)
    if value is None or (was.is_known and value == was.value):
        return None
    return CandidateRule(
        policy.pack.payer_id,
        rule_id,
        value,
        was.value if was.is_known else None,
        found[0].service_date,
        tuple(dict.fromkeys(denial.claim_id for denial in found)),
    )


def _value(rule_id: str, denials: list[UnforeseenDenial], members: frozenset[str]) -> PlainValue:
    match rule_id:
        case "claim.places_refused":
            return _grown(members, [{denial.place_of_service_code} for denial in denials])
        case "diagnosis.prefixes_denied":
            return _grown(members, [{code[:3] for code in denial.diagnosis_codes[:1]} for denial in denials])
        case "concurrency.excluded_codes":
            return _grown(members, [set(denial.other_codes) for denial in denials])
        case "limit.addon_units":
            least = min(denial.units for denial in denials)
            return least - 1 if least > 1 else None
        case "claim.rendering_role":
            roles = {denial.rendering_role for denial in denials}
            return _OTHER_ROLE.get(roles.pop()) if len(roles) == 1 else None
        case "authorization.after_months":
            first = min(denial.month_of_care for denial in denials)
            return first - 1 if first > 1 else None
        case "filing.limit_days":
            shortest = min(denial.days_to_filing for denial in denials)
            return shortest - 1 if shortest > 1 else None
    return None


_OTHER_ROLE: Final = {"billing_practitioner": "bhcm", "bhcm": "billing_practitioner"}


def _grown(members: frozenset[str], given: list[set[str]]) -> PlainValue:
    common = set.intersection(*given) - {""}
    return members | common if common - members else None


def overlay_text(existing: str | None, found: CandidateRule, observed: date) -> str:
    """The payer's file of the rule with the candidate's row in it: `existing` is the pack's own file, if it has one."""
    row = "\n".join(
        (
            f"  - effective_from: {found.effective_from}",
            f"    observed: {observed}",
            f"    value: {_shown(found.value)}",
            "    confidence: secondary",
            "    source:",
            '      title: "This practice\'s own remittances"',
            '      url: "practice:remittances"',
            "      grade: C",
            f'      at: "{len(found.claim_ids)} denied claims, accepted on {observed}"',
        )
    )
    if existing is None:
        cases = f"cases:\n  - {{at: {found.effective_from}, expect: {_shown(found.value)}}}"
        return f"id: {found.rule_id}\nvalues:\n{row}\n{cases}\n"
    before, marker, after = existing.partition("\ncases:")
    return (
        f"{before.rstrip()}\n{row}\n{marker.lstrip()}{after}" if marker else f"{existing.rstrip()}\n{row}\n"
    )


def _shown(value: PlainValue) -> str:
    if isinstance(value, frozenset):
        return "[" + ", ".join(f'"{member}"' for member in sorted(value)) + "]"
    return "none" if value is None else str(value)
