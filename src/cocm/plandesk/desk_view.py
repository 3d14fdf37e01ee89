"""What waits for a person: the list of pended claims, and one claim with its checklist and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cocm.basics.months import Month
from cocm.plan.checklist import ChecklistAnswer, checklist
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.record_requests import RecordRequest
from cocm.plan.records import Accumulator
from cocm.plan.side_by_side import LinesCompared, side_by_side
from cocm.plan.trace import trace_json
from cocm.plandesk.case_file import CaseFile, Settled
from cocm.plandesk.desk_tables import KeptClaim, KeptDocument, kept_claims
from cocm.plandesk.member_file import root_of


@dataclass(frozen=True, slots=True)
class WaitingClaim:
    """A claim in the queue. `due_date` is the payer's last day to pay or contest it, where a clock is known."""

    claim_number: str
    claim_id: str
    received_date: date
    due_date: date | None
    waits_for: tuple[str, ...]
    request: RecordRequest | None
    documents: tuple[KeptDocument, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        asked = self.request
        return {
            "claim_number": self.claim_number,
            "claim_id": self.claim_id,
            "received_date": str(self.received_date),
            "payment_due_date": None if self.due_date is None else str(self.due_date),
            "waits_for": list(self.waits_for),
            "request": None
            if asked is None
            else {
                "request_number": asked.request_number,
                "asked_date": str(asked.asked_date),
                "due_date": None if asked.due_date is None else str(asked.due_date),
                "triggers": list(asked.edit_ids),
                "loinc_codes": list(asked.loinc_codes),
            },
            "documents": [
                {
                    "file_name": one.file_name,
                    "received_date": str(one.received_date),
                    "byte_count": one.byte_count,
                    "sha256": one.sha256,
                }
                for one in self.documents
            ],
        }


@dataclass(frozen=True, slots=True)
class Queue:
    """All that waits, oldest first, and how often records were asked for: of all claims that were decided."""

    claims: tuple[WaitingClaim, ...]
    claims_taken_in: int
    record_requests: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One claim for a reviewer: its last decision, today's, the checklist, and the services beside it."""

    claim: KeptClaim
    waiting: WaitingClaim
    today: ClaimDecisionMade
    checklist: tuple[ChecklistAnswer, ...]
    beside: tuple[LinesCompared, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        months = {Month.of(line.service_to_date) for line in self.today.record.lines}
        return {
            **self.waiting.as_json(),
            "answer": self.claim.answer.value,
            "months": sorted(map(str, months)),
            "checklist": [one.as_json() for one in self.checklist],
            "beside": [one.as_json() for one in self.beside],
            "decided_today": trace_json(self.today),
        }


def queue(file: CaseFile) -> Queue:
    """The claims that wait for a person."""
    claims = list(kept_claims(file.state))
    waiting = tuple(
        _waiting(file, claim) for claim in claims if claim.answer is Answer.PENDED and not claim.is_taken_back
    )
    taken_in = sum(root_of(one.claim_number) == one.claim_number for one in claims)
    ordered = sorted(waiting, key=lambda one: (one.due_date or date.max, one.received_date, one.claim_number))
    return Queue(tuple(ordered), taken_in, len(file.requests))


def view(file: CaseFile, name: str) -> ClaimView:
    """One claim, whether it waits or was decided. Raises `UnusableInput` where it is not on file."""
    claim = file.find(name)
    waiting = _waiting(file, claim)
    before = file.settled_before(claim)
    case = file.case(claim, _met(file, claim), Settled(frozenset(), {}, before.read))
    examined = file.adjudicator.examine(case)
    policy = file.rulebook.pack(file.book.profile.pack_id).on(case.record.lines[0].service_to_date)
    return ClaimView(
        claim,
        waiting,
        file.adjudicator.decide(case),
        checklist(examined, file.book.own_entity, policy, before.read),
        side_by_side(case.record, examined, case.history),
    )


def _met(file: CaseFile, claim: KeptClaim) -> Accumulator:
    if claim.member is None:
        return Accumulator()
    opening = file.opening(claim.member, claim.year)
    return file.state.met(claim.member, claim.year, opening, claim.claim_number)


def _waiting(file: CaseFile, claim: KeptClaim) -> WaitingClaim:
    root = root_of(claim.claim_number)
    trace = file.trace(claim)
    due = trace.get("payment_due_date")
    return WaitingClaim(
        claim.claim_number,
        claim.claim_id,
        file.received_date(claim),
        None if due is None else date.fromisoformat(due),
        tuple(trace.get("pended_for", ())),
        file.requests.get(root),
        file.documents.get(root, ()),
    )
