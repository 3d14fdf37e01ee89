"""The packet as an attachment (275): the C-CDA of a claim's month, answering the payer's request where one is open."""

from __future__ import annotations

import io
from datetime import datetime, time
from typing import Final

from cocm.basics.identity import stable_id
from cocm.claims.lifecycle import ClaimEvent
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.status import CATEGORY_DETAIL, DOCUMENTATION_ASKED
from cocm.receivables.timelines import ClaimStanding
from cocm.x12 import AttachedDocument, Attachment, ClaimRecord, Envelope, StatusCode, StatusRecord, write_275
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import CONTROL_NUMBER_MAX
from cocm.x12.information_request_record import LOINC

ATTACHMENT_DETAIL: Final = "attachment_number"
"""The name under which a claim event holds the control number of the attachment that went out."""
_SUBMITTER_IDENTIFIER: Final = "46"


def packet_275(
    books: OpenBooks, standing: ClaimStanding, sent: ClaimRecord, document: bytes, file_name: str, number: int
) -> bytes:
    """One interchange with one attachment: the document, the request's trace and the questions it answers.

    Without an open request it goes unasked, under the attachment control number that the claim announced (PWK06), else
    the claim's id. `number` is its control number. The same books, document and number make the same bytes. Raises
    `X12Error` for a document that is no C-CDA.
    """
    asked = standing.timeline.open_request
    practice = books.reference.practice
    today = books.request.as_of_date
    attachment = Attachment(
        reference=stable_id("B", sent.claim_id, number),
        payer=sent.payer,
        provider=sent.billing,
        patient=_patient(sent),
        documents=(
            AttachedDocument(
                trace_number=_trace(standing, sent, asked),
                content=document,
                sent_date=today,
                questions=_questions(asked),
                file_name=file_name,
            ),
        ),
        is_solicited=asked is not None,
        submitter=PartyRecord(False, practice.name, "", "", "", _SUBMITTER_IDENTIFIER, practice.submitter_id),
        patient_account_number=sent.claim_id,
        payer_claim_control_number=standing.timeline.payer_claim_control_number,
        service_from_date=min((line.service_from_date for line in sent.lines), default=None),
        service_to_date=max((line.service_to_date for line in sent.lines), default=None),
    )
    given = sent.transmission
    envelope = Envelope(
        sender_id=given.sender_id,
        sender_name=practice.name,
        contact_name=practice.contact_name,
        contact_phone=practice.phone,
        receiver_id=given.receiver_id,
        receiver_name=sent.payer.last_or_organization_name,
        created_at=datetime.combine(today, time()),
        interchange_control_number=number,
        group_control_number=number,
        is_test=given.is_test,
        sender_type=given.sender_type,
        receiver_type=given.receiver_type,
    )
    out = io.BytesIO()
    write_275([attachment], envelope, out)
    return out.getvalue()


def next_attachment_number(books: OpenBooks) -> int:
    """The next free control number of attachments: they count down from the highest, as claim files count up."""
    used = books.remittances.numbers_in_events(ATTACHMENT_DETAIL)
    return min(used, default=CONTROL_NUMBER_MAX + 1) - 1


def _patient(sent: ClaimRecord) -> PartyRecord:
    """The patient by name with the member id, which on the claim stands with the subscriber."""
    patient, subscriber = sent.patient, sent.subscriber
    return PartyRecord(
        True,
        patient.last_or_organization_name,
        patient.first_name,
        patient.middle_name,
        patient.name_suffix,
        subscriber.identifier_type,
        subscriber.identifier,
    )


def _trace(standing: ClaimStanding, sent: ClaimRecord, asked: ClaimEvent | None) -> str:
    """The request's trace; of an unasked attachment what the claim announced it by."""
    if asked is not None:
        told = dict(asked.detail).get("trace", "")
        return told or asked.reference or standing.timeline.payer_claim_control_number or sent.claim_id
    return next((one.control_number for one in sent.paperwork if one.control_number), sent.claim_id)


def _questions(asked: ClaimEvent | None) -> tuple[StatusRecord, ...]:
    """One status for each document type (LOINC) that was asked for, in the category it was asked in."""
    if asked is None:
        return ()
    categories = dict(told.split(" ", 1) for name, told in asked.detail if name == CATEGORY_DETAIL)
    return tuple(
        StatusRecord((StatusCode(categories.get(code, DOCUMENTATION_ASKED), code, "", LOINC),), asked.day)
        for name, code in asked.detail
        if name == "loinc"
    )
