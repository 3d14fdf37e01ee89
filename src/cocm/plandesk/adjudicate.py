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
from datetime import date, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

from cocm.basics.collector import collector_paused
from cocm.basics.errors import UnusableInput
from cocm.basics.identity import Provenance
from cocm.close.staging import Staging
from cocm.plan.adjudicate import Adjudicator
from cocm.plan.decision import Answer, ClaimDecisionMade
from cocm.plan.mistakes import ErringPlan
from cocm.plan.record_requests import RecordRequest, record_request, request_transactions
from cocm.plan.records import PlanBook
from cocm.plan.remittance import remittances
from cocm.plandesk.aside import Aside
from cocm.plandesk.deciding import Decided, DecidedPart, Deciding
from cocm.plandesk.desk_tables import keep_input, keep_interest, keep_request
from cocm.plandesk.forwarding import forwarded_files
from cocm.plandesk.late import late_files, late_totals
from cocm.plandesk.state import Batch, Packed, PlanState, opened
from cocm.plandesk.tables_out import csv_bytes, json_bytes
from cocm.plandesk.trace_files import ANSWER_KIND, TraceFiles
from cocm.rules import Rulebook
from cocm.scrub.files import refuse_other_guides
from cocm.x12.claim_record import ClaimRecord
from cocm.x12.code_sets import CodeSets, rulebook_code_sets
from cocm.x12.envelope import Envelope
from cocm.x12.information_request import write_277_request
from cocm.x12.remittance_writer import write_835
from cocm.x12.reply import ClaimsReceived, answered_of, check_claims, receive_claims
from cocm.x12.tokens import read_segments

BYTES_WORTH_A_WORKER: Final = 1 << 20
FILE_BYTES_MAX: Final = 256 << 20
PROBLEMS_MAX: Final = 1_000_000
OTHER_PAYERS_SHOWN_MAX: Final = 20
REMITTANCE: Final = "remittance.835"
REQUESTS: Final = "requests.277"
PENDED: Final = "pended.csv"
SUMMARY: Final = "summary.json"


