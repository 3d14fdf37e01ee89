"""The month packet as one PDF: contents with page numbers, our records, the documents, the ledger and its hash."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError
from reportlab.lib import colors
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, Preformatted, SimpleDocTemplate, Spacer, Table, TableStyle

from cocm.basics.errors import UnusableInput
from cocm.letters.words import month_words
from cocm.receivables.packet_content import PacketContent, PacketItem

logging.getLogger("pypdf").addHandler(logging.NullHandler())  # its warnings repeat bytes of the documents

PAGES_MAX: Final = 5_000
_BODY: Final = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=5)
_CELL: Final = ParagraphStyle("cell", parent=_BODY, fontSize=8.5, leading=11, spaceAfter=0)
_HEAD: Final = ParagraphStyle("head", parent=_BODY, fontName="Helvetica-Bold", fontSize=11.5, spaceBefore=10)
_TITLE: Final = ParagraphStyle("title", parent=_HEAD, fontSize=16, leading=20)
_CODE: Final = ParagraphStyle("code", fontName="Courier", fontSize=6.6, leading=8.4)
_WIDTH: Final = LETTER[0] - 1.6 * inch


@dataclass(frozen=True, slots=True)
class PacketHead:
    """What the first page says: who sends it, about whom, to whom, in answer to which request."""

    practice: tuple[str, ...]
    patient: str
    member_id: str
    payer: str
    payer_claim_control_number: str
    request: str


def packet_pdf(content: PacketContent, head: PacketHead) -> bytes:
    """The packet; the same bytes for the same content. Raises `UnusableInput` naming a document that is no PDF."""
    parts: list[tuple[str, bytes]] = [("Records of the month", _records(content))]
    for document, kind in content.documents:
        title = document.title or kind.label
        part = _document_pdf(document.document_id, document.path, title)
        parts.append((f"{kind.label}, {document.service_date}: {title}", part))
    parts.append(("Minutes ledger and its hash", _ledger(content)))
    readers = [(title, PdfReader(BytesIO(part))) for title, part in parts]
    cover_pages = len(PdfReader(BytesIO(_cover(content, head, [(title, 0) for title, _ in parts]))).pages)
    starts = []
    page = cover_pages + 1
    for title, reader in readers:
        starts.append((title, page))
        page += len(reader.pages)
    if page > PAGES_MAX:
        raise UnusableInput(f"the packet would have {page:,} pages; at most {PAGES_MAX:,} are made")
    return _joined(_cover(content, head, starts), [reader for _, reader in readers], page - 1)


def _joined(cover: bytes, readers: Sequence[PdfReader], pages: int) -> bytes:
    writer = PdfWriter()
    numbers = PdfReader(BytesIO(_page_numbers(pages)))
    number = 0
    for reader in (PdfReader(BytesIO(cover)), *readers):
        for source in reader.pages:
            page = writer.add_page(source)
            page.merge_page(numbers.pages[number])
            number += 1
    writer.metadata = None
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _page_numbers(pages: int) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=LETTER, invariant=1)
    for number in range(1, pages + 1):
        canvas.setFont("Helvetica", 8)
        canvas.drawRightString(LETTER[0] - 0.6 * inch, 0.4 * inch, f"page {number} of {pages}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _cover(content: PacketContent, head: PacketHead, starts: Sequence[tuple[str, int]]) -> bytes:
    facts = [
        ("Patient", head.patient),
        ("Member", head.member_id),
        ("Month", month_words(content.month)),
        ("Payer", head.payer),
        ("Our claim", content.claim_id),
        ("Payer's claim number", head.payer_claim_control_number),
        ("In answer to", head.request),
    ]
    parts: list[Flowable] = [
        Paragraph("<br/>".join(escape(line) for line in head.practice), _BODY),
        Paragraph("Collaborative Care: documentation of one month", _TITLE),
        _table([(name, text) for name, text in facts if text], (1.6 * inch, _WIDTH - 1.6 * inch)),
        Paragraph("Contents", _HEAD),
        _table([(title, str(page)) for title, page in starts], (_WIDTH - 0.8 * inch, 0.8 * inch)),
    ]
    return _built(parts, "Collaborative Care documentation")


def _records(content: PacketContent) -> bytes:
    parts: list[Flowable] = []
    for item in content.items:
        parts.append(Paragraph(escape(item.title), _HEAD))
        parts.append(
            _rows(item) if item.rows else Paragraph(f"In this month's records: {item.presence}.", _BODY)
        )
    return _built(parts, "Records of the month")


def _rows(item: PacketItem) -> Flowable:
    return _table(
        [item.heading, *item.rows], (_WIDTH / len(item.heading),) * len(item.heading), has_heading=True
    )


def _ledger(content: PacketContent) -> bytes:
    parts: list[Flowable] = [
        Paragraph("Minutes ledger", _HEAD),
        Paragraph(
            "Entry, date, seconds logged, seconds counted, seconds not counted by reason. The hash is the SHA-256 of "
            "the lines below, each ended by a line feed.",
            _BODY,
        ),
        *(Preformatted(line, _CODE, maxLineLength=150) for line in content.ledger_lines),
        Spacer(1, 8),
        Paragraph(f"SHA-256 {content.ledger_hash}", _CODE),
        Spacer(1, 24),
        Paragraph(
            "I attest that these records are those of the month as they were written.<br/><br/><br/>"
            "Signature ______________________________ &nbsp;&nbsp; Date ______________",
            _BODY,
        ),
    ]
    return _built(parts, "Minutes ledger")


def _document_pdf(document_id: str, path: Path, title: str) -> bytes:
    content = path.read_bytes()
    if path.suffix.lower() == ".pdf":
        _check_pdf(document_id, content)
        return content
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")  # as Windows programs save plain text
    parts: list[Flowable] = [Paragraph(escape(title), _HEAD)]
    parts += [Paragraph(escape(line) or "&nbsp;", _BODY) for line in text.splitlines()]
    return _built(parts, title)


def _check_pdf(document_id: str, content: bytes) -> None:
    """Refuse a document that cannot go in, by its id: a title may name the patient."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted:
            raise UnusableInput(f"document {document_id}: the PDF is encrypted; save it without a password")
        len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise UnusableInput(
            f"document {document_id}: not a PDF that can be read ({type(problem).__name__})"
        ) from None


def _table(rows: Sequence[Sequence[str]], widths: tuple[float, ...], *, has_heading: bool = False) -> Table:
    table = Table(
        [[Paragraph(escape(str(cell)), _CELL) for cell in row] for row in rows],
        colWidths=widths,
        repeatRows=int(has_heading),
    )
    lines = TableStyle(
        [("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    )
    if has_heading:
        lines.add("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke)
    table.setStyle(lines)
    return table


def _built(parts: list[Flowable], title: str) -> bytes:
    out = BytesIO()
    edge = 0.8 * inch
    SimpleDocTemplate(
        out,
        pagesize=LETTER,
        title=title,
        invariant=1,
        leftMargin=edge,
        rightMargin=edge,
        topMargin=edge,
        bottomMargin=edge,
    ).build(parts)
    return out.getvalue()
