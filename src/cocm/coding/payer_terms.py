"""What a payer asks for beside the month's own evidence: age, authorization, attestation, who is on the team, a base
code beside an add-on.

Each term is a rule of the pack; most packs ask for few of them. As with the other gates, a term that nobody has
established, or a record that does not say, is no data for a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cocm.care.casefile import CaseFile
from cocm.care.people import StaffMember
from cocm.care.records import ClaimStatus
from cocm.coding.concerns import (
    AGE_UNKNOWN,
    ATTESTATION_UNKNOWN,
    ATTESTED_LATER,
    AUTHORIZATION_NEEDED,
    AUTHORIZATION_UNKNOWN,
    BASE_NOT_ON_RECORD,
    BASE_OF_ANOTHER,
    CONSULTANT_UNFIT,
    NOT_ATTESTED,
    PRACTITIONER_UNFIT,
    TOO_YOUNG,
    Concern,
    missing,
)
from cocm.coding.month_kind import stands
from cocm.coding.records import Missing
from cocm.rules import PackOn, RuleValue
from cocm.rules.facilities import practitioner_types
from cocm.rules.values import UNKNOWN


@dataclass(frozen=True, slots=True)
class Terms:
    """A pack's terms on a date, resolved once; None where the payer does not ask."""

    age_years_min: RuleValue | None
    authorization_after_months: RuleValue | None
    attestation: RuleValue | None
    required_base: frozenset[str]
    base_in_words: str


@lru_cache(maxsize=1024)
def terms_of(policy: PackOn) -> Terms:
    """The terms of a pack on a date; resolved at the first call, then from memory."""
    base = policy.members("codes.required_base")
    return Terms(
        age_years_min=_asked(policy.value("patient.age_years_min")),
        authorization_after_months=_asked(policy.value("authorization.after_months")),
        attestation=_asked(policy.value("enrollment.attestation")),
        required_base=base,
        base_in_words=" or ".join(sorted(base)),
    )


def _asked(rule: RuleValue) -> RuleValue | None:
    """The rule where it asks for something, or may: not a stated "none", and not before it is defined."""
    return rule if rule.state == UNKNOWN or (rule.is_known and rule.value is not None) else None


def missing_terms(case: CaseFile, policy: PackOn) -> list[Missing]:
    """Every term of the payer that the case file does not meet, in a fixed order."""
    terms = terms_of(policy)
    found: list[Missing] = []
    if terms.age_years_min is not None:
        found += _missing(policy, _age(case, terms.age_years_min))
    if terms.authorization_after_months is not None:
        found += _authorization(case, policy, terms.authorization_after_months)
    if terms.attestation is not None:
        found += _missing(policy, _attestation(case, terms.attestation))
    if terms.required_base:
        found += _missing(policy, _base(case, terms.required_base), terms.base_in_words)
    if _is_unfit(case.billing_practitioner, policy, "team.billing_practitioner_types"):
        found.append(missing(policy, PRACTITIONER_UNFIT))
    if _is_unfit(case.psychiatric_consultant, policy, "team.consultant_types"):
        found.append(missing(policy, CONSULTANT_UNFIT))
    return found


def _missing(policy: PackOn, concern: Concern | None, detail: str = "") -> tuple[Missing, ...]:
    return () if concern is None else (missing(policy, concern, detail),)


def _age(case: CaseFile, rule: RuleValue) -> Concern | None:
    """The age is the one on the month's last day, which is the usual date of service."""
    if rule.integer is None:
        return AGE_UNKNOWN
    return TOO_YOUNG if _years_old(case.patient.birth_date, case.month.last_day) < rule.integer else None


def _years_old(birth_date: date, day: date) -> int:
    had_no_birthday_yet = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - had_no_birthday_yet


def _authorization(case: CaseFile, policy: PackOn, rule: RuleValue) -> tuple[Missing, ...]:
    """Months are counted from the episode's first service; the first month never needs one by this rule."""
    began = case.episode.first_service_date or case.episode.start_date
    months_before = case.month.index - (began.year * 12 + began.month - 1)
    if months_before < (1 if rule.integer is None else rule.integer) or _is_authorized(case):
        return ()
    if rule.integer is None:
        return (missing(policy, AUTHORIZATION_UNKNOWN),)
    return (missing(policy, AUTHORIZATION_NEEDED, str(months_before)),)


def _is_authorized(case: CaseFile) -> bool:
    """Whether the primary coverage has an authorization that reaches to the month's end."""
    return bool(case.coverages) and case.coverages[0].is_authorized_until(case.month.last_day)


def _attestation(case: CaseFile, rule: RuleValue) -> Concern | None:
    attested_from = case.payer.attested_from if case.payer is not None else None
    if attested_from is None:
        return NOT_ATTESTED if rule.is_known else ATTESTATION_UNKNOWN
    return ATTESTED_LATER if attested_from > case.month.last_day else None


def _base(case: CaseFile, required: frozenset[str]) -> Concern | None:
    """One of the base codes must be on record for the month, by the same practitioner where the record says who."""
    practitioner = case.billing_practitioner
    own = {"", case.practice.billing_npi, practitioner.npi if practitioner is not None else ""}
    renderers = list(_renderers_of(case, required))
    if any(npi in own for npi in renderers):
        return None
    return BASE_OF_ANOTHER if renderers else BASE_NOT_ON_RECORD


def _renderers_of(case: CaseFile, codes: frozenset[str]) -> Iterator[str]:
    """Who rendered the month's services with these codes: delivered, or on a claim that was not refused."""
    for service in case.other_services:
        if service.hcpcs_code in codes and service.service_date in case.month:
            yield service.rendering_npi
    for line in case.history:
        if (
            line.hcpcs_code in codes
            and line.service_date in case.month
            and stands(line)
            and line.status is not ClaimStatus.DENIED
        ):
            yield line.rendering_npi


def _is_unfit(member: StaffMember | None, policy: PackOn, rule_id: str) -> bool:
    """Whether the taxonomy tells that the payer does not take such a practitioner.

    Where it tells nothing, the practice's own statement of the role stands.
    """
    return (
        member is not None
        and bool(member.taxonomy_code)
        and _is_of_no_type(policy, rule_id, member.taxonomy_code)
    )


@lru_cache(maxsize=4096)
def _is_of_no_type(policy: PackOn, rule_id: str, taxonomy_code: str) -> bool:
    types, rule = practitioner_types(policy.pack.rulebook, taxonomy_code), policy.value(rule_id)
    return bool(types) and (rule.is_known or rule.state == UNKNOWN) and not types & rule.members
