"""Letters state what is on file, cite the payer's rules, and mark what is missing."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from docx import Document
from pypdf import PdfReader
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import RulebookError, UnusableInput
from cocm.cli.letter import command
from cocm.letters.files import letter_docx, letter_pdf
from cocm.letters.sheet import LetterDraft
from cocm.receivables.letter import draft_letter
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.rules import Rulebook
from cocm.rules.denial_causes import denial_causes
from cocm.rules.letters import letter_templates

AS_OF = date(2026, 5, 4)
TEMPLATES = letter_templates(Rulebook())


@pytest.fixture
def denied(closed: ClosedPractice) -> ClosedPractice:
    """P1's claim denied as misrouted."""
    line = Line("99493", 18000, (("CO", "109", 15000), ("PR", "3", 3000)), ("N418",))
    content = remittance(Decided(closed.claim_ids["P1"], (line,), status="4", payer_number="ICN77"))
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", content)])
    return closed


def draft(closed: ClosedPractice, letter_id: str, **given: str) -> LetterDraft:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        return draft_letter(books, closed.claim_ids["P1"], letter_id, given=given)


def text_of(letter: LetterDraft) -> str:
    return "\n".join("".join(piece.text for piece in paragraph) for paragraph in letter.paragraphs)


def test_every_letter_that_a_cause_asks_for_exists() -> None:
    asked = {cause.fix.letter for cause in denial_causes(Rulebook()).values() if cause.fix.letter}
    assert asked <= set(TEMPLATES)
    assert {"misroute_escalation", "patient_cost_share", "sb1320_inquiry"} <= set(TEMPLATES)


def test_the_misroute_letter_says_what_is_on_file(denied: ClosedPractice) -> None:
    letter = draft(denied, "misroute_escalation")
    text = text_of(letter)
    assert "your number ICN77" in text and "99493" in text and "Test Quill" in text
    assert "CO-109 (not this payer's claim" in text and "first date of receipt (April 2, 2026)" in text
    assert any("medical (since January 1, 2018" in cite for cite in letter.policy)


@pytest.mark.parametrize("letter_id", TEMPLATES)
def test_every_letter_is_written_whole(denied: ClosedPractice, letter_id: str) -> None:
    letter = draft(denied, letter_id, correction="place of service 11")
    pdf = "".join(page.extract_text() for page in PdfReader(BytesIO(letter_pdf(letter))).pages)
    docx = "\n".join(paragraph.text for paragraph in Document(BytesIO(letter_docx(letter))).paragraphs)
    assert letter.title in pdf and letter.title in docx
    for paragraph in text_of(letter).split("\n"):
        assert paragraph in docx
    assert letter_pdf(letter) == letter_pdf(letter)


def test_what_is_not_on_file_is_marked_and_listed(denied: ClosedPractice) -> None:
    letter = draft(denied, "corrected_claim")
    assert "[NOT ON FILE: correction]" in text_of(letter)
    assert "[NOT ON FILE: correction]" in letter.missing
    assert "[NOT ON FILE: correction]" not in text_of(
        draft(denied, "corrected_claim", correction="the place")
    )


def test_a_rule_that_nobody_has_established_is_not_cited(denied: ClosedPractice) -> None:
    letter = draft(denied, "appeal")
    label = "Days for the first appeal"
    assert f"{label} (appeal.first_level_days): no source that a letter may cite" in letter.missing
    assert not any(cite.startswith(label) for cite in letter.policy)


def test_the_duplicate_letter_carries_the_ledger(denied: ClosedPractice) -> None:
    letter = draft(denied, "duplicate_explanation")
    (row,) = letter.ledger
    assert (row.minutes, row.counted) == ("45", "45")
    assert "Counted for this claim: 45 minutes of 45 logged." in text_of(letter)


def test_the_command_writes_spanish_where_there_is_some(denied: ClosedPractice, tmp_path: Path) -> None:
    out = tmp_path / "carta.pdf"
    arguments = [
        str(denied.folder),
        "--claim",
        denied.claim_ids["P1"],
        "--as-of",
        "2026-05-04",
        "--out",
        str(out),
    ]
    done = CliRunner().invoke(command, [*arguments, "--letter", "patient_cost_share", "--language", "es"])
    assert done.exit_code == 0
    assert "marzo de 2026" in PdfReader(out).pages[0].extract_text()
    assert "su plan de salud" in PdfReader(out).pages[0].extract_text()
    refused = CliRunner().invoke(command, [*arguments, "--letter", "appeal", "--language", "es"])
    assert isinstance(refused.exception, UnusableInput)


@pytest.mark.parametrize(
    ("letter_id", "claim", "expected"),
    [("nonsense", None, "no such letter; there are appeal"), ("appeal", "C-NONE", "no such claim")],
)
def test_a_wrong_request_says_what_there_is(
    denied: ClosedPractice, letter_id: str, claim: str | None, expected: str
) -> None:
    with (
        open_books(BooksRequest(denied.folder, AS_OF)) as books,
        pytest.raises(UnusableInput, match=expected),
    ):
        draft_letter(books, claim or denied.claim_ids["P1"], letter_id)


def test_a_template_to_nobody_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "denials" / "letters"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("id: mine\ntitle: x\nto: nobody\nparagraphs: [y]\n")
    with pytest.raises(RulebookError, match="to is 'nobody'"):
        letter_templates(Rulebook([tmp_path]))
