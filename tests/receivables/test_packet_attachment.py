"""The packet as a 275: it carries the C-CDA, answers the open request, and has a control number of its own."""

from __future__ import annotations

from datetime import date

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from status_maker import requested

from cocm.cli.packet import command
from cocm.receivables.packet import MadePacket, PacketRequest, make_packet
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.status import take_in_statuses
from cocm.x12 import read_275, validate

AS_OF = date(2026, 5, 4)


def made(closed: ClosedPractice, patient_id: str = "P1", sent_on: date | None = None) -> MadePacket:
    out = closed.folder.parent / f"packet-{patient_id}"
    books = BooksRequest(closed.folder, AS_OF)
    return make_packet(
        PacketRequest(books, closed.claim_ids[patient_id], out, "REQ1", sent_on, as_attachment=True)
    )


def ask(closed: ClosedPractice, *loinc_codes: str, category: str = "R4") -> None:
    content = requested(closed.claim_ids["P1"], *loinc_codes, due=date(2026, 5, 14), category=category)
    take_in_statuses(BooksRequest(closed.folder, AS_OF), [closed.file("ask.277", content)])


def test_it_answers_the_open_request_with_its_trace_and_questions(closed: ClosedPractice) -> None:
    ask(closed, "18842-5", "11506-3")
    packet = made(closed)
    assert validate(packet.attachment) == ()
    (told,) = read_275(packet.attachment)
    (document,) = told.documents
    assert told.is_solicited and told.patient_account_number == closed.claim_ids["P1"]
    assert (told.payer_claim_control_number, document.trace_number) == ("ICN1", "ICN1")
    assert [question.codes[0].status_code for question in document.questions] == ["18842-5", "11506-3"]
    assert {question.codes[0].code_list for question in document.questions} == {"LOI"}
    assert document.content == packet.cda
    assert (closed.folder.parent / "packet-P1" / "packet.275").read_bytes() == packet.attachment


@pytest.mark.parametrize("category", ["R3", "R4", "R6", "R15"])
def test_it_answers_in_the_category_it_was_asked_in(closed: ClosedPractice, category: str) -> None:
    ask(closed, "18842-5", "11506-3", category=category)
    packet = made(closed)
    assert validate(packet.attachment) == ()
    (told,) = read_275(packet.attachment)
    codes = [question.codes[0] for question in told.documents[0].questions]
    assert [(code.category_code, code.status_code) for code in codes] == [
        (category, "18842-5"),
        (category, "11506-3"),
    ]


def test_without_a_request_it_goes_unasked(closed: ClosedPractice) -> None:
    (told,) = read_275(made(closed).attachment)
    assert not told.is_solicited and told.documents[0].questions == ()
    assert told.documents[0].trace_number == closed.claim_ids["P1"]
    assert told.patient.identifier == "MP1"


def test_what_went_out_takes_its_control_number(closed: ClosedPractice) -> None:
    draft, sent = made(closed), made(closed, sent_on=AS_OF)
    assert draft.attachment == sent.attachment
    assert made(closed, "P2").attachment_number == (sent.attachment_number or 0) - 1


def test_the_command_writes_it_only_when_asked(closed: ClosedPractice) -> None:
    out = closed.folder.parent / "out-275"
    arguments = [
        str(closed.folder),
        "--claim",
        closed.claim_ids["P1"],
        "--out",
        str(out),
        "--as-of",
        "2026-05-04",
    ]
    assert CliRunner().invoke(command, arguments).exit_code == 1
    assert not (out / "packet.275").exists()
    told = CliRunner().invoke(command, [*arguments, "--x275"])
    assert (out / "packet.275").exists() and "control number 999999999" in told.output
