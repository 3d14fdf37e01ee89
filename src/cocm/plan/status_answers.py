"""What became of claims as a claim status answer (277), told without being asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from cocm.basics.identity import stable_id
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.records import PlanProfile
from cocm.plan.wire_parties import bare, claim_sender, patient_name, plan_contact, plan_party
from cocm.rules import Rulebook
from cocm.rules.plan_statuses import plan_statuses
from cocm.x12.claim_status_record import (
    ClaimStatus,
    ClaimStatusRecord,
    StatusMember,
    StatusProvider,
    StatusReceiver,
    StatusSource,
)
from cocm.x12.status_record import StatusCode, StatusRecord


def status_answers(
    profile: PlanProfile, rulebook: Rulebook, decisions: Iterable[ClaimDecisionMade], *, batch: str, day: date
) -> tuple[ClaimStatusRecord, ...]:
    """The decisions as status answers, a transaction for each billing provider."""
    by_biller: dict[tuple[str, str], list[ClaimDecisionMade]] = {}
    for decision in decisions:
        billing = decision.record.billing
        by_biller.setdefault((billing.identifier, billing.tin), []).append(decision)
    return tuple(_answer(profile, rulebook, own, batch, day) for _, own in sorted(by_biller.items()))


def outcome_of(decision: ClaimDecisionMade) -> str:
    """The outcome's name in the table of statuses: a decision that takes an earlier one back is a correction."""
    if decision.reversal is not None and decision.answer in (Answer.PAID, Answer.DENIED):
        return "corrected"
    return "denied" if decision.answer is Answer.REVERSED else decision.answer.value


def _answer(
    profile: PlanProfile, rulebook: Rulebook, decisions: Sequence[ClaimDecisionMade], batch: str, day: date
) -> ClaimStatusRecord:
    record = decisions[0].record
    members = tuple(_member(rulebook, decision, day) for decision in decisions)
    provider = StatusProvider((bare(record.billing),), members)
    receiver = StatusReceiver(claim_sender(record), (provider,))
    return ClaimStatusRecord(
        reference=stable_id("S", batch, record.billing.identifier, record.billing.tin),
        sources=(StatusSource(plan_party(profile), (receiver,), (plan_contact(profile),)),),
    )


def _member(rulebook: Rulebook, decision: ClaimDecisionMade, day: date) -> StatusMember:
    record = decision.record
    status = plan_statuses(rulebook)[outcome_of(decision)]
    told = StatusRecord(
        (StatusCode(status.category_code, status.status_code),),
        day,
        charge_amount_cents=sum(line.charge_amount_cents for line in record.lines),
        paid_amount_cents=decision.paid_amount_cents,
    )
    claim = ClaimStatus(
        trace_number=decision.claim_number,
        statuses=(told,),
        payer_claim_control_number=decision.claim_number,
        patient_account_number=record.claim_id,
        service_from_date=min(line.service_from_date for line in record.lines),
        service_to_date=max(line.service_to_date for line in record.lines),
    )
    patient = patient_name(record)
    if record.patient_is_subscriber:
        return StatusMember(patient, (claim,))
    subscriber = replace(bare(record.subscriber), identifier_type="MI")
    unnumbered = replace(patient, identifier_type="", identifier="")
    return StatusMember(subscriber, dependents=(StatusMember(unnumbered, (claim,)),))
