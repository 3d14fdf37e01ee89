"""A plan with a review desk: takes claims in, asks for records, decides by hand, corrects in bulk."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from claim_samples import ENVELOPE, written
from plan_samples import AS_OF, RULEBOOK, plan_folder

from cocm.claims.records import Claim
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plan.record_triggers import RecordsRead
from cocm.plandesk.adjudicate import AdjudicationRequest, adjudicate_file
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.correct import CorrectionRequest, correct_claims
from cocm.plandesk.decide import Action, DeskRequest, decide_claim
from cocm.plandesk.desk_view import ClaimView, Queue, queue, view
from cocm.plandesk.folder import read_plan
from cocm.plandesk.plan_letters import LetterForm
from cocm.plandesk.state import PlanState
from cocm.plandesk.take_records import TakenRecords, take_records
from cocm.rules import Rulebook
from cocm.x12 import AttachedDocument, Attachment, read_835, validate_835, write_275
from cocm.x12.claim_record import PartyRecord
from cocm.x12.information_request import read_277_request
from cocm.x12.information_request_record import Requested
from cocm.x12.remittance_record import ClaimPayment, RemittanceRecord

LATER = date(2026, 6, 5)
"""Sixty days after the claims of the samples came in: thirty after the payment clock of their plan."""
CLINICAL_DOCUMENT = b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>'

TRIGGER = """id: records.trigger_edits
values:
  - {{effective_from: {since}, observed: 2026-01-01, value: [{edits}], confidence: stated, source: policy}}
cases:
  - {{at: {since}, expect: [{edits}]}}
"""
RESPONSE = """id: records.response_days
values:
  - {effective_from: 2026-01-01, observed: 2026-01-01, value: 45, confidence: stated, source: policy}
cases:
  - {at: 2026-03-31, expect: 45}
"""


def rules_asking(folder: Path, *edit_ids: str, since: str = "2026-01-01") -> Rulebook:
    """The rulebook with a plan's own rule that names these edits as triggers, and 45 days to answer."""
    rules = folder / "rules" / "payers" / "ca-commercial-carveout" / "rules"
    rules.mkdir(parents=True)
    (folder / "rules" / "sources.yaml").write_text(
        'policy:\n  {title: "The plan: records policy", url: "https://plan.example/records", grade: B}\n'
    )
    trigger = TRIGGER.format(since=since, edits=", ".join(edit_ids))
    (rules / "records.trigger_edits.yaml").write_text(trigger)
    (rules / "records.response_days.yaml").write_text(RESPONSE)
    return Rulebook([folder / "rules"])


class DeskAnswer:
    """What the desk wrote for one request."""

    def __init__(self, out: Path, files: tuple[str, ...], summary: Any, before: date | None) -> None:
        self.out, self.files, self.summary, self.before = out, files, dict(summary), before

    def bytes_of(self, name: str) -> bytes:
        return (self.out / name).read_bytes()

    @property
    def all_bytes(self) -> dict[str, bytes]:
        return {name: self.bytes_of(name) for name in self.files}

    @property
    def payments(self) -> list[RemittanceRecord]:
        """Every payment, of remittances that have nothing wrong and balance."""
        found: list[RemittanceRecord] = []
        for name in self.files:
            if name.startswith("remittance"):
                content = self.bytes_of(name)
                assert validate_835(content) == ()
                found.extend(read_835(content))
        return found

    @property
    def claims(self) -> list[ClaimPayment]:
        return [claim for payment in self.payments for claim in payment.claims]

    @property
    def trace(self) -> list[dict[str, Any]]:
        traced: list[dict[str, Any]] = json.loads(self.bytes_of("trace.json"))["claims"]
        return traced


