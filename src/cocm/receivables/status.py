"""Takes in what payers say of claims before and beside payment: TA1, 999, 277CA, 277 and requests for information."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.errors import UnusableInput
from cocm.basics.identity import stable_id
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.receivables.post import match_certain
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.remits.claim_events import status_event
from cocm.remits.matching import our_number
from cocm.store.remittances import ReceivedFile
from cocm.store.state import CONTROL_NUMBER_MAX
from cocm.x12 import (
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    detect,
    read_277,
    read_277_request,
    read_277ca,
    read_999,
    read_ta1,
)
from cocm.x12.information_request_record import LOINC, RequestedClaim
from cocm.x12.loop_tree import Origin
from cocm.x12.status_record import StatusRecord

CLAIM_TRANSMISSION: Final = "HC"
CLAIM_ACKNOWLEDGMENTS: Final = ("005010X214",)
STATUS_ANSWERS: Final = ("005010X212",)
REQUESTS: Final = ("006020X313", "005010X213")
DOCUMENTATION_ASKED: Final = "R4"
"""The category in which documents are usually asked for."""
CATEGORY_DETAIL: Final = "category"
"""The name under which a request's event holds a document type with another category that it was asked in."""


@dataclass(slots=True)
class StatusFile:
    """What a status file brought. `unknown_claims` are ids that this state never sent, `unknown_files` control numbers.

    An acknowledgment that is addressed to another sender's id answers another practice's file of that number.
    """

    file_name: str
    sha256: str
    is_known: bool
    kinds: tuple[str, ...] = ()
    statements: int = 0
    new_events: int = 0
    unknown_claims: list[str] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    requested: list[tuple[str, date | None]] = field(default_factory=list)
    unknown_files: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class StatusResult:
    """What a run took in. `exit_status` is 1 where something was rejected, asked for or is unknown."""

    files: tuple[StatusFile, ...]

    @property
    def exit_status(self) -> int:
        waits = (
            one.rejected or one.requested or one.unknown_claims or one.unknown_files for one in self.files
        )
        return 1 if any(waits) else 0


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing said of one claim: by our number, and the payer's where it tells it."""

    claim_number: str
    event: ClaimEvent | None


def take_in_statuses(request: BooksRequest, paths: Sequence[Path]) -> StatusResult:
    """Take in status files; every file once, all of them or none. Raises `UnusableInput` naming the file."""
    with open_books(request) as books:
        files = tuple(take_in_status(books, path.name, path.read_bytes()) for path in paths)
        match_certain(books)
        books.state.commit()
    return StatusResult(files)


def take_in_status(books: OpenBooks, file_name: str, content: bytes) -> StatusFile:
    """Take one status file into open books; whoever opened them matches what can be matched, and commits.

    Raises `UnusableInput` where it is none, or cannot be read; then nothing was taken in.
    """
    digest = hashlib.sha256(content).hexdigest()
    taken = StatusFile(file_name, digest, books.remittances.has_file(digest))
    try:
        taken.kinds = tuple(f"{one.transaction} {one.version}".strip() for one in detect(content))
        statements = list(_statements(books, content, taken))
    except UnusableInput as problem:
        raise UnusableInput(f"{file_name}: {problem}; nothing was taken in") from problem
    taken.statements = len(statements)
    numbers = [statement.claim_number for statement in statements]
    known = books.remittances.claims_known(numbers)
    taken.unknown_claims = sorted(set(numbers) - known)
    events = [
        statement.event
        for statement in statements
        if statement.event is not None and statement.claim_number in known
    ]
    for event in events:
        if event.kind in (ClaimEventKind.REJECTED, ClaimEventKind.FILE_REJECTED):
            taken.rejected.append(event.claim_id)
        elif event.kind is ClaimEventKind.RECORDS_REQUESTED:
            taken.requested.append((event.claim_id, event.due))
    if not taken.is_known:
        received = ReceivedFile(digest, "/".join(taken.kinds), file_name, len(content))
        books.remittances.add_file(received, books.request.as_of_date)
        taken.new_events = books.remittances.add_claim_events(events, digest)
    return taken


def _statements(books: OpenBooks, content: bytes, taken: StatusFile) -> Iterator[Statement]:
    found = False
    kinds = taken.kinds
    for kind in kinds:
        transaction, _, version = kind.partition(" ")
        if transaction == "TA1":
            found = True
            for interchange in read_ta1(content):
                yield from _of_interchange(books, interchange, taken)
        elif transaction == "999":
            found = True
            for group in read_999(content):
                yield from _of_group(books, group, taken)
        elif transaction == "277" and version.startswith(CLAIM_ACKNOWLEDGMENTS):
            found = True
            yield from _of_claim_acknowledgments(books, content)
        elif transaction == "277" and version.startswith(STATUS_ANSWERS):
            found = True
            yield from _of_status_answers(books, content)
        elif transaction == "277" and version.startswith(REQUESTS):
            found = True
            yield from _of_requests(books, content)
    if not found:
        raise UnusableInput(
            f"holds {', '.join(kinds) or 'nothing that is known'}; expected TA1, 999, 277CA, 277 or a request for "
            "information (remittances go to cocm post)"
        )


