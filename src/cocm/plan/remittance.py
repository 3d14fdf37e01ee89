"""Decisions as a remittance (835): one payment to each billing provider, reversals before what replaces them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from cocm.basics.records import maker
from cocm.plan.balances import BalanceMove, Payee, payee_of, trace_number
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.records import PlanProfile
from cocm.plan.remembered import OfIdentity
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import plan_decisions
from cocm.x12.claim_record import ClaimRecord, PartyRecord, name_and_number
from cocm.x12.guide import load_guide
from cocm.x12.remittance_reader import REMITTANCE_GUIDE
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.wire_parts import ContactRecord, Reference

_INFORMATION_ONLY: Final = "H"
_REMITTANCE_AND_PAYMENT: Final = "I"
_NO_PAYMENT: Final = "NON"
_CHECK: Final = "CHK"
_TECHNICAL: Final = "BL"
_TELEPHONE: Final = "TE"
_MUTUALLY_DEFINED: Final = "ZZ"
_PAYER_NUMBER: Final = "2U"
_INTEREST: Final = "L6"
_FORWARDED_BALANCE: Final = "FB"
_DECEMBER: Final = 12
_party = maker(PartyRecord)
_BARE = OfIdentity[PartyRecord, PartyRecord]()
"""Practitioners by name and number alone; the same object stands on many claims."""
_claim_payment = maker(ClaimPayment)
_service_payment = maker(ServicePayment)
_NOTHING: Final = Decimal(0)
_FILING_CODES_MAX: Final = 256
_LAST_OF_DECEMBER: Final = 31


def remittances(
    profile: PlanProfile,
    rulebook: Rulebook,
    decisions: Iterable[ClaimDecisionMade],
    *,
    batch: str,
    payment_date: date,
    interest_cents: Mapping[str, int] = MappingProxyType({}),
    moves: Iterable[BalanceMove] = (),
) -> tuple[RemittanceRecord, ...]:
    """A balanced payment for each billing provider with a decision; what is pended stands on none.

    Claims that were taken back lower the payment; `moves` carry forward what would bring it below zero, and recover
    what was carried before. `interest_cents` is paid beside the claims, by the plan's number of each.
    """
    by_payee: dict[Payee, list[ClaimDecisionMade]] = {}
    for decision in decisions:
        if decision.answer is not Answer.PENDED:
            by_payee.setdefault(payee_of(decision), []).append(decision)
    balances: dict[Payee, list[BalanceMove]] = {}
    for move in moves:
        balances.setdefault(move.payee, []).append(move)
    return tuple(
        _payment(profile, rulebook, own, batch, payment_date, interest_cents, balances.get(payee, ()))
        for payee, own in sorted(by_payee.items())
    )


def _payment(
    profile: PlanProfile,
    rulebook: Rulebook,
    decisions: Sequence[ClaimDecisionMade],
    batch: str,
    payment_date: date,
    interest_cents: Mapping[str, int],
    moves: Sequence[BalanceMove],
) -> RemittanceRecord:
    reversed_code = plan_decisions(rulebook)["reversed"].claim_status_code
    claims: list[ClaimPayment] = []
    for decision in decisions:
        if decision.reversal is not None:
            claims.append(_reversal(decision.reversal, decision.record, reversed_code))
        if decision.answer is not Answer.REVERSED:
            claims.append(_claim(decision))
    billing = decisions[0].record.billing
    interest = [
        (_INTEREST, decision.claim_number, -interest_cents[decision.claim_number])
        for decision in decisions
        if interest_cents.get(decision.claim_number)
    ]
    carried = [(_FORWARDED_BALANCE, move.reference, move.cents) for move in moves]
    year_end = date(payment_date.year, _DECEMBER, _LAST_OF_DECEMBER)
    payee = billing.identifier or billing.tin
    adjustments = tuple(ProviderAdjustment(payee, year_end, *one) for one in (*interest, *carried))
    paid = sum(claim.paid_amount_cents for claim in claims) - sum(one.amount_cents for one in adjustments)
    numbers = (Reference("TJ", billing.tin),) if billing.tin else ()
    return RemittanceRecord(
        interchange_control_number="",
        group_control_number="",
        transaction_control_number="",
        handling_code=_REMITTANCE_AND_PAYMENT if paid else _INFORMATION_ONLY,
        paid_amount_cents=paid,
        method=_CHECK if paid else _NO_PAYMENT,
        payment_date=payment_date,
        trace_number=trace_number(batch, payee_of(decisions[0])),
        payer_identifier=f"1{profile.tin}",
        payer=_organization(profile),
        payee=_payee(billing),
        production_date=payment_date,
        claims=tuple(claims),
        provider_adjustments=adjustments,
        payer_contacts=(ContactRecord(_TECHNICAL, profile.name, ((_TELEPHONE, profile.phone),)),),
        payer_numbers=(Reference(_PAYER_NUMBER, profile.payer_identifier),),
        payee_numbers=numbers,
    )


def _payee(billing: PartyRecord) -> PartyRecord:
    """The biller by its NPI; by its tax number where it has none."""
    payee = replace(billing, taxonomy_code="", phone="", tin="")
    return payee if billing.identifier else replace(payee, identifier_type="FI", identifier=billing.tin)


def _organization(profile: PlanProfile) -> PartyRecord:
    return PartyRecord(
        False, profile.name, "", "", "", "", "", address=profile.address,
    )  # fmt: skip


def _claim(decision: ClaimDecisionMade) -> ClaimPayment:
    record = decision.record
    lines = tuple(map(_service, decision.lines))
    return _claim_payment(
        claim_id=record.claim_id,
        status_code=decision.status_code,
        charge_amount_cents=sum([line.charge_amount_cents for line in lines]),
        paid_amount_cents=decision.paid_amount_cents,
        patient_responsibility_amount_cents=decision.member_share_cents,
        claim_filing_code=_filing_code(record.claim_filing_code),
        payer_claim_control_number=decision.claim_number,
        place_of_service_code=record.place_of_service_code,
        frequency_code=record.frequency_code,
        patient=_patient(record),
        subscriber=None,
        corrected=None,
        rendering=_bare(record.rendering),
        crossover_payer=_next_payer(decision),
        adjustments=(),
        remark_codes=(),
        statement_from_date=min([line.line.service_from_date for line in decision.lines]),
        statement_to_date=max([line.line.service_to_date for line in decision.lines]),
        received_date=decision.received_date,
        lines=lines,
    )


def _next_payer(decision: ClaimDecisionMade) -> PartyRecord | None:
    """The entity that a wholly forwarded claim has gone to, where it has an identifier to be named by."""
    entity = decision.forward_to
    if entity is None or decision.answer is not Answer.FORWARDED or not entity.payer_identifier:
        return None
    return PartyRecord(False, entity.name, "", "", "", "PI", entity.payer_identifier)


def _service(decision: LineDecision) -> ServicePayment:
    line = decision.line
    is_paid = decision.answer is Answer.PAID
    return _service_payment(
        hcpcs_code=line.hcpcs_code,
        modifiers=line.modifiers,
        submitted_hcpcs_code="",
        charge_amount_cents=line.charge_amount_cents,
        paid_amount_cents=decision.paid_amount_cents,
        paid_quantity=line.service_unit_quantity if is_paid else _NOTHING,
        service_from_date=line.service_from_date,
        service_to_date=line.service_to_date,
        line_control_number=line.line_control_number,
        allowed_amount_cents=decision.allowed_amount_cents if is_paid else None,
        adjustments=decision.adjustments,
        remark_codes=decision.remark_codes,
        submitted_quantity=None if is_paid else line.service_unit_quantity,
    )


def _reversal(claim: DecidedClaim, record: ClaimRecord, status_code: str) -> ClaimPayment:
    """The earlier decision once more with every sign turned, under the number it had."""
    lines = tuple(map(_turned, claim.lines))
    return ClaimPayment(
        claim_id=claim.claim_id,
        status_code=status_code,
        charge_amount_cents=sum(line.charge_amount_cents for line in lines),
        paid_amount_cents=sum(line.paid_amount_cents for line in lines),
        patient_responsibility_amount_cents=-sum(line.member_share_cents for line in claim.lines),
        claim_filing_code=_filing_code(claim.claim_filing_code),
        payer_claim_control_number=claim.claim_number,
        place_of_service_code=claim.place_of_service_code,
        frequency_code=claim.frequency_code,
        patient=_patient(record),
        subscriber=None,
        corrected=None,
        rendering=None,
        crossover_payer=None,
        adjustments=(),
        remark_codes=(),
        statement_from_date=min(line.service_from_date for line in claim.lines),
        statement_to_date=max(line.service_to_date for line in claim.lines),
        received_date=None,
        lines=lines,
    )


def _turned(line: DecidedLine) -> ServicePayment:
    return ServicePayment(
        hcpcs_code=line.hcpcs_code,
        modifiers=line.modifiers,
        submitted_hcpcs_code="",
        charge_amount_cents=-line.charge_amount_cents,
        paid_amount_cents=-line.paid_amount_cents,
        paid_quantity=Decimal(line.service_unit_quantity) if line.stands else Decimal(0),
        service_from_date=line.service_from_date,
        service_to_date=line.service_to_date,
        line_control_number=line.line_control_number,
        allowed_amount_cents=None,
        adjustments=tuple(
            Adjustment(one.group_code, one.reason_code, -one.amount_cents, one.quantity)
            for one in line.adjustments
        ),
        remark_codes=(),
    )


@lru_cache(maxsize=_FILING_CODES_MAX)
def _filing_code(code: str) -> str:
    """The claim's filing code where remittances know it too, else the one for what the parties agreed."""
    known = load_guide(REMITTANCE_GUIDE).use("2100", "claim").by_name["claim_filing_code"].codes
    return code if code in known else _MUTUALLY_DEFINED


def _patient(record: ClaimRecord) -> PartyRecord:
    patient = record.patient
    return _party(
        patient.is_person,
        patient.last_or_organization_name,
        patient.first_name,
        patient.middle_name,
        patient.name_suffix,
        "MI",
        patient.identifier or record.member_id,
    )


def _bare(party: PartyRecord | None) -> PartyRecord | None:
    if party is None or not party.identifier:  # a remittance names a practitioner by number or not at all
        return None
    known = _BARE.get(party)
    if known is None:
        known = _BARE.keep(party, name_and_number(party))
    return known
