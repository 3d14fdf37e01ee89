"""What a tired person gets wrong after the claim is refused by name, and nothing is lost without a word."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from closed_practice import ClosedPractice
from openpyxl import Workbook
from pypdf import PdfReader
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import TableError, UnusableInput
from cocm.basics.files import atomic_write
from cocm.basics.months import Month
from cocm.cli.explain import command as explain_command
from cocm.cli.letter import command as letter_command
from cocm.cli.options import today
from cocm.cli.record import command as record_command
from cocm.cli.settle import command as settle_command
from cocm.intake.agreements import COLUMNS, read_agreements
from cocm.intake.documents import read_documents
from cocm.receivables.ledger import ledger_entries
from cocm.receivables.packet import PacketRequest, make_packet
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.transfers import transfer_statement
from cocm.remits.journal import LedgerAccount, totals

AS_OF = date(2026, 5, 4)
TOMORROW = str(today() + timedelta(days=1))
WRONG_ENTRIES = [
    ({"--on": "1999-01-01"}, "is before 2026-03, the month of C-"),
    ({"--on": TOMORROW}, "is still to come"),
    ({"--on": "2026-04-20", "--by": "Jos\udce9"}, "--by: holds a line break or a character"),
    ({"--on": "2026-04-20", "--by": "Dana\nLee"}, "--by: holds a line break or a character"),
]


@pytest.mark.parametrize(("options", "expected"), WRONG_ENTRIES)
@pytest.mark.parametrize("what", ["patient-paid", "appealed"])
def test_a_wrong_day_or_name_is_refused(
    closed: ClosedPractice, what: str, options: dict[str, str], expected: str
) -> None:
    given = {"--claim": closed.claim_ids["P1"], "--by": "José Lee", **options}
    if what == "patient-paid":
        given |= {"--amount": "10", "--reason": "cheque"}
    asked = [str(closed.folder), what, *(part for pair in given.items() for part in pair)]
    done = CliRunner().invoke(settle_command if what == "patient-paid" else record_command, asked)
    assert done.exit_code and expected in f"{done.output} {done.exception}"


def test_a_second_claims_packet_never_takes_the_place_of_the_first(
    closed: ClosedPractice, tmp_path: Path
) -> None:
    books = BooksRequest(closed.folder, AS_OF)
    make_packet(PacketRequest(books, closed.claim_ids["P1"], tmp_path / "packet"))
    first = (tmp_path / "packet" / "packet.pdf").read_bytes()
    with pytest.raises(UnusableInput, match=f"holds the packet of {closed.claim_ids['P1']}"):
        make_packet(PacketRequest(books, closed.claim_ids["P2"], tmp_path / "packet"))
    make_packet(PacketRequest(books, closed.claim_ids["P1"], tmp_path / "packet"))
    assert (tmp_path / "packet" / "packet.pdf").read_bytes() == first


@pytest.mark.parametrize("content", [b"[]", b"{}", b"\xff", b""])
def test_a_packet_goes_over_nobody_elses_summary(
    closed: ClosedPractice, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "packet.json").write_bytes(content)
    with pytest.raises(UnusableInput, match=r"its packet\.json is none of ours"):
        make_packet(PacketRequest(BooksRequest(closed.folder, AS_OF), closed.claim_ids["P1"], tmp_path))


def test_books_end_on_their_last_day(closed: ClosedPractice) -> None:
    claim = Decided(closed.claim_ids["P1"], (Line("99493", 18000, (("CO", "45", 3000),)),))
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(claim))])
    sums = []
    for day in (date(2026, 3, 31), date(2026, 4, 19), date(2026, 4, 20)):
        with open_books(BooksRequest(closed.folder, day)) as books:
            found = totals(ledger_entries(books))
        sums.append((found.get(LedgerAccount.CASH, 0), -found.get(LedgerAccount.CHARGES, 0)))
    assert sums == [(0, 0), (0, 80000), (15000, 80000)]


def test_explaining_a_claim_that_is_not_there_is_no_clean_answer(tmp_path: Path) -> None:
    path = tmp_path / "era.835"
    path.write_bytes(remittance(Decided("C-1", (Line("99493", 18000),))))
    done = CliRunner().invoke(explain_command, [str(path), "--claim", "C-2"])
    assert isinstance(done.exception, UnusableInput) and "--claim C-2" in str(done.exception)
    assert CliRunner().invoke(explain_command, [str(path), "--claim", "C-1"]).exit_code == 0


def test_the_file_that_cannot_be_explained_is_named(tmp_path: Path) -> None:
    for name, content in (("good.835", remittance(Decided("C-1", (Line("99493", 100),)))), ("bad.835", b"")):
        (tmp_path / name).write_bytes(content)
    done = CliRunner().invoke(explain_command, [str(tmp_path / "good.835"), str(tmp_path / "bad.835")])
    assert "bad.835: " in str(done.exception)


def test_a_file_that_cannot_be_written_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    wanted = tmp_path / "missing" / "books.csv"
    with pytest.raises(OSError) as caught, atomic_write(wanted):
        pass
    assert caught.value.filename == str(wanted)


def agreement(tmp_path: Path, **cells: str) -> Path:
    row = {
        "agreement_id": "A1",
        "psychiatric_consultant_id": "PC1",
        "model": "retainer",
        "effective_from": "2026-01-01",
        "amount": "1000",
    } | cells
    path = tmp_path / "agreements.csv"
    path.write_text(",".join(COLUMNS) + "\n" + ",".join(row.get(name, "") for name in COLUMNS) + "\n")
    return path


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("agreement_id", "=cmd()"),
        ("agreement_id", "A 1"),
        ("effective_to", "2025-12-31"),
        ("effective_to", "2026-01-01"),
    ],
)
def test_an_agreement_that_cannot_be_meant_is_refused(tmp_path: Path, column: str, cell: str) -> None:
    with pytest.raises(TableError, match=f"row 2, column {column}"):
        read_agreements(agreement(tmp_path, **{column: cell}))


def test_nobody_is_owed_money_whom_the_staff_table_does_not_know(
    closed: ClosedPractice, tmp_path: Path
) -> None:
    request = BooksRequest(closed.folder, AS_OF)
    with pytest.raises(
        UnusableInput, match="agreement A1: the staff table has no psychiatric consultant BHCM1"
    ):
        transfer_statement(request, Month(2026, 3), agreement(tmp_path, psychiatric_consultant_id="BHCM1"))


def test_documents_lie_beside_a_workbook_too(closed: ClosedPractice) -> None:
    workbook = Workbook()
    for table in sorted(closed.folder.glob("*.csv")):
        with table.open(newline="") as lines:
            sheet = workbook.create_sheet(table.stem)
            for row in csv.reader(lines):
                sheet.append(row)
    path = closed.folder / "practice.xlsx"
    workbook.save(path)
    folder = closed.folder / "documents"
    folder.mkdir()
    (folder / "plan.pdf").write_bytes(b"%PDF-1.4")
    (folder / "index.csv").write_text(
        "document_id,patient_id,service_date,kind,title,file,part2_programme,part2_consent_date\n"
        "D1,P1,2026-03-02,care_plan,Plan,plan.pdf,,\n"
        "D2,P1,2026-03-02,care_plan,Plan,pl\0an.pdf,,\n"
        f"D3,P1,2026-03-02,care_plan,Plan,{'x' * 300}.pdf,,\n"
    )
    found, problems = read_documents(path, "P1", {"care_plan"})
    assert [document.document_id for document in found] == ["D1"]
    assert [problem.row_number for problem in problems] == [3, 4]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--set", "correction=line\x0bbreak"), "--set correction: holds a line break"),
        (("--sent-by", " "), "--sent-by: whoever sent it is named"),
    ],
)
def test_a_letter_of_wrong_words_is_not_written(
    closed: ClosedPractice, tmp_path: Path, options: tuple[str, str], expected: str
) -> None:
    done = letter(closed, tmp_path, "corrected_claim", *options)
    assert expected in str(done.exception) and not list(tmp_path.glob("*.docx"))


def test_sending_a_letter_that_no_timeline_shows_is_not_passed_over(
    closed: ClosedPractice, tmp_path: Path
) -> None:
    assert (
        "not recorded as sent" in letter(closed, tmp_path, "patient_cost_share", "--sent-by", "Dana").output
    )


def letter(closed: ClosedPractice, tmp_path: Path, letter_id: str, *options: str) -> Result:
    asked = ["--claim", closed.claim_ids["P1"], "--letter", letter_id, "--as-of", str(AS_OF), *options]
    return CliRunner().invoke(letter_command, [str(closed.folder), "--out", str(tmp_path / "l.docx"), *asked])


def test_a_document_is_refused_by_its_id_and_none_of_its_bytes_are_told(
    closed: ClosedPractice, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    add_document(closed, "plan.pdf", b"QUILL not a pdf", "Plan of Test Quill")
    with pytest.raises(UnusableInput, match="document D1: not a PDF") as caught:
        make_packet(PacketRequest(BooksRequest(closed.folder, AS_OF), closed.claim_ids["P1"], tmp_path / "p"))
    told = str(caught.value) + "".join(capfd.readouterr())
    assert "Quill" not in told and "QUILL" not in told


def test_a_note_saved_by_windows_keeps_its_letters(closed: ClosedPractice, tmp_path: Path) -> None:
    add_document(closed, "plan.txt", "señal de José".encode("cp1252"), "Plan")
    made = make_packet(
        PacketRequest(BooksRequest(closed.folder, AS_OF), closed.claim_ids["P1"], tmp_path / "p")
    )
    pages = (page.extract_text() for page in PdfReader(BytesIO(made.pdf)).pages)
    assert any("señal de José" in page for page in pages)


def add_document(closed: ClosedPractice, name: str, content: bytes, title: str) -> None:
    folder = closed.folder / "documents"
    folder.mkdir()
    (folder / name).write_bytes(content)
    (folder / "index.csv").write_text(
        "document_id,patient_id,service_date,kind,title,file,part2_programme,part2_consent_date\n"
        f"D1,P1,2026-03-02,care_plan,{title},{name},,\n"
    )
