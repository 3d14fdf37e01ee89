"""Reads requests for more information about claims (277 at 006020X313 and 005010X213), and writes the former."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.information_request_record import (
    AnswerPlace,
    InformationRequest,
    RequestedClaim,
    RequestedLine,
    RequestedPatient,
    RequestedProvider,
)
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
    NAME_MAX,
    address_values,
    contact_values,
    contacts,
    day_text,
    decimal_or_none,
    name_values,
    optional_day,
    plain,
    span_values,
    time_text,
)
from cocm.x12.tree_writer import LoopValues, SegmentValues, Value, Written, segment, write_trees
from cocm.x12.wire_parts import DateSpan

REQUEST_GUIDE: Final = "006020X313"
OLD_REQUEST_GUIDE: Final = "005010X213"

_ATTACHMENT_NUMBER: Final = "AC"


def read_277_request(source: Source) -> Iterator[InformationRequest]:
    """The requests for information of a file in their order, whichever of the two guides they follow.

    Raises `X12Error` for a file that cannot be read or holds another transaction, and for a value that is none.
    """
    parties = PartyReader()
    guides = (REQUEST_GUIDE, OLD_REQUEST_GUIDE)
    return (_read(parties, tree) for tree in read_transactions(source, guides))


def write_277_request(requests: Iterable[InformationRequest], envelope: Envelope, out: BinaryIO) -> Written:
    """Write requests for information at 006020X313 as one interchange, a transaction each.

    Raises `X12Error` naming the claim, loop and element for what the guide does not allow; then nothing is written.
    """
    return write_trees(REQUEST_GUIDE, map(partial(_transaction, envelope), requests), envelope, out)


def _read(parties: PartyReader, tree: TransactionTree) -> InformationRequest:
    root = tree.root
    start, source = root.find("transaction_start"), root.child("2000A")
    payer = source.child("2100A") if source is not None else None
    level = source.child("2000B") if source is not None else None
    receiver = level.child("2100B") if level is not None else None
    if start is None or payer is None or level is None or receiver is None:
        raise X12Error(
            f"byte {root.start}: the request lacks its beginning (BHT), the payer (2100A) or the receiver (2100B)"
        )
    return InformationRequest(
        reference=start.value("reference"),
        payer=parties.party(payer.segments[:1]),
        receiver=parties.party(receiver.segments[:1]),
        providers=tuple(_provider(parties, one) for one in level.children("2000C")),
        payer_contacts=contacts(payer.find_all("source_contact")),
        receiver_entity_code=receiver.value("receiver_name", "entity"),
        purpose_code=start.value("purpose"),
        kind=start.value("kind"),
        created_at=created_at(start.value("date"), start.value("time")),
        origin=tree.origin,
        segments=tuple(one for one in root.all_segments() if one.use is None),
        start=root.start,
        end=root.end,
    )


def _provider(parties: PartyReader, level: LoopNode) -> RequestedProvider:
    patients = (
        RequestedPatient(
            named_party(parties, patient, "2100D"), tuple(map(_claim, patient.children("2200D")))
        )
        for patient in level.children("2000D")
    )
    return RequestedProvider(named_party(parties, level, "2100C"), tuple(patients))


def _claim(loop: LoopNode) -> RequestedClaim:
    first, last = service_span(loop)
    place = loop.child("2210D")
    return RequestedClaim(
        trace_number=loop.value("trace", "trace_number"),
        questions=statuses(loop.find_all("status")),
        patient_account_number=loop.value("patient_account_number", "number"),
        payer_claim_control_number=loop.value("payer_claim_control_number", "number"),
        bill_type=loop.value("bill_type", "number"),
        medical_record_number=loop.value("medical_record_number", "number"),
        clearinghouse_number=loop.value("clearinghouse_number", "number"),
        provider_control_number=loop.value("provider_control_number", "number"),
        service_from_date=first,
        service_to_date=last,
        due_date=optional_day(loop.find("due_date")),
        answer_place=_answer_place(place) if place is not None else None,
        lines=tuple(map(_line, loop.children("2220D"))),
        segments=tuple(loop.all_segments()),
        start=loop.start,
        end=loop.end,
    )


def _answer_place(loop: LoopNode) -> AnswerPlace:
    street = " ".join(filter(None, (loop.value("answer_address", f"line_{at}") for at in (1, 2))))
    city = loop.find("answer_city")
    address = None
    if street or city is not None:
        parts = (
            (city.value(name) for name in ("city", "state", "postal_code")) if city is not None else ("",) * 3
        )
        address = Address(street, *parts)
    return AnswerPlace(
        report_type=loop.value("answer_paperwork", "report_type"),
        transmission_code=loop.value("answer_paperwork", "transmission"),
        control_number=loop.value("answer_paperwork", "control_number"),
        contacts=contacts(loop.find_all("answer_contact")),
        entity_code=loop.value("answer_name", "entity"),
        name=loop.value("answer_name", "last_or_organization_name"),
        address=address,
    )


def _line(loop: LoopNode) -> RequestedLine:
    service, (first, last) = loop.segments[0], service_span(loop)
    return RequestedLine(
        hcpcs_code=service.value("hcpcs_code"),
        modifiers=modifiers(service),
        charge_amount_cents=cents(service, "charge_amount"),
        questions=statuses(loop.find_all("status")),
        line_control_number=loop.value("line_control_number", "number"),
        service_from_date=first,
        service_to_date=last,
        due_date=optional_day(loop.find("due_date")),
        code_type=service.value("code_type"),
        revenue_code=service.value("revenue_code"),
        submitted_quantity=decimal_or_none(service, "submitted_quantity"),
    )


def _transaction(envelope: Envelope, request: InformationRequest) -> LoopValues:
    subject = f"request {request.reference}"
    start = segment(
        "transaction_start",
        structure="0085",
        purpose=request.purpose_code,
        reference=request.reference,
        date=day_text(envelope.created_at.date()),
        time=time_text(envelope.created_at),
        kind=request.kind,
    )
    payer = LoopValues(
        "2100A",
        (
            SegmentValues("source_name", name_values(request.payer, "PR")),
            *(contact_values("source_contact", one) for one in request.payer_contacts),
        ),
        (),
        subject,
    )
    receiver = _named("2100B", "receiver_name", request.receiver, request.receiver_entity_code, subject)
    providers = (_provider_values(one, subject) for one in request.providers)
    level = LoopValues("2000B", (), (receiver, *providers), subject)
    return LoopValues("transaction", (start,), (LoopValues("2000A", (), (payer, level), subject),), subject)


def _provider_values(provider: RequestedProvider, subject: str) -> LoopValues:
    patients = (
        LoopValues(
            "2000D",
            (),
            (
                _named("2100D", "patient_name", patient.party, "QC", subject),
                *map(_claim_values, patient.claims),
            ),
            subject,
        )
        for patient in provider.patients
    )
    name = _named("2100C", "provider_name", provider.party, "1P", subject)
    return LoopValues("2000C", (), (name, *patients), subject)


def _claim_values(claim: RequestedClaim) -> LoopValues:
    subject = f"claim {claim.patient_account_number or claim.trace_number}"
    segments = [
        segment("trace", trace_type="1", trace_number=claim.trace_number),
        *map(status_values, claim.questions),
        *number_values("patient_account_number", "EJ", claim.patient_account_number),
        *number_values("payer_claim_control_number", "1K", claim.payer_claim_control_number),
        *number_values("bill_type", "BLT", claim.bill_type),
        *number_values("medical_record_number", "EA", claim.medical_record_number),
        *number_values("clearinghouse_number", "D9", claim.clearinghouse_number),
        *number_values("provider_control_number", "X1", claim.provider_control_number),
        *service_dates(claim.service_from_date, claim.service_to_date),
        *_due(claim),
    ]
    loops = [_answer_place_values(claim.answer_place, subject)] if claim.answer_place is not None else []
    loops.extend(_line_values(line, subject) for line in claim.lines)
    return LoopValues("2200D", segments, loops, subject)


def _answer_place_values(place: AnswerPlace, subject: str) -> LoopValues:
    paperwork: dict[str, Value] = {"report_type": place.report_type, "transmission": place.transmission_code}
    if place.control_number:
        paperwork |= {"control_number_type": _ATTACHMENT_NUMBER, "control_number": place.control_number}
    segments = [
        SegmentValues("answer_paperwork", paperwork),
        *(contact_values("answer_contact", one) for one in place.contacts),
    ]
    if place.entity_code or place.name:
        name = plain(place.name, NAME_MAX)
        segments.append(segment("answer_name", entity=place.entity_code, last_or_organization_name=name))
    segments.extend(address_values("answer", place.address))
    return LoopValues("2210D", segments, (), subject)


def _line_values(line: RequestedLine, subject: str) -> LoopValues:
    service = service_values(
        line.code_type,
        line.hcpcs_code,
        line.modifiers,
        line.charge_amount_cents,
        line.revenue_code,
        line.submitted_quantity,
    )
    segments = (
        SegmentValues("service", service),
        *map(status_values, line.questions),
        *number_values("line_control_number", "FJ", line.line_control_number),
        *service_dates(line.service_from_date, line.service_to_date),
        *_due(line),
    )
    return LoopValues("2220D", segments, (), subject)


def _due(asked: RequestedClaim | RequestedLine) -> Iterator[SegmentValues]:
    if asked.due_date is not None:
        yield SegmentValues("due_date", span_values(DateSpan("106", asked.due_date, asked.due_date)))


def _named(loop_id: str, name: str, party: PartyRecord, entity: str, subject: str) -> LoopValues:
    return LoopValues(loop_id, (SegmentValues(name, name_values(party, entity)),), (), subject)
