"""Answers a file as its receiver: a TA1 for each interchange that is refused or asks for one, a 999 for each group that
is taken in, and a 277CA for each transaction of professional claims whose form was accepted.

What is said comes from the check of the file itself. A refused interchange gets nothing but its TA1.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO, Final, NamedTuple

from cocm.basics.errors import UnusableInput, X12Error
from cocm.x12.acknowledgment import write_999, write_ta1
from cocm.x12.acknowledgment_build import acknowledge_file
from cocm.x12.acknowledgment_record import GroupAcknowledgment, InterchangeAcknowledgment
from cocm.x12.claim_acknowledgment import write_277ca
from cocm.x12.claim_acknowledgment_build import (
    ClaimDecision,
    acknowledge_claims,
    decide_claims,
    reject_misaddressed,
)
from cocm.x12.claim_reader import read_837p
from cocm.x12.claim_record import ClaimRecord, PartyRecord, UnreadableClaim
from cocm.x12.code_sets import CodeSets
from cocm.x12.dated_codes import CodeSet
from cocm.x12.envelope import CONTROL_NUMBER_MAX, Envelope
from cocm.x12.guide import find_guide
from cocm.x12.problem import Problem
from cocm.x12.professional import PROFESSIONAL_GUIDE
from cocm.x12.proven_levels import read_past_levels
from cocm.x12.tokens import Segment
from cocm.x12.validate import PROBLEMS_MAX, validate, validate_837p

_ACKNOWLEDGMENTS: Final = "FA"  # GS01 of the 999, which is never answered by another
_ASKS: Final = "1"
_TEST: Final = "T"
_ENVELOPE_TAGS: Final = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})


class ReplyKind(StrEnum):
    """Which acknowledgment it is."""

    INTERCHANGE = "TA1"
    FORM = "999"
    CLAIMS = "277CA"


@dataclass(frozen=True, slots=True)
class Reply:
    """One acknowledgment as a file. `answers` is the control number of the interchange, group or transaction.

    Counts are of interchanges (TA1), transactions (999) or claims (277CA). `unreadable_count` claims are in no 277CA.
    `content` is empty where the acknowledgment cannot be written, and `why` says what stands against it. `span` are
    the bytes of the transaction that a 277CA answers: two groups may give theirs one number.
    """

    kind: ReplyKind
    answers: str
    content: bytes
    accepted_count: int
    rejected_count: int
    unreadable_count: int = 0
    why: str = ""
    span: range = range(0)

    @property
    def is_accepted(self) -> bool:
        return not (self.rejected_count or self.unreadable_count or self.why)


@dataclass(slots=True)
class _Transaction:
    header: Segment
    reference: str = ""
    end: int = 0


@dataclass(slots=True)
class _Group:
    header: Segment
    transactions: list[_Transaction] = field(default_factory=list)


@dataclass(slots=True)
class _Interchange:
    header: Segment
    end: int = 0
    groups: list[_Group] = field(default_factory=list)


def reply(
    content: bytes, *, at: datetime, first_control_number: int, code_sets: CodeSets | None = None
) -> Iterator[Reply]:
    """The acknowledgments of a file in the order they are owed, each an interchange of its own, numbered on.

    `at` is the moment of the answer, local and without offset. Raises `X12Error` where the file is no interchange
    at all: nobody can be answered then.
    """
    answering = _Answering(content, at, first_control_number, code_sets)
    for interchange in _outline(content):
        yield from answering.interchange(interchange)


class Checked(NamedTuple):
    """A file's parts, what the check of it found, and what its TA1s and 999s say of that."""

    outline: list[_Interchange]
    problems: tuple[Problem, ...]
    said: tuple[tuple[InterchangeAcknowledgment, ...], tuple[GroupAcknowledgment, ...]]


def check_claims(content: bytes, *, on: date, code_sets: CodeSets, problems_max: int) -> Checked:
    """Check a file of professional claims on a day: what `receive_claims` needs beside the claims.

    Raises `X12Error` for a file that cannot be read or holds other transactions.
    """
    problems = validate_837p(content, code_sets=code_sets, as_of=on, problems_max=problems_max)
    return Checked(_outline(content), problems, acknowledge_file(content, problems))


