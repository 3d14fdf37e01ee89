"""Decides a claim file as a plan that errs would: its own answers, and those of the administrator it misroutes to.

The decisions are the plan desk's. What is added is whose answer a practice gets to see: a claim that is handed to the
behavioral administrator is refused by the administrator's remittance, not the plan's, and records that nobody should
have asked for are asked for by a request (277).
"""

from __future__ import annotations

import hashlib
import io
import json
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from cocm.basics.identity import stable_id
from cocm.close.staging import Staging
from cocm.edits.codes import cocm_codes
from cocm.plan.mistakes import ErringPlan, Mistake
from cocm.plan.record_requests import RecordRequest
from cocm.plan.records import Entity, EntityKind, PlanBook
from cocm.plandesk.adjudicate import (
    REMITTANCE,
    AdjudicationRequest,
    adjudicate_file,
    answer_envelope,
)
from cocm.plandesk.desk_tables import keep_request
from cocm.plandesk.desk_tables import requests as kept_requests
from cocm.plandesk.folder import read_plan
from cocm.plandesk.out_folder import FILES, SUMMARY, OutFolder
from cocm.plandesk.state import PlanState
from cocm.plandesk.trace_files import TRACE
from cocm.rules import Rulebook
from cocm.rules.document_kinds import document_kinds
from cocm.sandbox.label import LABEL, LABEL_FILE, PRIVATE, refuse_real_plan
from cocm.x12 import read_835, read_837p, write_277_request, write_835
from cocm.x12.claim_record import ClaimRecord, PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.information_request_record import (
    LOINC,
    InformationRequest,
    RequestedClaim,
    RequestedPatient,
    RequestedProvider,
)
from cocm.x12.remittance_record import ClaimPayment, RemittanceRecord
from cocm.x12.status_record import StatusCode, StatusRecord
from cocm.x12.wire_parts import Reference

