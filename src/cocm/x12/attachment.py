"""Reads attachments to claims (275 at 006020X314 and 005010X210), and writes the former.

A document goes as a C-CDA (a PDF stands inside one as its unstructured body); a bare PDF only where the partner takes
it. What the public text on the 6020 guide leaves open is said at the head of its map.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.attachment_record import (
    DEFAULT_PARTNER,
    SOLICITED,
    UNSOLICITED,
    AttachedDocument,
    Attachment,
    AttachmentPartner,
    DocumentForm,
)
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.envelope import Envelope
from cocm.x12.loop_tree import LoopNode, TransactionTree
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import place
from cocm.x12.service_values import number_values, service_dates, service_span
from cocm.x12.status_record import status_values, statuses
from cocm.x12.tokens import BINARY_BYTES_MAX, Source
from cocm.x12.tree_reader import read_transactions
from cocm.x12.tree_values import (
    address_values,
    contact_values,
    contacts,
    day_text,
    name_values,
    reference_values,
    references,
    span_record,
    span_values,
)
from cocm.x12.tree_writer import LoopValues, SegmentValues, Value, Written, segment, write_trees
from cocm.x12.wire_parts import ContactRecord, DateSpan

ATTACHMENT_GUIDE: Final = "006020X314"
OLD_ATTACHMENT_GUIDE: Final = "005010X210"

_SENT: Final = "368"
_BASE64: Final = "B64"
_MIME_BEGINNINGS: Final = (b"mime-version:", b"content-type:", b"content-transfer-encoding:")
_MIME_LINE_CHARACTERS: Final = 76
_PARTY_TAGS: Final = frozenset({"NM1", "N3", "N4"})
_FORMS: Final = {DocumentForm.CLINICAL_DOCUMENT: "HL", DocumentForm.PDF: "IA"}
_OBJECT_TYPE, _OBJECT_NAME = "47", "ATTACHMENT"
_NUMBERS: Final = (
    ("patient_account_number", "EJ"),
    ("payer_claim_control_number", "1K"),
    ("provider_control_number", "X1"),
    ("medical_record_number", "EA"),
    ("bill_type", "BLT"),
    ("clearinghouse_number", "D9"),
)


def read_275(source: Source) -> Iterator[Attachment]:
    """The attachments of a file in their order, one claim each, whichever of the two guides they follow.

    Documents come without filter (base64) and without their MIME wrapping. Raises `X12Error` for a file that cannot be
    read or holds another transaction, and for content that is not what its filter says.
    """
    parties = PartyReader()
    return (
        _read(parties, tree) for tree in read_transactions(source, (ATTACHMENT_GUIDE, OLD_ATTACHMENT_GUIDE))
    )


def write_275(
    attachments: Iterable[Attachment],
    envelope: Envelope,
    out: BinaryIO,
    *,
    partner: AttachmentPartner = DEFAULT_PARTNER,
) -> Written:
    """Write attachments at 006020X314 as one interchange, a transaction for each claim.

    Raises `X12Error` naming the claim for a document that is no C-CDA (or PDF, where the partner takes it), and for
    what the guide does not allow; then nothing is written.
    """
    return write_trees(
        ATTACHMENT_GUIDE, map(partial(_transaction, envelope, partner), attachments), envelope, out
    )


def _read(parties: PartyReader, tree: TransactionTree) -> Attachment:
    root = tree.root
    start, patient = root.find("transaction_start"), root.child("1000D")
    payer, provider = root.child("1000A"), root.child("1000C")
    submitter = root.child("1000B")
    if start is None or payer is None or provider is None or patient is None:
        raise X12Error(
            f"byte {root.start}: the attachment lacks its beginning (BGN), or payer (1000A), provider (1000C) or "
            "patient (1000D)"
        )
    first, last = service_span(patient)
    numbers = {name: patient.value(name, "number") for name, _ in _NUMBERS}
    return Attachment(
        reference=start.value("reference"),
        payer=_party(parties, payer),
        provider=_party(parties, provider),
        patient=_party(parties, patient),
        documents=tuple(map(_document, root.children("2000A"))),
        is_solicited=start.value("purpose") == SOLICITED,
        submitter=_party(parties, submitter) if submitter is not None else None,
        payer_contacts=contacts(payer.find_all("payer_contact")),
        submitter_contacts=contacts(submitter.find_all("submitter_contact")) if submitter is not None else (),
        service_from_date=first,
        service_to_date=last,
        origin=tree.origin,
        segments=tuple(one for one in root.all_segments() if one.use is None),
        start=root.start,
        end=root.end,
        **numbers,
    )


def _party(parties: PartyReader, loop: LoopNode) -> PartyRecord:
    return parties.party([one for one in loop.segments if one.segment.tag in _PARTY_TAGS])


def _document(loop: LoopNode) -> AttachedDocument:
    holder = loop.child("2110")
    placed = holder.find("content") if holder is not None else None
    if placed is None:
        raise X12Error(f"{place(loop.segments[0].segment)}: the answer lacks its document (BDS or BIN)")
    content, file_name = _unwrapped(_unfiltered(placed))
    dates = {one.kind: one.from_date for one in map(span_record, loop.find_all("document_dates"))}
    return AttachedDocument(
        trace_number=loop.value("trace", "trace_number"),
        content=content,
        sent_date=dates.get(_SENT),
        questions=statuses(loop.find_all("status")),
        line_control_number=loop.value("line_control_number", "number"),
        numbers=references(loop.find_all("line_numbers")),
        file_name=file_name,
        segments=tuple(loop.all_segments()),
        start=loop.start,
        end=loop.end,
    )


def _unfiltered(placed: PlacedSegment) -> bytes:
    """The bytes of a BDS or BIN segment, its filter undone."""
    use = placed.use
    assert use is not None  # it was found by its name
    data = placed.segment.value(use.element("data").position).encode("latin-1")
    if "filter" not in use.by_name or placed.value("filter").upper() != _BASE64:
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error:
        raise X12Error(f"{place(placed.segment)}, BDS03: expected base64, as BDS01 says") from None


def _unwrapped(data: bytes) -> tuple[bytes, str]:
    """The document inside a MIME part, with its file name; data that is none as it is."""
    if not data[:64].lstrip().lower().startswith(_MIME_BEGINNINGS):
        return data, ""
    from email import message_from_bytes  # some 30 ms that only a MIME part needs

    message = message_from_bytes(data.lstrip())
    parts = [part for part in message.walk() if not part.is_multipart()]
    if not parts:
        return data, ""
    # of several parts the document is the largest; a header part stands beside it in older attachments
    contents = [(_payload(part.get_payload(decode=True)), part.get_filename() or "") for part in parts]
    return max(contents, key=lambda one: len(one[0]))


def _payload(payload: object) -> bytes:
    return payload if isinstance(payload, bytes) else b""


def _transaction(envelope: Envelope, partner: AttachmentPartner, attachment: Attachment) -> LoopValues:
    subject = f"attachment {attachment.reference}"
    if attachment.patient_account_number:
        subject = f"claim {attachment.patient_account_number}, {subject}"
    purpose, trace_type = (SOLICITED, "2") if attachment.is_solicited else (UNSOLICITED, "1")
    start = segment(
        "transaction_start",
        purpose=purpose,
        reference=attachment.reference,
        date=day_text(envelope.created_at.date()),
    )
    loops = [_named("1000A", "payer", "PR", attachment.payer, attachment.payer_contacts, subject)]
    if attachment.submitter is not None:
        submitter = attachment.submitter
        loops.append(_named("1000B", "submitter", "41", submitter, attachment.submitter_contacts, subject))
    loops.append(_named("1000C", "provider", "1P", attachment.provider, (), subject))
    patient = [SegmentValues("patient_name", name_values(attachment.patient, "QC"))]
    for name, kind in _NUMBERS:
        patient.extend(number_values(name, kind, getattr(attachment, name)))
    patient.extend(service_dates(attachment.service_from_date, attachment.service_to_date))
    loops.append(LoopValues("1000D", patient, (), subject))
    loops.extend(
        _document_values(document, number, trace_type, partner, subject)
        for number, document in enumerate(attachment.documents, start=1)
    )
    return LoopValues("transaction", (start,), loops, subject)


def _named(
    loop_id: str, who: str, entity: str, party: PartyRecord, given: Iterable[ContactRecord], subject: str
) -> LoopValues:
    segments = [SegmentValues(f"{who}_name", name_values(party, entity))]
    if who == "provider":
        segments.extend(address_values(who, party.address))
    segments.extend(contact_values(f"{who}_contact", one) for one in given)
    return LoopValues(loop_id, segments, (), subject)


def _document_values(
    document: AttachedDocument, number: int, trace_type: str, partner: AttachmentPartner, subject: str
) -> LoopValues:
    form = _FORMS.get(document.form)
    if form is None or (document.form is DocumentForm.PDF and not partner.takes_pdf):
        raise X12Error(
            f"{subject}, document {number}: expected a C-CDA (XML, ClinicalDocument of urn:hl7-org:v3)"
            + (", or a PDF" if partner.takes_pdf else "; put a PDF inside one as its unstructured body")
        )
    data = _filtered(document, partner)
    if len(data) > BINARY_BYTES_MAX:
        raise X12Error(f"{subject}, document {number}: {len(data)} bytes; the limit is {BINARY_BYTES_MAX}")
    content: dict[str, Value] = {"filter": _BASE64, "byte_count": str(len(data)), "data": data}
    holder = LoopValues(
        "2110",
        (
            segment("category", report_type="AE", content_form=form),
            segment("object", object_number=str(number), object_type=_OBJECT_TYPE, object_name=_OBJECT_NAME),
            SegmentValues("content", content),
        ),
        (),
        subject,
    )
    segments = (
        segment("line_number", line_number=str(number)),
        segment("trace", trace_type=trace_type, trace_number=document.trace_number),
        *map(status_values, document.questions),
        *number_values("line_control_number", "FJ", document.line_control_number),
        *reference_values("line_numbers", document.numbers),
        *_sent(document.sent_date),
    )
    return LoopValues("2000A", segments, (holder,), subject)


def _sent(day: date | None) -> Iterator[SegmentValues]:
    if day is not None:
        yield SegmentValues("document_dates", span_values(DateSpan(_SENT, day, day)))


def _filtered(document: AttachedDocument, partner: AttachmentPartner) -> str:
    """The document in base64, where the partner wants it as a MIME part."""
    content = document.content
    if partner.wraps_in_mime:
        lines = base64.b64encode(content).decode("ascii")
        name = document.file_name
        if '"' in name or not name.isprintable() or not name.isascii():
            raise X12Error(
                f"trace {document.trace_number}: a file name has printable ASCII characters, no quotation mark"
            )
        headers = [
            "MIME-Version: 1.0",
            f"Content-Type: {document.form.value}",
            "Content-Transfer-Encoding: base64",
        ]
        if name:
            headers.append(f'Content-Disposition: attachment; filename="{name}"')
        body = [lines[at : at + _MIME_LINE_CHARACTERS] for at in range(0, len(lines), _MIME_LINE_CHARACTERS)]
        content = "\r\n".join((*headers, "", *body, "")).encode("ascii")
    return base64.b64encode(content).decode("ascii")
