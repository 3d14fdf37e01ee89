"""Requests for records (277): one for each claim that waits for them, for a dated trigger of the plan's rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from cocm.basics.identity import stable_id
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.record_triggers import RECORDS_STEP
from cocm.plan.records import PlanProfile
from cocm.plan.wire_parties import claim_sender, patient_name, plan_contact, plan_party
from cocm.rules import PackOn
from cocm.rules.document_kinds import document_kinds
from cocm.x12.information_request_record import (
    LOINC,
    AnswerPlace,
    InformationRequest,
    RequestedClaim,
    RequestedPatient,
    RequestedProvider,
)
from cocm.x12.status_record import StatusCode, StatusRecord

RESPONSE_DAYS: Final = "records.response_days"
DOCUMENTS: Final = "records.documents_asked"
ANYTHING_ELSE: Final = "other"
_DOCUMENTATION_ASKED: Final = "R4"
_ELECTRONIC: Final = "EL"
_SUPPORT_DATA: Final = "OZ"


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """A request about one claim. Its number comes back with the records; `due_date` None: no clock is known.

    `edit_ids` are the triggers that failed, `loinc_codes` what is asked for.
    """

    request_number: str
    claim_number: str
    asked_date: date
    due_date: date | None
    edit_ids: tuple[str, ...]
    loinc_codes: tuple[str, ...]

    def is_overdue(self, day: date) -> bool:
        """Whether the last day for an answer is past."""
        return self.due_date is not None and self.due_date < day


def record_request(decision: ClaimDecisionMade, policy: PackOn, asked_date: date) -> RecordRequest | None:
    """The request that a pended claim needs; None where nothing triggered one. `policy` is that of that day."""
    if decision.answer is not Answer.PENDED:
        return None
    edit_ids = tuple(
        dict.fromkeys(
            reason.step.removeprefix(RECORDS_STEP).strip()
            for line in decision.lines
            for reason in line.reasons
            if reason.step.startswith(RECORDS_STEP)
        )
    )
    if not edit_ids:
        return None
    kinds = document_kinds(policy.pack.rulebook)
    names = sorted(policy.members(DOCUMENTS)) or [ANYTHING_ELSE]
    codes = [kinds[name].loinc_code for name in names if name in kinds and not kinds[name].is_excluded]
    days = policy.integer(RESPONSE_DAYS)
    return RecordRequest(
        request_number=stable_id("Q", decision.claim_number),
        claim_number=decision.claim_number,
        asked_date=asked_date,
        due_date=None if days is None else asked_date + timedelta(days=days),
        edit_ids=edit_ids,
        loinc_codes=tuple(dict.fromkeys(filter(None, codes))),
    )


def request_transactions(
    profile: PlanProfile, asked: Iterable[tuple[ClaimDecisionMade, RecordRequest]], batch: str
) -> tuple[InformationRequest, ...]:
    """The requests as transactions, one for each billing provider."""
    by_biller: dict[tuple[str, str], list[tuple[ClaimDecisionMade, RecordRequest]]] = {}
    for decision, request in asked:
        billing = decision.record.billing
        by_biller.setdefault((billing.identifier, billing.tin), []).append((decision, request))
    return tuple(_transaction(profile, own, batch) for _, own in sorted(by_biller.items()))


def _transaction(
    profile: PlanProfile, asked: Sequence[tuple[ClaimDecisionMade, RecordRequest]], batch: str
) -> InformationRequest:
    record = asked[0][0].record
    patients = tuple(
        RequestedPatient(patient_name(decision.record), (_claim(profile, decision, request),))
        for decision, request in asked
    )
    return InformationRequest(
        reference=stable_id("R", batch, record.billing.identifier, record.billing.tin),
        payer=plan_party(profile),
        receiver=claim_sender(record),
        providers=(RequestedProvider(record.billing, patients),),
        payer_contacts=(plan_contact(profile),),
    )


def _claim(profile: PlanProfile, decision: ClaimDecisionMade, request: RecordRequest) -> RequestedClaim:
    record = decision.record
    charge_cents = sum(line.charge_amount_cents for line in record.lines)
    questions = tuple(
        StatusRecord(
            (StatusCode(_DOCUMENTATION_ASKED, code, "", LOINC),),
            request.asked_date,
            charge_amount_cents=charge_cents,
        )
        for code in request.loinc_codes
    )
    return RequestedClaim(
        trace_number=request.request_number,
        questions=questions,
        patient_account_number=record.claim_id,
        payer_claim_control_number=decision.claim_number,
        service_from_date=min(line.service_from_date for line in record.lines),
        service_to_date=max(line.service_to_date for line in record.lines),
        due_date=request.due_date,
        answer_place=AnswerPlace(
            _SUPPORT_DATA, _ELECTRONIC, request.request_number, (), "PR", profile.name, profile.address
        ),
    )