def receive_claims(
    content: bytes,
    *,
    at: datetime,
    first_control_number: int,
    code_sets: CodeSets,
    checked: Callable[[], Checked],
    payer_identifiers: Set[str] | None = None,
) -> ClaimsReceived:
    """Read a file and decide its claims as `decide_claims` does; `replies` answers it as `reply` does.

    A claim that is addressed to none of the `payer_identifiers` (in capitals; None: whoever it is addressed to) is
    rejected for that. `checked` gives what `check_claims` finds in the same file on the day of `at`, with these code
    sets; it is asked once the file was read. Raises `X12Error` for a file that cannot be read or holds other
    transactions.
    """
    unreadable: list[UnreadableClaim] = []
    records = tuple(read_837p(content, on_unreadable=unreadable.append))
    found = checked()
    interchanges = found.outline
    answering = _Answering(content, at, first_control_number, code_sets)
    answering.payer_identifiers = payer_identifiers
    decisions = answering.decide(records, found.problems)
    if (
        len(interchanges) == 1
        and interchanges[0].header.start == 0
        and _are_apart(interchanges[0], found.problems)
    ):
        answering.known = _Known(decisions, tuple(unreadable), found)
    return ClaimsReceived(answering, interchanges, decisions, tuple(unreadable))


class ClaimsReceived:
    """A file of professional claims as its receiver took it in. `decisions` are those of its claims in their order."""

    def __init__(
        self,
        answering: _Answering,
        interchanges: Sequence[_Interchange],
        decisions: tuple[ClaimDecision, ...],
        unreadable: tuple[UnreadableClaim, ...],
    ) -> None:
        self.decisions, self.unreadable = decisions, unreadable
        self._answering, self._interchanges = answering, interchanges
        self._replies: tuple[Reply, ...] | None = None

    def replies(self) -> tuple[Reply, ...]:
        """What is answered."""
        if self._replies is None:
            self._replies = tuple(
                answer for one in self._interchanges for answer in self._answering.interchange(one)
            )
        return self._replies

    def accepted(self) -> list[ClaimRecord]:
        """The claims without a fault of the transactions that are accepted in form.

        Whether their 277CA can be written is known when it was: see `answered_of`.
        """
        if self._answering.known is None:
            return answered_of([one.claim for one in self.decisions if one.is_accepted], self.replies())
        spans = [span for one in self._interchanges for span in self._answering.accepted_spans(one)]
        return _within([one.claim for one in self.decisions if one.is_accepted], spans)


def answered_of(claims: Sequence[ClaimRecord], replies: Sequence[Reply]) -> list[ClaimRecord]:
    """Those of a file's claims that stand in a transaction for which a 277CA was written."""
    return _within(claims, [one.span for one in replies if one.kind is ReplyKind.CLAIMS and one.content])


def _within(claims: Sequence[ClaimRecord], spans: Sequence[range]) -> list[ClaimRecord]:
    """The claims that begin in one of the spans, which are in order."""
    begins = [span.start for span in spans]

    def is_within(start: int) -> bool:
        at = bisect_right(begins, start)
        return at > 0 and start in spans[at - 1]

    return [one for one in claims if is_within(one.start)]


class _Known(NamedTuple):
    """What was decided of the whole file's claims, and what its check found."""

    decisions: Sequence[ClaimDecision]
    unreadable: Sequence[UnreadableClaim]
    checked: Checked


def _are_apart(interchange: _Interchange, problems: Sequence[Problem]) -> bool:
    """Whether each problem is of one transaction alone, and so stands there too when that is checked by itself."""
    spans = {
        one.header.value(2): range(one.header.start, one.end)
        for group in interchange.groups
        for one in group.transactions
    }
    count = sum(len(group.transactions) for group in interchange.groups)
    return (
        len(problems) < PROBLEMS_MAX
        and len(spans) == count
        and all(
            find_guide(one.header.value(1), _version(one, group)) == PROFESSIONAL_GUIDE
            for group in interchange.groups
            for one in group.transactions
        )
        and all(
            one.byte_offset in spans.get(one.transaction_control_number, range(0))
            and one.segment_tag not in _ENVELOPE_TAGS
            for one in problems
        )
    )


def _version(transaction: _Transaction, group: _Group) -> str:
    return transaction.header.value(3).strip() or group.header.value(8)


