"""Takes a claim file in and writes the plan's answers: acknowledgments, remittance, lists and the decision trace.

The same file again is recognised by its content: nothing is decided twice, and the same answers are written anew.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

from cocm.basics.collector import collector_paused
from cocm.basics.errors import UnusableInput
from cocm.basics.identity import Provenance
from cocm.close.staging import Staging
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.balances import Balances, balance_totals
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.interest import Interest
from cocm.plan.mistakes import ErringPlan
from cocm.plan.record_requests import RecordRequest, record_request, request_transactions
from cocm.plan.records import PlanBook
from cocm.plan.remittance import remittances
from cocm.plandesk.aside import Aside
from cocm.plandesk.deciding import Decided, DecidedPart, Deciding
from cocm.plandesk.desk_tables import (
    keep_balances,
    keep_input,
    keep_interest,
    keep_request,
    open_balances,
    packed_input,
)
from cocm.plandesk.forwarding import forwarded_files
from cocm.plandesk.late import late_files, late_totals
from cocm.plandesk.out_folder import FILES, RUN, SUMMARY, OutFolder
from cocm.plandesk.shares import share_count, share_files
from cocm.plandesk.state import Batch, Packed, PlanState, opened
from cocm.plandesk.tables_out import csv_bytes, json_bytes
from cocm.plandesk.trace_files import TraceFiles
from cocm.rules import Rulebook
from cocm.scrub.files import refuse_other_guides
from cocm.x12.claim_record import ClaimRecord
from cocm.x12.code_sets import rulebook_code_sets
from cocm.x12.envelope import Envelope
from cocm.x12.information_request import write_277_request
from cocm.x12.remittance_writer import write_835
from cocm.x12.reply import (
    Checked,
    ClaimsReceived,
    Reply,
    ReplyKind,
    answered_of,
    check_claims,
    receive_claims,
)
from cocm.x12.tokens import read_segments

BYTES_WORTH_A_WORKER: Final = 1 << 20
FILE_BYTES_MAX: Final = 256 << 20
PROBLEMS_MAX: Final = 1_000_000
OTHER_PAYERS_SHOWN_MAX: Final = 20
REMITTANCE: Final = "remittance.835"
REQUESTS: Final = "requests.277"
PENDED: Final = "pended.csv"


_SENDERS_CLOCK: Final = timedelta(days=1)
_MAYBE_HEADER: Final = re.compile(rb"ISA[^A-Z0-9 ]")
_BETWEEN_SEGMENTS_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class AdjudicationRequest:
    """What to take in, and as of when. `state` None: nothing is remembered. `erring`: mistakes made on purpose.

    `workers` are the processes that decide; how many there are changes no byte of the answers.
    """

    file: Path
    out: Path
    state: Path | PlanState | None
    as_of_date: date
    received_date: date
    erring: ErringPlan | None = None
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Adjudicated:
    """What came of a file. `decided_before`: nothing was decided now, the answers of then were written again."""

    summary: Mapping[str, Any]
    files: tuple[str, ...]
    decided_before: date | None


def adjudicate_file(request: AdjudicationRequest, book: PlanBook, rulebook: Rulebook) -> Adjudicated:
    """Decide a file's claims and write the answers into the out folder, all or none.

    A file that its sender marks as a test (ISA15) is answered and not remembered.

    Raises `UnusableInput` where the file is no one interchange of professional claims, a day cannot be, or the out
    folder holds another run's answers; `StateError` where the state cannot be used.
    """
    if request.received_date > request.as_of_date:
        raise UnusableInput(
            f"--received {request.received_date}: lies after the day of the decision, {request.as_of_date}"
        )
    content = _content(request.file)
    digest = hashlib.sha256(content).hexdigest()
    out = OutFolder(request.out)
    out.refuse_other_run(digest)
    with opened(request.state, book.profile.plan_id) as state, Staging(request.out) as staging:
        known = state.find_batch(digest)
        files: dict[str, bytes | Packed] = {}
        if known is not None:
            files |= state.batch_files(digest)
        else:
            with collector_paused():
                files |= _Run(request, book, rulebook, state, content, digest, staging).decide()
        told = files[SUMMARY]
        assert isinstance(told, bytes)  # it is packed nowhere
        summary = json.loads(told)
        for name, part in files.items():
            if not isinstance(part, Packed):  # the others are written already
                staging.put(name, part)
        out.refuse_other_files(files)
        staging.check_out()
        if not summary["is_test"]:
            state.commit()
        staging.publish()
        out.clear(files)
    return Adjudicated(summary, tuple(files), None if known is None else known.as_of_date)


def _refuse_early_days(accepted: Sequence[ClaimRecord], request: AdjudicationRequest) -> None:
    """Refuse a day of decision before the file was made, and a day of receipt before a service: clocks run from it.

    A claim that another entity handed on keeps the day it came in there, which may lie before its file was made. A
    sender's clock may be a day ahead of ours, as its country may be.
    """
    name = request.file.name
    if not accepted:
        return
    made = max(one.transmission.created_at.date() for one in accepted)
    if request.as_of_date < made - _SENDERS_CLOCK:
        raise UnusableInput(
            f"--as-of {request.as_of_date}: lies before {made}, the day on which {name} says that it was made; "
            "nothing was decided"
        )
    latest = request.received_date + _SENDERS_CLOCK
    for one in accepted:
        for line in one.lines:
            if line.service_to_date > latest:
                raise UnusableInput(
                    f"--received {request.received_date}: lies before {line.service_to_date}, the day of a service on "
                    f"claim {one.claim_id}; nothing was decided"
                )


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise UnusableInput(f"{path}: no such file")
    if path.stat().st_size > FILE_BYTES_MAX:
        raise UnusableInput(
            f"{path}: more than {FILE_BYTES_MAX >> 20} MB; `cocm x12 split` makes smaller files of it"
        )
    content = path.read_bytes()
    refuse_other_guides(path.name, content)
    if not _may_hold_another(content):
        return content
    interchanges = sum(segment.tag == "ISA" for segment in read_segments(content))
    if interchanges != 1:
        raise UnusableInput(
            f"{path}: holds {interchanges} interchanges; one is taken in at a time (`cocm x12 split` parts them)"
        )
    return content


def _may_hold_another(content: bytes) -> bool:
    """Whether a second interchange's header may stand behind a segment's end. A name that ends in ISA is none."""
    capitals = content.upper()
    starts = (found.start() for found in _MAYBE_HEADER.finditer(capitals, 1))
    return any(not capitals[max(0, at - _BETWEEN_SEGMENTS_MAX) : at].rstrip()[-1:].isalnum() for at in starts)


class _Run:
    """One file from its bytes to the answers, recorded."""

    def __init__(
        self,
        request: AdjudicationRequest,
        book: PlanBook,
        rulebook: Rulebook,
        state: PlanState,
        content: bytes,
        digest: str,
        staging: Staging,
    ) -> None:
        self.request, self.book, self.rulebook = request, book, rulebook
        self.state, self.content, self.digest, self.staging = state, content, digest, staging
        self.batch_number, self.control_number = state.next_numbers()
        self.at = datetime.combine(request.as_of_date, datetime.min.time())
        self.code_sets = rulebook_code_sets(rulebook)
        self.is_large = request.workers > 1 and len(content) >= BYTES_WORTH_A_WORKER
        self.provenance = Provenance(book.profile.plan_id, request.as_of_date, rulebook.content_hash)
        self.packed_content = Packed(b"")
        self.files: dict[str, bytes | Packed] = {}
        self.replies: tuple[Reply, ...] = ()
        self.accepted: list[ClaimRecord] = []
        self.decisions: tuple[ClaimDecisionMade, ...] = ()
        self.late: list[tuple[ClaimDecisionMade, Interest]] = []
        self.asked: list[tuple[ClaimDecisionMade, RecordRequest]] = []
        self.balances = Balances(open_balances(state))

    def decide(self) -> dict[str, bytes | Packed]:
        """Decide and record the file's claims; the answers by name. Those that are packed are written already."""
        received = self._received()
        with ExitStack() as stack:
            traces = stack.enter_context(TraceFiles(self.staging, self.provenance.as_json()))
            last = self._decided(received, self._deciding(stack), traces)
            traces.add(last.traces)
            pays = any(one.answer is not Answer.PENDED for one in self.decisions)
            self.balances.settle(self.decisions, self._interest_cents, self.digest)
            number = self._next_control_number() if pays else 0
            with Aside(partial(self._remittance, number), apart=self.is_large and pays) as writing:
                last.record(self.state)
                if pays:
                    self.files[REMITTANCE] = b""  # its place among the answers
                self._ask()
                self.files |= traces.finish()
                self.files[PENDED] = _pended(self.decisions)
                self.files |= forwarded_files(self.decisions, self.request.as_of_date)
                self.files |= late_files(self.late, self.request.as_of_date)
                self.files |= share_files(self.state, self.book, self.decisions)
                if pays:
                    self.files[REMITTANCE] = writing.result()
        self._record(received)
        return self.files

    def _received(self) -> ClaimsReceived:
        """The file read, and (in a process beside) checked and packed for the state."""
        with Aside(self._checked, apart=self.is_large) as checking:

            def checked() -> Checked:
                found, self.packed_content = checking.result()
                return found

            return receive_claims(
                self.content,
                at=self.at,
                first_control_number=self.control_number,
                code_sets=self.code_sets,
                checked=checked,
                payer_identifiers=self.book.payer_identifiers,
            )

    def _checked(self) -> tuple[Checked, Packed]:
        found = check_claims(
            self.content,
            on=self.request.as_of_date,
            code_sets=self.code_sets,
            problems_max=PROBLEMS_MAX,
        )
        return found, packed_input(self.content)

    def _deciding(self, stack: ExitStack) -> Deciding:
        request = self.request
        return Deciding(
            Adjudicator(self.book, self.rulebook, request.as_of_date),
            request.received_date,
            request.as_of_date,
            request.erring,
            self.digest,
            lambda: stack.enter_context(self.staging.open_unnamed()),
            request.workers,
        )

    def _decided(self, received: ClaimsReceived, deciding: Deciding, traces: TraceFiles) -> DecidedPart:
        """Decide what is taken in; all but the last part is recorded. The first comes with the acknowledgments.

        A claim whose 277CA turns out to have no lawful form is not decided: the first part begins again without it.
        """
        self.accepted = received.accepted()
        _refuse_early_days(self.accepted, self.request)
        parts = deciding.parts(self.accepted, self.state, received.replies)
        part = next(parts, None)
        self.replies = received.replies() if part is None else part.replies
        answered = answered_of(self.accepted, self.replies)
        if len(answered) < len(self.accepted):
            self.accepted = answered
            parts = deciding.parts(self.accepted, self.state)
            part = next(parts, None)
        for answer in self.replies:
            if answer.content:
                self.files[f"{len(self.files) + 1:03d}-{answer.kind.value.lower()}.x12"] = answer.content
        self.control_number += len(self.files)
        decided: list[Decided] = []
        last = DecidedPart([], [])
        while part is not None:
            decided += part.decided
            last = part
            if len(decided) < len(self.accepted):
                part.record(self.state)
                traces.add(part.traces)
            part = next(parts, None)
        self.decisions = tuple([one.decision for one in decided])
        self.late = [(one.decision, one.interest) for one in decided if one.interest is not None]
        return last

    def _next_control_number(self) -> int:
        self.control_number += 1
        return self.control_number - 1

    @property
    def _interest_cents(self) -> dict[str, int]:
        return {one.claim_number: owed.paid_cents for one, owed in self.late}

    def _remittance(self, control_number: int) -> bytes:
        out = io.BytesIO()
        payments = remittances(
            self.book.profile,
            self.rulebook,
            self.decisions,
            batch=self.digest,
            payment_date=self.request.as_of_date,
            interest_cents=self._interest_cents,
            moves=self.balances.moves,
        )
        write_835(payments, self._envelope(control_number), out, code_sets=self.code_sets)
        return out.getvalue()

    def _ask(self) -> None:
        """Request records for the claims that wait for them."""
        policy = self.rulebook.pack(self.book.profile.pack_id).on(self.request.as_of_date)
        found = ((one, record_request(one, policy, self.request.as_of_date)) for one in self.decisions)
        self.asked = [(one, request) for one, request in found if request is not None]
        if self.asked:
            out = io.BytesIO()
            transactions = request_transactions(self.book.profile, self.asked, self.digest)
            write_277_request(transactions, self._envelope(self._next_control_number()), out)
            self.files[REQUESTS] = out.getvalue()

    def _envelope(self, control_number: int) -> Envelope:
        return answer_envelope(self.accepted[0], self.at, control_number)

    def _record(self, received: ClaimsReceived) -> None:
        """Keep the batch with its answers, what was asked and what interest is owed."""
        state, day = self.state, self.request.as_of_date
        summary = _summary(
            self.request, self.provenance, received, self.decisions, self.batch_number, self.digest
        )
        summary |= {
            "record_requests": len(self.asked),
            "record_requests_permille": 1000 * len(self.asked) // max(1, len(self.decisions)),
            **late_totals(self.decisions, self.late, day),
            "shares_to_restate": share_count(self.files),
            **balance_totals(self.balances.moves),
            **_elsewhere(received, self.book.payer_identifiers),
            **_refused_in_form(self.replies),
            FILES: [*self.files, SUMMARY],
        }
        self.files[SUMMARY] = json_bytes(summary)
        state.record_batch(
            Batch(self.digest, self.batch_number, day, self.request.received_date, self.control_number - 1),
            self.files,
            self.rulebook.content_hash,
        )
        keep_input(state, self.digest, self.packed_content)
        for _, one in self.asked:
            keep_request(state, one)
        owed_now = ((one.claim_number, owed.paid_cents, owed.days) for one, owed in self.late)
        keep_interest(state, (row for row in owed_now if row[1]))
        keep_balances(state, self.digest, self.balances.moves)


