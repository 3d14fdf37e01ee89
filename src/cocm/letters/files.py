"""A letter as DOCX, to be finished and signed, or as PDF."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.text import WD_COLOR_INDEX
from docx.shared import Pt
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from cocm.letters.sheet import LetterDraft, Piece
from cocm.letters.words import SPANISH, day_words

LEDGER_HEADING: Final = ("Date", "Minutes logged", "Counted", "Excluded, and why")
POLICY_HEADING: Final = "Policy this letter rests on"
POLICY_HEADING_ES: Final = "Reglas en que se basa esta carta"
_BODY: Final = ParagraphStyle(
    "body", fontName="Helvetica", fontSize=10.5, leading=14.5, spaceAfter=9, alignment=TA_LEFT
)
_SMALL: Final = ParagraphStyle("small", parent=_BODY, fontSize=8.5, leading=11, spaceAfter=3)
_TITLE: Final = ParagraphStyle("title", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, spaceBefore=6)


def letter_docx(draft: LetterDraft) -> bytes:
    """The letter as DOCX; what is missing is highlighted."""
    document = Document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(11)
    stamp = datetime(draft.day.year, draft.day.month, draft.day.day)  # noqa: DTZ001  # the format's own local stamp
    document.core_properties.created = document.core_properties.modified = stamp
    document.core_properties.title = draft.title
    for lines in (draft.sender, (day_words(draft.day, draft.language),), draft.addressee):
        document.add_paragraph("\n".join(line for line in lines if line))
    document.add_paragraph().add_run(draft.title).bold = True
    for paragraph in draft.paragraphs:
        written = document.add_paragraph()
        for piece in paragraph:
            run = written.add_run(piece.text)
            if piece.is_missing:
                run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    if draft.ledger:
        table = document.add_table(rows=1, cols=len(LEDGER_HEADING), style="Table Grid")
        for cell, text in zip(table.rows[0].cells, LEDGER_HEADING, strict=True):
            cell.text = text
        for row in draft.ledger:
            texts = (str(row.service_date), row.minutes, row.counted, row.why_excluded)
            for cell, text in zip(table.add_row().cells, texts, strict=True):
                cell.text = text
        document.add_paragraph()
    document.add_paragraph(f"{draft.signer}\n{draft.sender[0]}")
    if draft.policy:
        document.add_paragraph().add_run(_policy_heading(draft)).bold = True
        for cite in draft.policy:
            document.add_paragraph(cite, style="List Bullet")
    if draft.enclosures:
        document.add_paragraph(_enclosed(draft))
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def letter_pdf(draft: LetterDraft) -> bytes:
    """The letter as PDF, the same bytes for the same draft; what is missing is marked in red."""
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=LETTER,
        leftMargin=inch,
        rightMargin=inch,
        topMargin=0.9 * inch,
        bottomMargin=0.9 * inch,
        title=draft.title,
        author=draft.sender[0],
        invariant=1,
    )
    parts: list[Flowable] = []
    for lines in (draft.sender, (day_words(draft.day, draft.language),), draft.addressee):
        parts.append(Paragraph("<br/>".join(escape(line) for line in lines if line), _BODY))
    parts.append(Paragraph(escape(draft.title), _TITLE))
    parts += [Paragraph("".join(map(_marked, paragraph)), _BODY) for paragraph in draft.paragraphs]
    if draft.ledger:
        parts += [_ledger_table(draft), Spacer(1, 10)]
    parts.append(Paragraph(f"{escape(draft.signer)}<br/>{escape(draft.sender[0])}", _BODY))
    if draft.policy:
        parts.append(Paragraph(_policy_heading(draft), _TITLE))
        parts += [Paragraph(escape(cite), _SMALL) for cite in draft.policy]
    if draft.enclosures:
        parts.append(Paragraph(escape(_enclosed(draft)), _SMALL))
    document.build(parts)
    return out.getvalue()


def _ledger_table(draft: LetterDraft) -> Table:
    rows = [
        [Paragraph(text, _SMALL) for text in LEDGER_HEADING],
        *(
            [
                Paragraph(escape(text), _SMALL)
                for text in (str(row.service_date), row.minutes, row.counted, row.why_excluded)
            ]
            for row in draft.ledger
        ),
    ]
    table = Table(rows, colWidths=[0.9 * inch, 1.1 * inch, 0.9 * inch, 3.6 * inch], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _policy_heading(draft: LetterDraft) -> str:
    return POLICY_HEADING_ES if draft.language == SPANISH else POLICY_HEADING


def _enclosed(draft: LetterDraft) -> str:
    word = "Adjunto" if draft.language == SPANISH else "Enclosed"
    return f"{word}: {', '.join(draft.enclosures)}"


def _marked(piece: Piece) -> str:
    text = escape(piece.text)
    return f'<font color="#b00020"><b>{text}</b></font>' if piece.is_missing else text