class _Answering:
    """Makes the acknowledgments of one file. `known` is what was found in it before, where that holds for its parts.

    `payer_identifiers` are those the receiver answers to; None: to all.
    """

    known: _Known | None = None
    payer_identifiers: Set[str] | None = None

    def __init__(
        self, content: bytes, at: datetime, first_control_number: int, code_sets: CodeSets | None
    ) -> None:
        self._content = content
        self._at = at
        self._next_control_number = first_control_number
        self._code_sets: dict[str, CodeSet] | None = dict(code_sets) if code_sets is not None else None

    def interchange(self, interchange: _Interchange) -> Iterator[Reply]:
        """What is owed for one interchange."""
        header = interchange.header
        content = self._content[header.start : interchange.end]
        if self.known is None:
            problems = validate(content, code_sets=self._code_sets, as_of=self._on)
            (answer,), said_of_groups = acknowledge_file(content, problems)
        else:
            (answer,), said_of_groups = self.known.checked.said
        if not answer.is_accepted or header.value(14).strip() == _ASKS:
            accepted = int(answer.is_accepted)
            content_of_answer, why = self._written(
                header, lambda envelope, out: write_ta1([answer], envelope, out)
            )
            number = header.value(13).strip()
            yield Reply(ReplyKind.INTERCHANGE, number, content_of_answer, accepted, 1 - accepted, why=why)
        if not answer.is_accepted:
            return
        for group, said in zip(interchange.groups, said_of_groups, strict=True):
            if group.header.value(1).strip() == _ACKNOWLEDGMENTS:
                continue
            yield self._form(header, said)
            yield from self._claims(header, group, said)

    def accepted_spans(self, interchange: _Interchange) -> Iterator[range]:
        """The bytes of each transaction of professional claims that is accepted in form; the file is `known`."""
        assert self.known is not None
        (answer,), said_of_groups = self.known.checked.said
        if not answer.is_accepted:
            return
        for group, said in zip(interchange.groups, said_of_groups, strict=True):
            if group.header.value(1).strip() != _ACKNOWLEDGMENTS:
                for transaction in self._accepted(group, said):
                    yield range(transaction.header.start, transaction.end)

    def _form(self, header: Segment, said: GroupAcknowledgment) -> Reply:
        content, why = self._written(header, lambda envelope, out: write_999([said], envelope, out))
        rejected = said.received_count - said.accepted_count
        return Reply(
            ReplyKind.FORM, said.group_control_number, content, said.accepted_count, rejected, why=why
        )

    def _claims(self, header: Segment, group: _Group, said: GroupAcknowledgment) -> Iterator[Reply]:
        """A 277CA for each transaction of claims that was accepted in form."""
        for transaction in self._accepted(group, said):
            found = self._claim_reply(header, group, transaction)
            if found is not None:
                yield found

    def _accepted(self, group: _Group, said: GroupAcknowledgment) -> Iterator[_Transaction]:
        """The transactions of professional claims that were accepted in form."""
        if said.codes:
            return
        for transaction, response in zip(group.transactions, said.transactions, strict=True):
            first = transaction.header
            is_professional = find_guide(first.value(1), _version(transaction, group)) == PROFESSIONAL_GUIDE
            if response.is_accepted and is_professional:
                yield transaction

    def _claim_reply(self, header: Segment, group: _Group, transaction: _Transaction) -> Reply | None:
        number = transaction.header.value(2).strip()
        span = range(transaction.header.start, transaction.end)
        decisions, unreadable_count = self._decided(header, group, transaction, number)
        if not decisions:
            if not unreadable_count:
                return None
            return Reply(ReplyKind.CLAIMS, number, b"", 0, 0, unreadable_count, span=span)
        transmission = decisions[0].claim.transmission
        own_number = f"{self._next_control_number:09d}"
        answer = acknowledge_claims(
            decisions,
            source=_named(transmission.receiver, transmission.receiver_id),
            receiver=_named(transmission.submitter, transmission.sender_id),
            reference=own_number,
            batch_number=transaction.reference,
            trace_number=own_number,
            received_date=self._on,
            processed_date=self._on,
        )
        written, why = self._written(header, lambda envelope, out: write_277ca([answer], envelope, out))
        accepted = sum(one.is_accepted for one in decisions)
        return Reply(
            ReplyKind.CLAIMS,
            number,
            written,
            accepted,
            len(decisions) - accepted,
            unreadable_count,
            why,
            span,
        )

    def _decided(
        self, header: Segment, group: _Group, transaction: _Transaction, number: str
    ) -> tuple[Sequence[ClaimDecision], int]:
        """What is decided of a transaction's claims, and how many of them cannot be read."""
        if self.known is not None:
            within = range(transaction.header.start, transaction.end)
            decisions = [
                one
                for one in self.known.decisions
                if one.claim.transmission.transaction_control_number == number
            ]
            return decisions, sum(one.start in within for one in self.known.unreadable)
        content = self._alone(header, group, transaction)
        unreadable: list[UnreadableClaim] = []
        claims = tuple(read_837p(content, on_unreadable=unreadable.append))
        problems = validate(content, code_sets=self._code_sets, as_of=self._on) if claims else ()
        return self.decide(claims, problems), len(unreadable)

    def decide(self, claims: Sequence[ClaimRecord], problems: Sequence[Problem]) -> tuple[ClaimDecision, ...]:
        """A decision for each claim, by its faults and by whom it is addressed to."""
        decisions = decide_claims(claims, problems, self._on)
        if self.payer_identifiers is None:
            return decisions
        return reject_misaddressed(decisions, self.payer_identifiers, self._on)

    def _alone(self, header: Segment, group: _Group, transaction: _Transaction) -> bytes:
        """One transaction as an interchange of its own."""
        content, delimiters = self._content, header.delimiters
        group_trailer = delimiters.element.join(("GE", "1", group.header.value(6)))
        trailer = delimiters.element.join(("IEA", "1", header.value(13)))
        return b"".join(
            (
                content[header.start : header.end],
                content[group.header.start : group.header.end],
                content[transaction.header.start : transaction.end],
                f"{group_trailer}{delimiters.terminator}{trailer}{delimiters.terminator}".encode(),
            )
        )

    def _written(self, header: Segment, write: Callable[[Envelope, BinaryIO], object]) -> tuple[bytes, str]:
        """An acknowledgment's bytes; or none and why, where what it must repeat from the file has no lawful form."""
        number, out = self._next_control_number, io.BytesIO()
        try:
            write(self._envelope(header), out)
        except X12Error as problem:
            self._next_control_number = number
            return b"", str(problem)
        return out.getvalue(), ""

    def _envelope(self, header: Segment) -> Envelope:
        """The answer's envelope: from the receiver back to the sender, under a number of its own."""
        number = self._next_control_number
        if number > CONTROL_NUMBER_MAX:
            raise UnusableInput(f"control numbers end at {CONTROL_NUMBER_MAX}; begin at a lower number")
        self._next_control_number += 1
        return Envelope(
            sender_id=header.value(8).strip(),
            sender_name="",
            contact_name="",
            contact_phone="",
            receiver_id=header.value(6).strip(),
            receiver_name="",
            created_at=self._at,
            interchange_control_number=number,
            group_control_number=number,
            is_test=header.value(15).strip() == _TEST,
            sender_type=header.value(7).strip(),
            receiver_type=header.value(5).strip(),
        )

    @property
    def _on(self) -> date:
        return self._at.date()


def _named(party: PartyRecord | None, identifier: str) -> PartyRecord:
    """The party as the file names it, else by its number in the envelope."""
    if party is not None:
        return party
    return PartyRecord(False, identifier, "", "", "", "46", identifier)


def _outline(content: bytes) -> list[_Interchange]:
    """The file's interchanges with their groups and transactions, as far as it can be read."""
    interchanges: list[_Interchange] = []
    try:
        for segment in read_past_levels(content):
            _take(interchanges, segment)
    except X12Error:
        if not interchanges:
            raise
        interchanges[-1].end = len(content)
    return interchanges


def _take(interchanges: list[_Interchange], segment: Segment) -> None:
    if segment.tag == "ISA":
        interchanges.append(_Interchange(segment))
    interchange = interchanges[-1]
    interchange.end = segment.end
    if segment.tag == "GS":
        interchange.groups.append(_Group(segment))
    if not interchange.groups:
        return
    transactions = interchange.groups[-1].transactions
    if segment.tag == "ST":
        transactions.append(_Transaction(segment))
    elif segment.tag == "BHT" and transactions:
        transactions[-1].reference = segment.value(3).strip()
    elif segment.tag == "SE" and transactions:
        transactions[-1].end = segment.end
