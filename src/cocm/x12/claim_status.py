"""Reads and writes claim status requests (276) and answers (277), both at 005010X212."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.claim_status_record import (
    ClaimStatus,
    ClaimStatusLine,
    ClaimStatusRecord,
    StatusMember,
    StatusProvider,
    StatusReceiver,
    StatusSource,
)
from cocm.x12.envelope import Envelope
from cocm.x12.loop_tree import LoopNode, TransactionTree
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import cents
from cocm.x12.service_values import (
    modifiers,
    named_party,
    number_values,
    service_dates,
    service_span,
    service_values,
)
from cocm.x12.status_record import status_values, statuses
from cocm.x12.tokens import Source
from cocm.x12.tree_reader import created_at, read_transactions
from cocm.x12.tree_values import (
    amount_text,
    contact_values,
    contacts,
    day_text,
    decimal_or_none,
    name_values,
    optional_amount,
    optional_cents,
    references,
    time_text,
)
from cocm.x12.tree_writer import LoopValues, SegmentValues, Written, segment, write_trees

STATUS_REQUEST_GUIDE: Final = "276-005010X212"
STATUS_ANSWER_GUIDE: Final = "277-005010X212"

# The loop of a service line, without its letter, and the trace's type of a claim, by guide.
_LINE_LOOPS: Final = {STATUS_REQUEST_GUIDE: "2210", STATUS_ANSWER_GUIDE: "2220"}
_TRACE_TYPES: Final = {STATUS_REQUEST_GUIDE: "1", STATUS_ANSWER_GUIDE: "2"}
_OTHER_NUMBERS: Final = {
    "LU": "location_number",
    "6P": "group_number",
    "XZ": "prescription_number",
    "VV": "voucher_number",
}


def read_277(source: Source) -> Iterator[ClaimStatusRecord]:
    """The claim status answers of a file in their order.

    Raises `X12Error` for a file that cannot be read or holds another transaction, and for a value that is none.
    """
    return _read(source, STATUS_ANSWER_GUIDE)


def read_276(source: Source) -> Iterator[ClaimStatusRecord]:
    """The claim status requests of a file in their order; as `read_277`."""
    return _read(source, STATUS_REQUEST_GUIDE)


def write_276(requests: Iterable[ClaimStatusRecord], envelope: Envelope, out: BinaryIO) -> Written:
    """Write claim status requests as one interchange, a transaction each.

    Raises `X12Error` naming the claim, loop and element for what the guide does not allow; then nothing is written.
    """
    return _write(STATUS_REQUEST_GUIDE, requests, envelope, out)


def write_277(answers: Iterable[ClaimStatusRecord], envelope: Envelope, out: BinaryIO) -> Written:
    """Write claim status answers; as `write_276`."""
    return _write(STATUS_ANSWER_GUIDE, answers, envelope, out)


def _read(source: Source, guide: str) -> Iterator[ClaimStatusRecord]:
    reader = _StatusReader(_LINE_LOOPS[guide])
    return map(reader.record, read_transactions(source, (guide,)))


class _StatusReader:
    """Reads the levels of one guide; parties that come again are read once."""

    def __init__(self, line_loop: str) -> None:
        self._line_loop = line_loop
        self._parties = PartyReader()

    def record(self, tree: TransactionTree) -> ClaimStatusRecord:
        """The transaction with all its levels."""
        root = tree.root
        start = root.find("transaction_start")
        if start is None:
            raise X12Error(f"byte {root.start}: the transaction lacks its beginning (BHT)")
        return ClaimStatusRecord(
            reference=start.value("reference"),
            sources=tuple(map(self._source, root.children("2000A"))),
            created_at=created_at(start.value("date"), start.value("time")),
            origin=tree.origin,
            segments=tuple(one for one in root.all_segments() if one.use is None),
            start=root.start,
            end=root.end,
        )

    def _source(self, level: LoopNode) -> StatusSource:
        party = named_party(self._parties, level, "2100A")
        name = level.child("2100A")
        return StatusSource(
            party=party,
            receivers=tuple(map(self._receiver, level.children("2000B"))),
            contacts=contacts(name.find_all("source_contact")) if name is not None else (),
        )

    def _receiver(self, level: LoopNode) -> StatusReceiver:
        answer = level.child("2200B")
        return StatusReceiver(
            party=named_party(self._parties, level, "2100B"),
            providers=tuple(map(self._provider, level.children("2000C"))),
            trace_number=answer.value("trace", "trace_number") if answer is not None else "",
            statuses=statuses(answer.find_all("status")) if answer is not None else (),
        )

    def _provider(self, level: LoopNode) -> StatusProvider:
        answer = level.child("2200C")
        return StatusProvider(
            parties=tuple(self._parties.party(name.segments[:1]) for name in level.children("2100C")),
            subscribers=tuple(self._member(inner, "D") for inner in level.children("2000D")),
            trace_number=answer.value("trace", "trace_number") if answer is not None else "",
            statuses=statuses(answer.find_all("status")) if answer is not None else (),
        )

    def _member(self, level: LoopNode, letter: str) -> StatusMember:
        named_party(self._parties, level, f"2100{letter}")  # refuses a level that names nobody
        name = level.child(f"2100{letter}")
        assert name is not None  # refused above
        own = [one for one in level.segments if one.segment.tag == "DMG"]
        return StatusMember(
            party=self._parties.party([*name.segments[:1], *own]),
            claims=tuple(self._claim(one, letter) for one in level.children(f"2200{letter}")),
            dependents=tuple(self._member(one, "E") for one in level.children("2000E")),
        )

    def _claim(self, loop: LoopNode, letter: str) -> ClaimStatus:
        first, last = service_span(loop)
        others = (one for name in _OTHER_NUMBERS.values() for one in loop.find_all(name))
        return ClaimStatus(
            trace_number=loop.value("trace", "trace_number"),
            statuses=statuses(loop.find_all("status")),
            payer_claim_control_number=loop.value("payer_claim_control_number", "number"),
            bill_type=loop.value("bill_type", "number"),
            patient_account_number=loop.value("patient_account_number", "number"),
            clearinghouse_number=loop.value("clearinghouse_number", "number"),
            numbers=references(others),
            charge_amount_cents=optional_cents(loop.find("charge_amount")),
            service_from_date=first,
            service_to_date=last,
            lines=tuple(map(_line, loop.children(f"{self._line_loop}{letter}"))),
            segments=tuple(loop.all_segments()),
            start=loop.start,
            end=loop.end,
        )


def _line(loop: LoopNode) -> ClaimStatusLine:
    service, (first, last) = loop.segments[0], service_span(loop)
    return ClaimStatusLine(
        hcpcs_code=service.value("hcpcs_code"),
        modifiers=modifiers(service),
        charge_amount_cents=cents(service, "charge_amount"),
        service_from_date=first,
        service_to_date=last,
        line_control_number=loop.value("line_control_number", "number"),
        code_type=service.value("code_type"),
        revenue_code=service.value("revenue_code"),
        submitted_quantity=decimal_or_none(service, "submitted_quantity"),
        paid_amount_cents=optional_cents(service, "paid_amount"),
        statuses=statuses(loop.find_all("status")),
    )


def _write(guide: str, records: Iterable[ClaimStatusRecord], envelope: Envelope, out: BinaryIO) -> Written:
    return write_trees(guide, map(_StatusWriter(guide, envelope).transaction, records), envelope, out)


class _StatusWriter:
    """Lays out the levels of one guide."""

    def __init__(self, guide: str, envelope: Envelope) -> None:
        self._guide = guide
        self._envelope = envelope
        self._is_answer = guide == STATUS_ANSWER_GUIDE

    def transaction(self, record: ClaimStatusRecord) -> LoopValues:
        """The transaction with all its levels."""
        subject = f"claim status {record.reference}"
        start = segment(
            "transaction_start",
            structure="0010",
            purpose="08" if self._is_answer else "13",
            reference=record.reference,
            date=day_text(self._envelope.created_at.date()),
            time=time_text(self._envelope.created_at),
            **({"kind": "DG"} if self._is_answer else {}),
        )
        sources = tuple(self._source(one, subject) for one in record.sources)
        return LoopValues("transaction", (start,), sources, subject)

    def _source(self, source: StatusSource, subject: str) -> LoopValues:
        segments = (
            SegmentValues("source_name", name_values(source.party, "PR")),
            *(contact_values("source_contact", one) for one in source.contacts),
        )
        receivers = (self._receiver(one, subject) for one in source.receivers)
        return LoopValues("2000A", (), (LoopValues("2100A", segments, (), subject), *receivers), subject)

    def _receiver(self, receiver: StatusReceiver, subject: str) -> LoopValues:
        loops = [_named("2100B", "receiver_name", receiver.party, "41", subject)]
        if receiver.trace_number:
            trace = segment("trace", trace_type="2", trace_number=receiver.trace_number)
            loops.append(LoopValues("2200B", (trace, *map(status_values, receiver.statuses)), (), subject))
        loops.extend(self._provider(one, subject) for one in receiver.providers)
        return LoopValues("2000B", (), loops, subject)

    def _provider(self, provider: StatusProvider, subject: str) -> LoopValues:
        loops = [_named("2100C", "provider_name", one, "1P", subject) for one in provider.parties]
        if provider.trace_number:
            trace = segment("trace", trace_type="1", trace_number=provider.trace_number)
            loops.append(LoopValues("2200C", (trace, *map(status_values, provider.statuses)), (), subject))
        loops.extend(self._member(one, "D", subject) for one in provider.subscribers)
        return LoopValues("2000C", (), loops, subject)

    def _member(self, member: StatusMember, letter: str, subject: str) -> LoopValues:
        who, entity = ("subscriber", "IL") if letter == "D" else ("dependent", "QC")
        own = []
        if member.party.birth_date is not None:
            own.append(
                segment(
                    f"{who}_demographics",
                    birth_date_format="D8",
                    birth_date=day_text(member.party.birth_date),
                    sex=member.party.sex,
                )
            )
        if member.dependents and letter == "E":
            raise X12Error(f"{subject}: a dependent has no dependents; put them under the subscriber")
        loops = [_named(f"2100{letter}", f"{who}_name", member.party, entity, subject)]
        loops.extend(self._claim(one, letter) for one in member.claims)
        loops.extend(self._member(one, "E", subject) for one in member.dependents)
        return LoopValues(f"2000{letter}", own, loops, subject)

    def _claim(self, claim: ClaimStatus, letter: str) -> LoopValues:
        subject = f"claim {claim.patient_account_number or claim.trace_number}"
        segments = [
            segment("trace", trace_type=_TRACE_TYPES[self._guide], trace_number=claim.trace_number),
            *map(status_values, claim.statuses),
            *number_values("payer_claim_control_number", "1K", claim.payer_claim_control_number),
            *number_values("bill_type", "BLT", claim.bill_type),
            *number_values("patient_account_number", "EJ", claim.patient_account_number),
            *number_values("clearinghouse_number", "D9", claim.clearinghouse_number),
            *service_dates(claim.service_from_date, claim.service_to_date),
        ]
        for number in claim.numbers:
            name = _OTHER_NUMBERS.get(number.kind)
            if name is None:
                raise X12Error(
                    f"{subject}: a number of kind {number.kind!r}; expected {' '.join(_OTHER_NUMBERS)}"
                )
            segments.extend(number_values(name, number.kind, number.number))
        if claim.charge_amount_cents is not None:
            amount = amount_text(claim.charge_amount_cents)
            segments.append(segment("charge_amount", amount_type="T3", amount=amount))
        line_loop = f"{_LINE_LOOPS[self._guide]}{letter}"
        lines = tuple(_line_values(line_loop, line, subject) for line in claim.lines)
        return LoopValues(f"2200{letter}", segments, lines, subject)


def _line_values(loop_id: str, line: ClaimStatusLine, subject: str) -> LoopValues:
    service = service_values(
        line.code_type,
        line.hcpcs_code,
        line.modifiers,
        line.charge_amount_cents,
        line.revenue_code,
        line.submitted_quantity,
    )
    if line.paid_amount_cents is not None:
        service["paid_amount"] = optional_amount(line.paid_amount_cents)
    segments = (
        SegmentValues("service", service),
        *map(status_values, line.statuses),
        *number_values("line_control_number", "FJ", line.line_control_number),
        *service_dates(line.service_from_date, line.service_to_date),
    )
    return LoopValues(loop_id, segments, (), subject)


def _named(loop_id: str, name: str, party: PartyRecord, entity: str, subject: str) -> LoopValues:
    return LoopValues(loop_id, (SegmentValues(name, name_values(party, entity)),), (), subject)