def _refused_in_form(replies: Sequence[Reply]) -> dict[str, int]:
    """How many interchanges (TA1) and transactions (999) were refused for their form, with all that is in them."""
    kinds = {"interchanges_refused": ReplyKind.INTERCHANGE, "transactions_refused": ReplyKind.FORM}
    return {
        name: sum(one.rejected_count for one in replies if one.kind is kind) for name, kind in kinds.items()
    }


def _elsewhere(received: ClaimsReceived, payer_identifiers: frozenset[str]) -> dict[str, Any]:
    """How many claims are addressed to other payers, and to which."""
    addressed = (one.claim.payer.identifier.strip().upper() for one in received.decisions)
    others = Counter(one for one in addressed if one not in payer_identifiers)
    return {
        "claims_addressed_elsewhere": others.total(),
        "payer_identifiers_elsewhere": [name for name, _ in others.most_common(OTHER_PAYERS_SHOWN_MAX)],
    }


def answer_envelope(record: ClaimRecord, at: datetime, control_number: int) -> Envelope:
    """An answer's envelope: from the receiver of a claim back to its sender."""
    sent = record.transmission
    return Envelope(
        sender_id=sent.receiver_id,
        sender_name="",
        contact_name="",
        contact_phone="",
        receiver_id=sent.sender_id,
        receiver_name="",
        created_at=at,
        interchange_control_number=control_number,
        group_control_number=control_number,
        is_test=sent.is_test,
        sender_type=sent.receiver_type,
        receiver_type=sent.sender_type,
    )


