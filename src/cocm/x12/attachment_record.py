"""Attachments to claims (275 at 006020X314, and at 005010X210 from older senders): documents for one claim.

The same records are read and written; what a file gives beyond its content takes no part in comparing them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import Origin
from cocm.x12.status_record import StatusRecord
from cocm.x12.wire_parts import ContactRecord, Reference

UNSOLICITED: Final = "02"
SOLICITED: Final = "11"

_PDF_BEGINNING: Final = b"%PDF-"
_CLINICAL_DOCUMENT: Final = (b"<ClinicalDocument", b":ClinicalDocument")
_CLINICAL_NAMESPACE: Final = b"urn:hl7-org:v3"
# A document's root element stands behind its declaration and perhaps a style sheet, never far into the file.
_LOOKED_AT_BYTES: Final = 8192


class DocumentForm(StrEnum):
    """What a document is, by its first bytes."""

    CLINICAL_DOCUMENT = "text/xml"
    PDF = "application/pdf"
    OTHER = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class AttachedDocument:
    """One document (an LX). `content` is the document itself, without filter and wrapping.

    `trace_number` is the claim's attachment control number (PWK06), or the trace of the request it answers; `questions`
    are those it answers. `line_control_number` names the service line it is about; empty: the whole claim.
    """

    trace_number: str
    content: bytes = field(repr=False)
    sent_date: date | None
    questions: tuple[StatusRecord, ...] = ()
    line_control_number: str = ""
    numbers: tuple[Reference, ...] = ()
    file_name: str = ""
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def form(self) -> DocumentForm:
        """What the document is."""
        head = self.content[:_LOOKED_AT_BYTES]
        if head.startswith(_PDF_BEGINNING):
            return DocumentForm.PDF
        is_clinical = any(name in head for name in _CLINICAL_DOCUMENT) and _CLINICAL_NAMESPACE in head
        return DocumentForm.CLINICAL_DOCUMENT if is_clinical else DocumentForm.OTHER


@dataclass(frozen=True, slots=True)
class Attachment:
    """One transaction: the documents for one claim. `is_solicited`: it answers a payer's request (277).

    `patient_account_number` (REF EJ) is the claim's id, `provider_control_number` (REF X1) the same where a partner
    wants it there; `payer_claim_control_number` (REF 1K) is the payer's.
    """

    reference: str
    payer: PartyRecord
    provider: PartyRecord
    patient: PartyRecord
    documents: tuple[AttachedDocument, ...]
    is_solicited: bool = False
    submitter: PartyRecord | None = None
    payer_contacts: tuple[ContactRecord, ...] = ()
    submitter_contacts: tuple[ContactRecord, ...] = ()
    patient_account_number: str = ""
    payer_claim_control_number: str = ""
    provider_control_number: str = ""
    medical_record_number: str = ""
    bill_type: str = ""
    clearinghouse_number: str = ""
    service_from_date: date | None = None
    service_to_date: date | None = None
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class AttachmentPartner:
    """What a partner's companion guide wants: each document as a MIME part inside base64, as UnitedHealthcare and CMS
    esMD do, or alone in base64; and whether a bare PDF is taken beside C-CDA documents.
    """

    wraps_in_mime: bool = True
    takes_pdf: bool = False


DEFAULT_PARTNER: Final = AttachmentPartner()