# What may be an interchange's header, behind a segment's end.
_ANOTHER_HEADER: Final = re.compile(rb"[^A-Za-z0-9 ]\s*ISA[^A-Za-z0-9 ]", re.IGNORECASE)


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

    Raises `UnusableInput` where the file is no one interchange of professional claims, `StateError` where the state
    cannot be used.
    """
    if request.received_date > request.as_of_date:
        raise UnusableInput(
            f"--received {request.received_date}: lies after the day of the decision, {request.as_of_date}"
        )
    content = _content(request.file)
    digest = hashlib.sha256(content).hexdigest()
    with opened(request.state, book.profile.plan_id) as state, Staging(request.out) as staging:
        known = state.find_batch(digest)
        files: dict[str, bytes | Packed] = {}
        if known is not None:
            files |= state.batch_files(digest)
        else:
            with collector_paused():
                files |= _decide(request, book, rulebook, state, content, digest, staging)
        told = files[SUMMARY]
        assert isinstance(told, bytes)  # it is packed nowhere
        summary = json.loads(told)
        for name, part in files.items():
            if not isinstance(part, Packed):  # the others are written already
                with staging.open(name) as stream:
                    stream.write(part)
                    staging.finish(name, ANSWER_KIND, stream)
        staging.check_out()
        if not summary["is_test"]:
            state.commit()
        staging.publish()
    return Adjudicated(summary, tuple(files), None if known is None else known.as_of_date)


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise UnusableInput(f"{path}: no such file")
    if path.stat().st_size > FILE_BYTES_MAX:
        raise UnusableInput(
            f"{path}: more than {FILE_BYTES_MAX >> 20} MB; `cocm x12 split` makes smaller files of it"
        )
    content = path.read_bytes()
    refuse_other_guides(path.name, content)
    if _ANOTHER_HEADER.search(content, 1) is None:
        return content
    interchanges = sum(segment.tag == "ISA" for segment in read_segments(content))
    if interchanges != 1:
        raise UnusableInput(
            f"{path}: holds {interchanges} interchanges; one is taken in at a time (`cocm x12 split` parts them)"
        )
    return content


def _decide(
    request: AdjudicationRequest,
    book: PlanBook,
    rulebook: Rulebook,
    state: PlanState,
    content: bytes,
    digest: str,
    staging: Staging,
) -> dict[str, bytes | Packed]:
    """Decide and record a file's claims; the answers by name. Those that are packed are written already."""
    batch_number, control_number = state.next_numbers()
    at = datetime.combine(request.as_of_date, datetime.min.time())
    code_sets = rulebook_code_sets(rulebook)
    is_large = request.workers > 1 and len(content) >= BYTES_WORTH_A_WORKER
    payer_identifiers = book.payer_identifiers
    received = _received(request, content, at, control_number, code_sets, payer_identifiers, apart=is_large)
    provenance = Provenance(book.profile.plan_id, request.as_of_date, rulebook.content_hash)
    with ExitStack() as stack:
        deciding = Deciding(
            Adjudicator(book, rulebook, request.as_of_date),
            request.received_date,
            request.as_of_date,
            request.erring,
            digest,
            lambda: stack.enter_context(staging.open_unnamed()),
            request.workers,
        )
        traces = stack.enter_context(TraceFiles(staging, provenance.as_json()))
        with Aside(received.replies, apart=is_large) as answering:
            accepted = received.accepted()
            parts = deciding.parts(accepted, state)
            first_part = next(parts, None)
            replies = answering.result()
        answered = answered_of(accepted, replies)
        if len(answered) < len(accepted):  # an answer has no lawful form: what it would accept is not decided
            accepted = answered
            parts = deciding.parts(accepted, state)
            first_part = next(parts, None)
        files: dict[str, bytes | Packed] = {}
        for answer in replies:
            if answer.content:
                files[f"{len(files) + 1:03d}-{answer.kind.value.lower()}.x12"] = answer.content
        control_number += len(files)
        decided: list[Decided] = []
        last = DecidedPart([], [])
        for part in () if first_part is None else chain((first_part,), parts):
            decided += part.decided
            if len(decided) < len(accepted):
                part.keep(state, traces)
            else:
                last = part  # kept while the remittance is written
        decisions = tuple([one.decision for one in decided])
        pays = any(one.answer is not Answer.PENDED for one in decisions)
        late = [(one.decision, one.interest) for one in decided if one.interest is not None]

        def going_out(number: int) -> tuple[bytes, dict[str, bytes]]:
            """The remittance, where there is one, and what goes on to other entities."""
            forwarded = forwarded_files(decisions, request.as_of_date)
            if not pays:
                return b"", forwarded
            out = io.BytesIO()
            payments = remittances(
                book.profile,
                rulebook,
                decisions,
                batch=digest,
                payment_date=request.as_of_date,
                interest_cents={one.claim_number: owed.paid_cents for one, owed in late},
            )
            write_835(payments, answer_envelope(accepted[0], at, number), out, code_sets=code_sets)
            return out.getvalue(), forwarded

        with Aside(partial(going_out, control_number), apart=is_large) as writing:
            last.keep(state, traces)
            if pays:
                files[REMITTANCE] = b""  # its place among the answers
                control_number += 1
            asked = _asked(book, rulebook, decisions, request.as_of_date)
            if asked:
                out = io.BytesIO()
                transactions = request_transactions(book.profile, asked, digest)
                write_277_request(transactions, answer_envelope(accepted[0], at, control_number), out)
                files[REQUESTS] = out.getvalue()
                control_number += 1
            files |= traces.finish()
            files |= {PENDED: _pended(decisions)}
            remittance, forwarded = writing.result()
            files |= forwarded | late_files(late, request.as_of_date)
            if pays:
                files[REMITTANCE] = remittance
    summary = _summary(request, provenance, received, decisions, batch_number, digest)
    summary |= {
        "record_requests": len(asked),
        "record_requests_permille": 1000 * len(asked) // max(1, len(decisions)),
        **late_totals(decisions, late, request.as_of_date),
        **_elsewhere(received, payer_identifiers),
    }
    files[SUMMARY] = json_bytes(summary)
    state.record_batch(
        Batch(digest, batch_number, request.as_of_date, request.received_date, control_number - 1),
        files,
        rulebook.content_hash,
    )
    keep_input(state, digest, content)
    for _, one in asked:
        keep_request(state, one)
    keep_interest(
        state, ((one.claim_number, owed.paid_cents, owed.days) for one, owed in late if owed.paid_cents)
    )
    return files


def _received(
    request: AdjudicationRequest,
    content: bytes,
    at: datetime,
    control_number: int,
    code_sets: CodeSets,
    payer_identifiers: frozenset[str],
    *,
    apart: bool,
) -> ClaimsReceived:
    """The file read, and checked (in a process beside)."""
    check = partial(
        check_claims, content, on=request.as_of_date, code_sets=code_sets, problems_max=PROBLEMS_MAX
    )
    with Aside(check, apart=apart) as checking:
        return receive_claims(
            content,
            at=at,
            first_control_number=control_number,
            code_sets=code_sets,
            checked=checking.result,
            payer_identifiers=payer_identifiers,
        )


def _elsewhere(received: ClaimsReceived, payer_identifiers: frozenset[str]) -> dict[str, Any]:
    """How many claims are addressed to other payers, and to which."""
    addressed = (one.claim.payer.identifier.strip().upper() for one in received.decisions)
    others = Counter(one for one in addressed if one not in payer_identifiers)
    return {
        "claims_addressed_elsewhere": others.total(),
        "payer_identifiers_elsewhere": [name for name, _ in others.most_common(OTHER_PAYERS_SHOWN_MAX)],
    }


def _asked(
    book: PlanBook, rulebook: Rulebook, decisions: Sequence[ClaimDecisionMade], day: date
) -> list[tuple[ClaimDecisionMade, RecordRequest]]:
    """The claims that wait for records, each with its request."""
    policy = rulebook.pack(book.profile.pack_id).on(day)
    found = ((decision, record_request(decision, policy, day)) for decision in decisions)
    return [(decision, request) for decision, request in found if request is not None]


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
        "sha256": digest,
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
