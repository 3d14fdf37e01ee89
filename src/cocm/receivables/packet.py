"""Makes the month packet of a claim from the practice's tables and documents, and records that it was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.identity import Provenance, stable_id
from cocm.claims.lifecycle import ClaimEvent, ClaimEventKind
from cocm.intake.documents import read_documents
from cocm.intake.problems import RowProblem
from cocm.receivables.letter_facts import address_lines
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.packet_275 import ATTACHMENT_DETAIL, next_attachment_number, packet_275
from cocm.receivables.packet_cda import packet_cda
from cocm.receivables.packet_content import PacketContent, packet_content
from cocm.receivables.packet_pdf import PacketHead, packet_pdf
from cocm.receivables.practice_books import BooksRequest, OpenBooks, open_books
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.receivables.words import service_words
from cocm.rules.document_kinds import document_kinds

PDF_NAME = "packet.pdf"
CDA_NAME = "packet.xml"
SUMMARY_NAME = "packet.json"
ATTACHMENT_NAME = "packet.275"


@dataclass(frozen=True, slots=True)
class PacketRequest:
    """Which claim's month. `reference` is the payer's number of its request; `sent_on` records that it went out.

    `as_attachment` asks for the C-CDA as an attachment (275) beside it.
    """

    books: BooksRequest
    claim_id: str
    out: Path
    reference: str = ""
    sent_on: date | None = None
    as_attachment: bool = False


@dataclass(frozen=True, slots=True)
class MadePacket:
    """What was made: the content with its completeness, the files' sizes, and rows of the index that were left out."""

    content: PacketContent
    pdf: bytes
    cda: bytes
    problems: tuple[RowProblem, ...]
    attachment: bytes = b""
    attachment_number: int | None = None


def make_packet(request: PacketRequest) -> MadePacket:
    """Write packet.pdf, packet.xml and packet.json (and packet.275 where it is asked for) into the out folder.

    Raises `UnusableInput` for a claim that is not on file, a patient the tables no longer hold, a document that cannot
    be read, or a folder that holds another claim's packet; then nothing is written.
    """
    with open_books(request.books, is_read_only=request.sent_on is None) as books:
        standing = next(standings(books, request.claim_id), None)
        if standing is None:
            raise UnusableInput(f"--claim {request.claim_id}: the state has no such claim")
        _check_folder(request)
        made = _made(books, standing, request)
        request.out.mkdir(parents=True, exist_ok=True)
        for name, content in (
            (PDF_NAME, made.pdf),
            (CDA_NAME, made.cda),
            (SUMMARY_NAME, _summary(books, made)),
            *(((ATTACHMENT_NAME, made.attachment),) if made.attachment else ()),
        ):
            with atomic_write(request.out / name) as stream:
                stream.write(content)
        if request.sent_on is not None:
            books.remittances.add_claim_events([_sent(request, request.sent_on, made)], None)
            books.state.commit()
    return made


def _check_folder(request: PacketRequest) -> None:
    """Refuse a folder with the packet of another claim: it would be lost, and the wrong one sent."""
    if request.out.exists() and not request.out.is_dir():
        raise UnusableInput(f"--out {request.out}: is a file; name a folder for the packet")
    try:
        there = json.loads((request.out / SUMMARY_NAME).read_bytes())
        claim_id = str(there["claim_id"])
    except FileNotFoundError:
        return
    except (ValueError, KeyError, TypeError):
        raise UnusableInput(
            f"--out {request.out}: its {SUMMARY_NAME} is none of ours; name a folder of its own for the packet"
        ) from None
    if claim_id != request.claim_id:
        raise UnusableInput(
            f"--out {request.out}: holds the packet of {claim_id}; give each claim its own folder"
        )


def _made(books: OpenBooks, standing: ClaimStanding, request: PacketRequest) -> MadePacket:
    claim = standing.rows.claim
    month_case = month_cases(books, [claim]).get(claim.claim_id)
    if month_case is None or month_case.sent is None:
        raise UnusableInput(
            f"--claim {claim.claim_id}: the practice's tables no longer hold its patient or payer; "
            "give the tables the claim was made from"
        )
    kinds = document_kinds(books.rulebook)
    documents, problems = read_documents(books.request.practice, claim.patient_id, kinds)
    content = packet_content(
        claim.claim_id,
        month_case.case,
        month_case.proposal,
        [service_words(line) for line in month_case.sent.lines],
        books.reference.staff,
        documents,
        kinds,
        books.request.as_of_date,
    )
    pdf = packet_pdf(content, _head(books, standing, month_case, request.reference))
    cda = packet_cda(content, month_case.case, pdf, books.request.as_of_date)
    if not request.as_attachment:
        return MadePacket(content, pdf, cda, tuple(problems))
    number = next_attachment_number(books)
    attachment = packet_275(books, standing, month_case.sent, cda, CDA_NAME, number)
    return MadePacket(content, pdf, cda, tuple(problems), attachment, number)


def _head(books: OpenBooks, standing: ClaimStanding, month_case: MonthCase, reference: str) -> PacketHead:
    patient = month_case.case.patient
    payer = month_case.case.payer
    asked = standing.timeline.open_request
    return PacketHead(
        practice=address_lines(books.reference.practice),
        patient=f"{patient.first_name} {patient.last_name}, born {patient.birth_date}",
        member_id=month_case.sent.member_id if month_case.sent is not None else "",
        payer=payer.name if payer is not None else standing.rows.claim.payer_id,
        payer_claim_control_number=standing.timeline.payer_claim_control_number,
        request=reference or (f"request of {asked.day}" if asked is not None else ""),
    )


def _sent(request: PacketRequest, sent_on: date, made: MadePacket) -> ClaimEvent:
    detail: tuple[tuple[str, str], ...] = (
        ("ledger_hash", made.content.ledger_hash),
        ("reference", request.reference),
    )
    if made.attachment_number is not None:
        detail += ((ATTACHMENT_DETAIL, str(made.attachment_number)),)
    event_id = stable_id("V", request.claim_id, ClaimEventKind.RECORDS_SENT, sent_on, detail)
    return ClaimEvent(event_id, request.claim_id, ClaimEventKind.RECORDS_SENT, sent_on, detail=detail)


def _summary(books: OpenBooks, made: MadePacket) -> bytes:
    content = made.content
    provenance = Provenance(
        books.reference.practice.organization_id, books.request.as_of_date, books.rulebook.content_hash
    )
    document = {
        **provenance.as_json(),
        "claim_id": content.claim_id,
        "month": str(content.month),
        "completeness_percent": content.completeness_percent,
        "items": [
            {"item": item.item, "title": item.title, "presence": item.presence, "loinc": item.loinc_code}
            for item in content.items
        ],
        "documents": [
            {"document_id": document.document_id, "kind": kind.kind, "loinc": kind.loinc_code}
            for document, kind in content.documents
        ],
        "ledger_sha256": content.ledger_hash,
        "ledger_lines": list(content.ledger_lines),
    }
    return (json.dumps(document, indent=2) + "\n").encode()
