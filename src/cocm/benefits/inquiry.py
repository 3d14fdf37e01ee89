"""Asks a payer about a month's patients (270): one transaction, a trace for each patient, the whole month as the dates.

Asked is about the plan as a whole and about the practitioner's office service, which Collaborative Care is billed as;
never about a behavioral service, whose cost share is not the patient's here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.benefits.codes import MEDICAL_SIDE, PLAN_SIDE, benefit_codes
from cocm.care.people import Coverage, Patient, Payer, Practice
from cocm.rules import Rulebook
from cocm.x12.claim_record import PartyRecord
from cocm.x12.eligibility_record import (
    BenefitInquiry,
    EligibilityMember,
    EligibilityReceiver,
    EligibilityRecord,
    EligibilitySource,
    MemberRelationship,
    TraceRecord,
)
from cocm.x12.wire_parts import DateSpan

_ASKS: Final = "13"
_PAYER: Final = "PR"
_PROVIDER: Final = "1P"
_OWN_TRACE: Final = "1"
_PLAN_DATES: Final = "291"
_SELF: Final = "self"
_RELATIONSHIPS: Final = {"spouse": "01", "child": "19"}
_OTHER_RELATIONSHIP: Final = "34"


@dataclass(frozen=True, slots=True)
class AskedPatient:
    """A patient with the policy that is asked about; the payer gives `trace_number` back."""

    trace_number: str
    patient: Patient
    coverage: Coverage


def asked_service_types(rulebook: Rulebook) -> tuple[str, ...]:
    """The service types that are asked about: the plan as a whole, and the best for a practitioner's service."""
    types = benefit_codes(rulebook).service_types
    plan = next(code for code, one in types.items() if one.side == PLAN_SIDE)
    ranked = [
        (one.visit_rank, code)
        for code, one in types.items()
        if one.side == MEDICAL_SIDE and one.visit_rank is not None
    ]
    return (plan, min(ranked)[1])


def month_inquiry(
    people: Iterable[AskedPatient],
    *,
    payer: Payer,
    practice: Practice,
    month: Month,
    reference: str,
    rulebook: Rulebook,
) -> EligibilityRecord:
    """The question about a month's patients of one payer.

    Raises `UnusableInput` where there is nobody to ask about.
    """
    types = asked_service_types(rulebook)
    members = tuple(_member(one, month, practice, types) for one in people)
    if not members:
        raise UnusableInput(f"nobody is covered by {payer.payer_id} in {month}")
    provider = _organization(practice.name, "XX", practice.billing_npi)
    receiver = EligibilityReceiver(_PROVIDER, provider, subscribers=members)
    source = EligibilitySource(
        _PAYER, _organization(payer.name, "PI", payer.payer_identifier), receivers=(receiver,)
    )
    return EligibilityRecord(_ASKS, reference, (source,))


def _member(
    asked: AskedPatient, month: Month, practice: Practice, types: tuple[str, ...]
) -> EligibilityMember:
    coverage, patient = asked.coverage, asked.patient
    trace = (TraceRecord(_OWN_TRACE, asked.trace_number, f"9{practice.billing_tin}"),)
    dates = (DateSpan(_PLAN_DATES, month.first_day, month.last_day),)
    inquiries = (BenefitInquiry(types),)
    person = PartyRecord(
        True,
        patient.last_name,
        patient.first_name,
        "",
        "",
        "MI" if coverage.relationship == _SELF else "",
        coverage.member_id if coverage.relationship == _SELF else "",
        birth_date=patient.birth_date,
        sex=patient.sex,
    )
    if coverage.relationship == _SELF:
        return EligibilityMember(person, trace, dates=dates, inquiries=inquiries)
    holder = coverage.subscriber
    subscriber = PartyRecord(
        True,
        holder.last_name if holder is not None else patient.last_name,
        holder.first_name if holder is not None else "",
        "",
        "",
        "MI",
        coverage.member_id,
        birth_date=holder.birth_date if holder is not None else None,
    )
    relationship = MemberRelationship(_RELATIONSHIPS.get(coverage.relationship, _OTHER_RELATIONSHIP))
    dependent = EligibilityMember(person, trace, relationship=relationship, dates=dates, inquiries=inquiries)
    return EligibilityMember(subscriber, dependents=(dependent,))


def _organization(name: str, identifier_type: str, identifier: str) -> PartyRecord:
    return PartyRecord(False, name, "", "", "", identifier_type, identifier)