def _pended(decisions: Sequence[ClaimDecisionMade]) -> bytes:
    """What waits for a person."""
    rows = [
        (one.claim_number, one.record.claim_id, str(one.received_date), str(one.payment_due_date or ""), why)
        for one in decisions
        for why in one.pended_for
    ]
    return csv_bytes(("claim_number", "claim_id", "received_date", "payment_due_date", "waits_for"), rows)


def _summary(
    request: AdjudicationRequest,
    provenance: Provenance,
    received: ClaimsReceived,
    decisions: Sequence[ClaimDecisionMade],
    batch_number: int,
    digest: str,
) -> dict[str, Any]:
    claims, unreadable = [one.claim for one in received.decisions], received.unreadable
    answers = Counter(one.answer for one in decisions)
    return {
        **provenance.as_json(),
        "batch_number": batch_number,
        RUN: digest,
        "received_date": str(request.received_date),
        "is_test": any(claim.transmission.is_test for claim in claims),
        "claims": len(claims) + len(unreadable),
        "claims_rejected": len(claims) - len(decisions),
        "claims_unreadable": len(unreadable),
        **{f"claims_{answer}": answers[answer] for answer in Answer},
        "paid_amount_cents": sum(one.paid_amount_cents for one in decisions),
        "member_share_cents": sum(one.member_share_cents for one in decisions),
        "taken_back_cents": sum(
            line.paid_amount_cents
            for one in decisions
            if one.reversal is not None
            for line in one.reversal.lines
        ),
        "errs_on_purpose": request.erring is not None,
    }