def _of_interchange(
    books: OpenBooks, told: InterchangeAcknowledgment, taken: StatusFile
) -> Iterator[Statement]:
    kind = ClaimEventKind.FILE_ACCEPTED if told.is_accepted else ClaimEventKind.FILE_REJECTED
    number = _control_number(told.interchange_control_number)
    claim_ids = books.remittances.claims_of_interchange(number) if _is_to_us(books, told.origin) else []
    if not claim_ids:
        taken.unknown_files.append(told.interchange_control_number)
    for claim_id in claim_ids:
        yield _file_statement(claim_id, kind, _day(told.origin, books), (("note", told.note),))


def _of_group(books: OpenBooks, told: GroupAcknowledgment, taken: StatusFile) -> Iterator[Statement]:
    """A transaction that is refused takes its claims with it; the rest of the group is taken."""
    if told.functional_identifier != CLAIM_TRANSMISSION:
        return
    number = _control_number(told.group_control_number)
    sent = list(books.sent_in(number)) if _is_to_us(books, told.origin) else []
    if not sent:
        taken.unknown_files.append(told.group_control_number)
    answers = {answer.control_number: answer.is_accepted for answer in told.transactions}
    for record in sent:
        accepted = answers.get(record.transmission.transaction_control_number, told.is_accepted)
        kind = ClaimEventKind.FILE_ACCEPTED if accepted else ClaimEventKind.FILE_REJECTED
        yield _file_statement(record.claim_id, kind, _day(told.origin, books), (("status", told.status),))


def _control_number(text: str) -> int:
    """A control number as we number our files; 0, which no file of ours has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and int(text) <= CONTROL_NUMBER_MAX else 0


def _is_to_us(books: OpenBooks, origin: Origin | None) -> bool:
    """Whether an answer goes to the sender id that our files carry: every sender's control numbers begin at 1."""
    receiver_id = origin.receiver_id.strip() if origin is not None else ""
    return not receiver_id or receiver_id == books.reference.practice.submitter_id


def _file_statement(
    claim_id: str, kind: ClaimEventKind, day: date, detail: tuple[tuple[str, str], ...]
) -> Statement:
    event_id = stable_id("V", claim_id, kind, day, detail)
    return Statement(claim_id, ClaimEvent(event_id, claim_id, kind, day, detail=detail))


def _of_claim_acknowledgments(books: OpenBooks, content: bytes) -> Iterator[Statement]:
    for told in read_277ca(content):
        for claim in told.claims():
            for status in claim.statuses:
                yield _statement(
                    books, claim.claim_id, status, told.processed_date, claim.payer_claim_control_number
                )


def _of_status_answers(books: OpenBooks, content: bytes) -> Iterator[Statement]:
    for told in read_277(content):
        for asked in told.claims():
            claim = asked.claim
            number = claim.patient_account_number or claim.trace_number
            for status in claim.statuses:
                yield _statement(
                    books, number, status, _day(told.origin, books), claim.payer_claim_control_number
                )


def _of_requests(books: OpenBooks, content: bytes) -> Iterator[Statement]:
    """A request is told once a claim, with the earliest day that any part of it is wanted by."""
    for told in read_277_request(content):
        for asked in told.claims():
            claim = asked.claim
            days = [line.due_date for line in claim.lines if line.due_date] + (
                [claim.due_date] if claim.due_date else []
            )
            wanted = (*claim.loinc_codes, *(code for line in claim.lines for code in line.loinc_codes))
            number = our_number(claim.patient_account_number)
            day = claim.questions[0].effective_date if claim.questions else None
            detail = (
                ("trace", claim.trace_number),
                *(("loinc", code) for code in dict.fromkeys(wanted)),
                *_other_categories(claim),
            )
            due = min(days, default=None)
            kind = ClaimEventKind.RECORDS_REQUESTED
            when = day or _day(told.origin, books)
            event_id = stable_id("V", number, kind, when, claim.payer_claim_control_number, detail, due)
            yield Statement(
                number,
                ClaimEvent(event_id, number, kind, when, claim.payer_claim_control_number, due, detail),
            )


def _other_categories(claim: RequestedClaim) -> Iterator[tuple[str, str]]:
    """Under which category a document was asked for, where that is not the usual one: the answer says it again."""
    questions = (*claim.questions, *(question for line in claim.lines for question in line.questions))
    for first in dict.fromkeys(question.codes[0] for question in questions if question.codes):
        if first.code_list == LOINC and first.category_code != DOCUMENTATION_ASKED:
            yield CATEGORY_DETAIL, f"{first.status_code} {first.category_code}"


def _statement(
    books: OpenBooks, claim_number: str, status: StatusRecord, day: date, payer_number: str
) -> Statement:
    number = our_number(claim_number)
    return Statement(number, status_event(books.rulebook, number, status, day, payer_number))


def _day(origin: Origin | None, books: OpenBooks) -> date:
    created = origin.created_at if origin is not None else None
    return created.date() if created is not None else books.request.as_of_date