ADMINISTRATOR_REMITTANCE: Final = "remittance-administrator.835"
REQUEST: Final = "request.277"
RECORDS_DUE_DAYS: Final = 45
_STEPS: Final = {
    "mistake_route_by_diagnosis": Mistake.ROUTE_BY_DIAGNOSIS,
    "mistake_duplicate": Mistake.DUPLICATE_OF_PSYCHOTHERAPY,
    "mistake_records": Mistake.DENY_FOR_RECORDS,
    "wait: mistake_records_request": Mistake.ASK_FOR_RECORDS,
}
_WANTED_KIND: Final = "progress_note"
_RECORDS_WANTED: Final = "R4"
_FIRST_CONTROL_NUMBER: Final = 900_000_000
_FILES_PER_BATCH: Final = 2
_ADMINISTRATOR_NUMBER: Final = "1990000998"
_AT: Final = time(8)


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to decide, by which sandbox plan, with which mistakes. `state` None: every run begins with no memory."""

    file: Path
    plan: Path
    out: Path
    as_of_date: date
    received_date: date
    erring: ErringPlan | None = None
    state: Path | None = None


@dataclass(frozen=True, slots=True)
class RunMade:
    """What came of a file: the desk's summary, the claims that each mistake met, its files, rows that were refused,
    the payer ids that mean the plan.

    `decided_before`: the state remembers the file, and the answers of then were written again, whatever was asked now.
    """

    summary: Mapping[str, Any]
    mistakes: Mapping[Mistake, int]
    trace: Sequence[Mapping[str, Any]]
    files: tuple[str, ...]
    row_problems: tuple[str, ...]
    payer_identifiers: frozenset[str]
    decided_before: date | None = None


def run_sandbox(request: RunRequest, rulebook: Rulebook) -> RunMade:
    """Decide a file of claims and write the answers into the out folder, all or none.

    Raises `UnusableInput` for a plan that is none of the sandbox's, and for whatever `cocm plan adjudicate` refuses.
    """
    reading = read_plan(request.plan, rulebook)
    refuse_real_plan(reading.book.profile)
    out = OutFolder(request.out)
    with request.file.open("rb") as claims:
        out.refuse_other_run(hashlib.file_digest(claims, "sha256").hexdigest())
    with tempfile.TemporaryDirectory(prefix="cocm-sandbox-") as folder, Staging(request.out) as staging:
        desk = AdjudicationRequest(
            request.file,
            Path(folder) / "out",
            request.state,
            request.as_of_date,
            request.received_date,
            request.erring,
        )
        adjudicated = adjudicate_file(desk, reading.book, rulebook)
        files = {name: (desk.out / name).read_bytes() for name in adjudicated.files}
        trace: list[dict[str, Any]] = json.loads(files[TRACE])["claims"]
        asked = {one["claim_number"] for one in trace if _meets(one, Mistake.ASK_FOR_RECORDS)}
        plan_id, digest = reading.book.profile.plan_id, str(adjudicated.summary["sha256"])
        first, records = _of_file(request.file, plan_id, digest, asked)
        batch_number = int(adjudicated.summary["batch_number"])
        answers = _Answers(request, reading.book, rulebook, first, records, batch_number)
        files |= answers.by_administrator(files.get(REMITTANCE, b""), trace)
        files |= answers.requests(trace)
        if request.state is not None and not adjudicated.summary["is_test"]:
            _keep_requests(request.state, plan_id, map(answers.record_request, records))
        mistakes = _made(request.erring, trace, rulebook)
        summary = {
            **json.loads(files[SUMMARY]),
            "synthetic": LABEL,
            "mistakes_made": {one.value: count for one, count in sorted(mistakes.items())},
        }
        files[LABEL_FILE] = f"{LABEL}\n{PRIVATE}\n".encode()
        kept = {name: content for name, content in files.items() if content}
        summary[FILES] = list(kept)
        kept[SUMMARY] = (json.dumps(summary, indent=2) + "\n").encode()
        out.refuse_other_files(kept)
        for name, content in kept.items():
            staging.put(name, content)
        staging.check_out()
        staging.publish()
        out.clear(kept)
    problems = tuple(map(str, reading.problems))
    own = reading.book.payer_identifiers
    return RunMade(summary, mistakes, trace, tuple(kept), problems, own, adjudicated.decided_before)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the desk's own answers do not hold: the administrator's remittance, and requests for records.

    `first` is the file's first claim, `records` are those about which records are asked, by the plan's own number.
    """

    request: RunRequest
    book: PlanBook
    rulebook: Rulebook
    first: ClaimRecord | None
    records: Mapping[str, ClaimRecord]
    batch_number: int

    def by_administrator(self, remittance: bytes, trace: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
        """The plan's remittance without the misrouted claims, and theirs; nothing without an administrator."""
        administrator = _administrator(self.book)
        misrouted = {one["claim_number"] for one in trace if _meets(one, Mistake.ROUTE_BY_DIAGNOSIS)}
        if administrator is None or not misrouted:
            return {}
        own: list[RemittanceRecord] = []
        handed_over: list[RemittanceRecord] = []
        for payment in read_835(remittance):
            kept = [one for one in payment.claims if one.payer_claim_control_number not in misrouted]
            gone = [one for one in payment.claims if one.payer_claim_control_number in misrouted]
            if kept:
                own.append(replace(payment, claims=tuple(kept)))
            if gone:
                handed_over.append(_of_administrator(payment, gone, administrator))
        return {
            REMITTANCE: self._written(own, 0) if own else b"",
            ADMINISTRATOR_REMITTANCE: self._written(handed_over, 0),
        }

    def requests(self, trace: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
        """A request for the records of each claim that waits for them by mistake."""
        by_biller: dict[str, list[RequestedPatient]] = {}
        asked: list[ClaimRecord] = []
        for one in trace:
            record = self.records.get(one["claim_number"])
            if record is not None and _meets(one, Mistake.ASK_FOR_RECORDS):
                asked.append(record)
                patient = RequestedPatient(_patient(record), (self._asked(record, one["claim_number"]),))
                by_biller.setdefault(record.billing.identifier, []).append(patient)
        if not asked:
            return {}
        first = asked[0]
        billers = {record.billing.identifier: record.billing for record in asked}
        wanted = InformationRequest(
            reference=stable_id("Q", self.book.profile.plan_id, *(one.claim_id for one in asked)),
            payer=_named(self.book.profile.name, "PI", self.book.profile.payer_identifier),
            receiver=_named(first.billing.last_or_organization_name, "46", first.transmission.sender_id),
            providers=tuple(
                RequestedProvider(_biller(billers[npi]), tuple(patients))
                for npi, patients in by_biller.items()
            ),
            created_at=datetime.combine(self.request.as_of_date, _AT),
        )
        out = io.BytesIO()
        write_277_request([wanted], self._envelope(1), out)
        return {REQUEST: out.getvalue()}

    def record_request(self, claim_number: str) -> RecordRequest:
        """The request as the desk keeps it. No edit asked for it."""
        day = self.request.as_of_date
        return RecordRequest(
            request_number=stable_id("R", claim_number),
            claim_number=claim_number,
            asked_date=day,
            due_date=day + timedelta(days=RECORDS_DUE_DAYS),
            edit_ids=(),
            loinc_codes=(document_kinds(self.rulebook)[_WANTED_KIND].loinc_code,),
        )

    def _asked(self, record: ClaimRecord, claim_number: str) -> RequestedClaim:
        asked = self.record_request(claim_number)
        (code,) = asked.loinc_codes
        question = StatusRecord(
            (StatusCode(_RECORDS_WANTED, code, code_list=LOINC),),
            self.request.as_of_date,
            charge_amount_cents=record.charge_amount_cents,
        )
        return RequestedClaim(
            trace_number=asked.request_number,
            questions=(question,),
            patient_account_number=record.claim_id,
            payer_claim_control_number=claim_number,
            service_from_date=min(line.service_from_date for line in record.lines),
            due_date=asked.due_date,
        )

    def _written(self, payments: Sequence[RemittanceRecord], place: int) -> bytes:
        out = io.BytesIO()
        write_835(payments, self._envelope(place), out)
        return out.getvalue()

    def _envelope(self, place: int) -> Envelope:
        number = _FIRST_CONTROL_NUMBER + _FILES_PER_BATCH * self.batch_number + place
        at = datetime.combine(self.request.as_of_date, _AT)
        assert self.first is not None, "an answer without a claim"
        return answer_envelope(self.first, at, number)


def _keep_requests(path: Path, plan_id: str, asked: Iterable[RecordRequest]) -> None:
    """Let the desk's state know what was asked for, so that its list and its rate count it; each once."""
    with PlanState(path, plan_id) as state:
        known = kept_requests(state)
        for one in asked:
            if one.claim_number not in known:
                keep_request(state, one)
        state.commit()


def _of_file(
    file: Path, plan_id: str, digest: str, asked: Container[str]
) -> tuple[ClaimRecord | None, dict[str, ClaimRecord]]:
    """The file's first claim, and those asked for by the plan's own number of them."""
    first: ClaimRecord | None = None
    found: dict[str, ClaimRecord] = {}
    with file.open("rb") as source:
        for record in read_837p(source, on_unreadable=_pass_over):
            first = first or record
            number = stable_id("P", plan_id, digest, record.start)
            if number in asked:
                found[number] = record
    return first, found


def _administrator(book: PlanBook) -> Entity | None:
    kinds = (EntityKind.BEHAVIORAL_ADMINISTRATOR,)
    return next((one for one in book.entities.values() if one.kind in kinds), None)


def _of_administrator(
    payment: RemittanceRecord, claims: Sequence[ClaimPayment], administrator: Entity
) -> RemittanceRecord:
    """A payment of nothing in the administrator's name, under its own numbers of the claims."""
    renumbered = tuple(
        replace(one, payer_claim_control_number=stable_id("B", one.payer_claim_control_number))
        for one in claims
    )
    return replace(
        payment,
        handling_code="H",
        paid_amount_cents=0,
        method="NON",
        trace_number=stable_id("T", administrator.entity_id, payment.trace_number),
        payer_identifier=_ADMINISTRATOR_NUMBER,
        payer=replace(payment.payer, last_or_organization_name=administrator.name),
        payer_contacts=tuple(replace(one, name=administrator.name) for one in payment.payer_contacts),
        payer_numbers=(Reference("2U", administrator.payer_identifier),),
        claims=renumbered,
    )


def _meets(claim: Mapping[str, Any], mistake: Mistake) -> bool:
    """Whether a decision shows the mistake."""
    return any(_STEPS.get(reason["step"]) is mistake for line in claim["lines"] for reason in line["reasons"])


def _made(
    erring: ErringPlan | None, trace: Iterable[Mapping[str, Any]], rulebook: Rulebook
) -> Counter[Mistake]:
    """How many claims each mistake met: what was drawn for a claim, and could be made on it."""
    made: Counter[Mistake] = Counter()
    if erring is None:
        return made
    codes = cocm_codes(rulebook)
    for claim in trace:
        made.update(one for one in _STEPS.values() if _meets(claim, one))
        if Mistake.WRONG_COST_SHARE in erring.mistakes_on(claim["claim_id"]):
            made[Mistake.WRONG_COST_SHARE] += any(
                line["answer"] == "paid" and line["hcpcs_code"] in codes for line in claim["lines"]
            )
    return Counter({mistake: count for mistake, count in made.items() if count})


def _named(name: str, identifier_type: str, identifier: str) -> PartyRecord:
    return PartyRecord(False, name, "", "", "", identifier_type, identifier)


def _biller(billing: PartyRecord) -> PartyRecord:
    return _named(billing.last_or_organization_name, billing.identifier_type, billing.identifier)


def _patient(record: ClaimRecord) -> PartyRecord:
    patient = record.patient
    return PartyRecord(
        True, patient.last_or_organization_name, patient.first_name, "", "", "MI", record.member_id
    )


def _pass_over(_problem: object) -> None:
    """What cannot be read was counted by the desk."""