class ReviewDesk:
    """A plan at work in a folder with people at its desk."""

    def __init__(
        self,
        folder: Path,
        *mistakes: Mistake,
        rulebook: Rulebook | None = None,
        erring: ErringPlan | None = None,
        **changed: list[dict[str, str]],
    ) -> None:
        self.folder = folder
        self.rulebook = rulebook or RULEBOOK
        self.state = folder / "state.sqlite"
        self._erring = ErringPlan(dict.fromkeys(mistakes, 100), 1) if mistakes else erring
        self._files = 0
        self.mend(**changed)

    def mend(self, **changed: list[dict[str, str]]) -> None:
        """The plan's tables as they are from now on."""
        self.book = read_plan(plan_folder(self.folder / "plan", **changed), self.rulebook).book

    def err_no_more(self) -> None:
        """The plan decides by the rules from now on."""
        self._erring = None

    def take(
        self,
        *claims: Claim,
        received: date = AS_OF,
        as_of: date = AS_OF,
        sender: str = "",
        altered: Callable[[bytes], bytes] = bytes,
    ) -> DeskAnswer:
        """Decide a file of claims as they come in; `altered` makes of its bytes those that are sent."""
        self._files += 1
        sent = datetime.combine(as_of, datetime.min.time())
        envelope = replace(ENVELOPE, interchange_control_number=self._files, created_at=sent)
        if sender:
            envelope = replace(envelope, sender_id=sender)
        path = self.folder / f"in-{self._files}.837"
        path.write_bytes(altered(written(claims, envelope)))
        out = self.folder / f"out-{self._files}"
        request = AdjudicationRequest(path, out, self.state, as_of, received, self._erring)
        result = adjudicate_file(request, self.book, self.rulebook)
        return DeskAnswer(out, result.files, result.summary, result.decided_before)

    def decide(
        self,
        claim: str,
        action: Action,
        *,
        as_of: date = LATER,
        reviewer: str = "J. Ortiz",
        minutes: int | None = None,
        **more: Any,
    ) -> DeskAnswer:
        """A person decides."""
        self._files += 1
        out = self.folder / f"desk-{self._files}"
        read = None if minutes is None else RecordsRead(minutes)
        more.setdefault("letters", LetterForm.NONE)
        request = DeskRequest(claim, action, reviewer, as_of, out, self.state, read=read, **more)
        result = decide_claim(request, self.book, self.rulebook)
        return DeskAnswer(out, result.files, result.summary, result.decided_before)

    def accept(self, claim: str, **more: Any) -> DeskAnswer:
        return self.decide(claim, Action.ACCEPT, **more)

    def deny(self, claim: str, reason: str, **more: Any) -> DeskAnswer:
        return self.decide(claim, Action.DENY, reason=reason, **more)

    def correct(
        self,
        rule: str,
        *,
        as_of: date = LATER,
        is_applied: bool = True,
        days: tuple[date, date] = (AS_OF, AS_OF),
        letters: LetterForm = LetterForm.NONE,
        note: str = "",
    ) -> DeskAnswer:
        """Correct what a rule decided."""
        self._files += 1
        out = self.folder / f"desk-{self._files}"
        request = CorrectionRequest(
            rule, *days, "J. Ortiz", as_of, out, self.state, note, is_applied, letters
        )
        result = correct_claims(request, self.book, self.rulebook)
        return DeskAnswer(out, result.files, result.summary, result.decided_before)

    def records(self, path: Path, received: date = date(2026, 4, 20)) -> TakenRecords:
        """Records come in."""
        return take_records(path, received, self.state, self.book)

    def attachment(self, *attached: Attachment) -> Path:
        """A 275 with these."""
        out = io.BytesIO()
        write_275(list(attached), ENVELOPE, out)
        path = self.folder / "answer.275"
        path.write_bytes(out.getvalue())
        return path

    @property
    def queue(self) -> Queue:
        with PlanState(self.state, self.book.profile.plan_id) as state:
            return queue(CaseFile(state, self.book, self.rulebook, LATER))

    def view(self, claim: str) -> ClaimView:
        with PlanState(self.state, self.book.profile.plan_id) as state:
            return view(CaseFile(state, self.book, self.rulebook, LATER), claim)

    def share_met(self, member_id: str) -> tuple[int, int]:
        """What a member of the samples has met of 2026: deductible and out of pocket."""
        from cocm.plan.records import Accumulator

        with PlanState(self.state, self.book.profile.plan_id) as state:
            met = state.met((member_id, date(1988, 2, 29)), 2026, Accumulator())
        return met.deductible_met_cents, met.out_of_pocket_met_cents


def asked_of(answer: DeskAnswer) -> list[Requested]:
    """The claims that the answer's requests ask about."""
    content = answer.bytes_of("requests.277")
    return [one for request in read_277_request(content) for one in request.claims()]


def attached(trace: str, claim_id: str = "", content: bytes = CLINICAL_DOCUMENT) -> Attachment:
    """A document that answers a request, or names a claim."""
    plan = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
    provider = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
    patient = PartyRecord(True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001")
    return Attachment(
        reference="A-1",
        payer=plan,
        provider=provider,
        patient=patient,
        documents=(AttachedDocument(trace, content, date(2026, 4, 19), file_name="notes.xml"),),
        is_solicited=True,
        patient_account_number=claim_id or trace,
        service_from_date=date(2026, 3, 31),
    )
