"""The month packet: what is there is shown, what may not leave does not, and the minutes can be checked."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from pypdf import PdfReader
from reportlab.pdfgen.canvas import Canvas

from cocm.basics.errors import TableError, UnusableInput
from cocm.claims.lifecycle import ClaimState
from cocm.cli.packet import command
from cocm.receivables.packet import MadePacket, PacketRequest, make_packet
from cocm.receivables.packet_content import Presence
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.timelines import standings

AS_OF = date(2026, 5, 4)
CDA = "{urn:hl7-org:v3}"
HEADER = "document_id,patient_id,service_date,kind,title,file,part2_programme,part2_consent_date\n"


def pdf_saying(text: str, pages: int = 1) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(pages):
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def with_documents(closed: ClosedPractice, index: str, **files: bytes) -> None:
    folder = closed.folder / "documents"
    folder.mkdir()
    (folder / "index.csv").write_text(HEADER + index)
    for name, content in files.items():
        (folder / name.replace("_", ".", 1)).write_bytes(content)


def made(closed: ClosedPractice, sent_on: date | None = None, patient_id: str = "P1") -> MadePacket:
    out = closed.folder.parent / "packet"
    return make_packet(
        PacketRequest(BooksRequest(closed.folder, AS_OF), closed.claim_ids[patient_id], out, "REQ9", sent_on)
    )


def text_of(packet: MadePacket) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(packet.pdf)).pages)


def test_the_packet_shows_the_month(closed: ClosedPractice) -> None:
    packet = made(closed)
    text = text_of(packet)
    for shown in ("March 2026", "45", "99493", "PHQ-9", "verbal", "Test LastPC1", "REQ9", "MP1"):
        assert shown in text
    presence = {item.item: item.presence for item in packet.content.items}
    assert presence["contacts"] is presence["consent"] is presence["scales"] is Presence.FOUND
    assert presence["care_plan"] is Presence.NOT_RECORDED
    pages = PdfReader(BytesIO(packet.pdf)).pages
    assert f"page 1 of {len(pages)}" in pages[0].extract_text()
    assert f"page {len(pages)} of {len(pages)}" in pages[-1].extract_text()


def test_documents_stand_in_the_contents_with_their_pages(closed: ClosedPractice) -> None:
    index = "D1,P1,2026-03-10,progress_note,Contact,a.pdf,,\nD2,P1,2026-01-02,care_plan,Plan,b.txt,,\n"
    with_documents(closed, index, a_pdf=pdf_saying("NOTE OF MARCH", 3), b_txt=b"PLAN OF JANUARY\n")
    packet = made(closed)
    pages = [page.extract_text() for page in PdfReader(BytesIO(packet.pdf)).pages]
    note = next(number for number, text in enumerate(pages, 1) if "NOTE OF MARCH" in text)
    assert f"Care manager's contact note, 2026-03-10: Contact {note}" in " ".join(pages[0].split())
    assert any("PLAN OF JANUARY" in text for text in pages)
    presence = {item.item: item.presence for item in packet.content.items}
    assert presence["care_plan"] is Presence.FOUND


def test_what_may_not_leave_does_not_and_is_not_told(closed: ClosedPractice) -> None:
    index = (
        "D1,P1,2026-03-10,psychotherapy_note,Private,a.pdf,,\n"
        "D2,P1,2026-03-11,other,Substance clinic,b.pdf,yes,\n"
        "D3,P1,2026-03-11,other,Consented,c.pdf,yes,2026-03-01\n"
        "D4,P1,2026-03-11,other,Later,d.pdf,yes,2026-06-01\n"
        "D5,P1,2026-02-11,progress_note,February,e.pdf,,\n"
        "D6,P2,2026-03-11,other,Somebody else,f.pdf,,\n"
    )
    files = {f"{name}_pdf": pdf_saying(f"SECRET {name}") for name in "abcdef"}
    with_documents(closed, index, **files)
    packet = made(closed)
    assert [document.document_id for document, _ in packet.content.documents] == ["D3"]
    assert [document_id for document_id, _ in packet.content.withheld] == ["D1", "D2", "D4"]
    text = text_of(packet)
    assert "SECRET c" in text
    for hidden in (
        "SECRET a",
        "SECRET b",
        "SECRET d",
        "SECRET e",
        "SECRET f",
        "Private",
        "Substance",
        "withheld",
    ):
        assert hidden not in text
    summary = (closed.folder.parent / "packet" / "packet.json").read_text()
    assert "D1" not in summary and "D2" not in summary


def test_anybody_can_check_the_minutes(closed: ClosedPractice) -> None:
    packet = made(closed)
    summary = json.loads((closed.folder.parent / "packet" / "packet.json").read_text())
    lines = "".join(f"{line}\n" for line in summary["ledger_lines"])
    assert hashlib.sha256(lines.encode()).hexdigest() == summary["ledger_sha256"]
    last = PdfReader(BytesIO(packet.pdf)).pages[-1].extract_text()
    assert summary["ledger_sha256"] in last and "minutes=45" in last


PUBLISHED_ORDER = {
    "ClinicalDocument": (
        "realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode",
        "languageCode", "setId", "versionNumber", "copyTime", "recordTarget", "author", "dataEnterer", "informant",
        "custodian", "informationRecipient", "legalAuthenticator", "authenticator", "participant", "inFulfillmentOf",
        "documentationOf", "relatedDocument", "authorization", "componentOf", "component",
    ),
    "patientRole": ("id", "addr", "telecom", "patient", "providerOrganization"),
    "patient": (
        "id", "name", "administrativeGenderCode", "birthTime", "maritalStatusCode", "religiousAffiliationCode",
        "raceCode", "ethnicGroupCode", "guardian", "birthplace", "languageCommunication",
    ),
    "author": ("functionCode", "time", "assignedAuthor"),
    "assignedAuthor": ("id", "code", "addr", "telecom", "assignedPerson", "representedOrganization"),
    "representedOrganization": ("id", "name", "telecom", "addr"),
    "representedCustodianOrganization": ("id", "name", "telecom", "addr"),
    "serviceEvent": ("id", "code", "effectiveTime", "performer"),
    "performer": ("functionCode", "time", "assignedEntity"),
    "assignedEntity": ("id", "code", "addr", "telecom", "assignedPerson", "representedOrganization"),
    "nonXMLBody": ("confidentialityCode", "languageCode", "text"),
}  # fmt: skip
"""The order in which the published structure (CDA R2, POCD_HD000040) takes an element's parts."""
SEVERAL = {"templateId", "id", "addr", "telecom", "author", "documentationOf", "performer", "name"}
WANTED = {
    "ClinicalDocument": {"typeId", "id", "code", "effectiveTime", "confidentialityCode", "recordTarget", "author",
                         "custodian", "component"},
    "patientRole": {"id", "addr", "telecom", "patient"},
    "author": {"time", "assignedAuthor"},
    "assignedAuthor": {"id", "addr", "telecom"},
    "representedCustodianOrganization": {"id", "name", "telecom", "addr"},
    "assignedEntity": {"id"},
    "nonXMLBody": {"text"},
}  # fmt: skip
"""What the structure or the US Realm header wants in it at least once."""


@pytest.mark.parametrize("patient_id", ["P1", "P4"])
def test_the_clinical_document_has_the_published_structure(closed: ClosedPractice, patient_id: str) -> None:
    seen = set()
    for element in ET.fromstring(made(closed, patient_id=patient_id).cda).iter():
        name = element.tag.removeprefix(CDA)
        parts = [part.tag.removeprefix(CDA) for part in element]
        if name in PUBLISHED_ORDER:
            seen.add(name)
            order = PUBLISHED_ORDER[name]
            assert parts == sorted(parts, key=order.index), name
            assert {part for part in parts if parts.count(part) > 1} <= SEVERAL, name
            assert WANTED.get(name, set()) <= set(parts), name
    assert seen == PUBLISHED_ORDER.keys()


def test_the_clinical_document_holds_the_very_pdf(closed: ClosedPractice) -> None:
    packet = made(closed)
    root = ET.fromstring(packet.cda)
    assert root.tag == f"{CDA}ClinicalDocument"
    order = [child.tag.removeprefix(CDA) for child in root]
    assert list(dict.fromkeys(order)) == [
        "realmCode", "typeId", "templateId", "id", "code", "title", "effectiveTime", "confidentialityCode",
        "languageCode", "recordTarget", "author", "custodian", "documentationOf", "component",
    ]  # fmt: skip
    text = root.find(f".//{CDA}nonXMLBody/{CDA}text")
    assert text is not None and text.text is not None
    assert (
        base64.b64decode(text.text)
        == packet.pdf
        == (closed.folder.parent / "packet" / "packet.pdf").read_bytes()
    )
    assert made(closed).cda == packet.cda


def test_sending_is_recorded_and_answers_the_request(closed: ClosedPractice) -> None:
    made(closed, sent_on=AS_OF)
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        assert next(standings(books, closed.claim_ids["P1"])).timeline.state is ClaimState.PENDED


def test_a_month_of_forty_notes_takes_under_three_seconds(
    closed: ClosedPractice, seconds_here: Callable[[float], float]
) -> None:
    rows = "".join(
        f"D{number},P1,2026-03-{number % 28 + 1:02d},progress_note,Note {number},n.pdf,,\n"
        for number in range(40)
    )
    with_documents(closed, rows, n_pdf=pdf_saying("NOTE", 2))
    started = time.process_time()
    packet = made(closed)
    assert len(packet.content.documents) == 40
    assert time.process_time() - started < seconds_here(3)


def test_bad_rows_of_the_index_are_named_and_the_rest_goes_on(closed: ClosedPractice) -> None:
    index = (
        "D1,P1,10.3.2026,progress_note,x,a.pdf,,\nD2,P1,2026-03-10,diary,x,a.pdf,,\n"
        "D3,P1,2026-03-10,other,x,../practice.csv,,\nD4,P1,2026-03-10,other,ok,a.pdf,,\n"
    )
    with_documents(closed, index, a_pdf=pdf_saying("x"))
    packet = made(closed)
    assert [document.document_id for document, _ in packet.content.documents] == ["D4"]
    assert [(problem.row_number, problem.column) for problem in packet.problems] == [
        (2, "service_date"), (3, "kind"), (4, "file"),
    ]  # fmt: skip


def test_a_document_that_is_no_pdf_is_named(closed: ClosedPractice) -> None:
    with_documents(closed, "D1,P1,2026-03-10,other,Broken scan,a.pdf,,\n", a_pdf=b"not a pdf")
    with pytest.raises(UnusableInput, match="document D1: not a PDF"):
        made(closed)
    assert not (closed.folder.parent / "packet").exists()


def test_an_index_without_a_column_is_refused(closed: ClosedPractice) -> None:
    with_documents(closed, "")
    (closed.folder / "documents" / "index.csv").write_text("document_id,file\n")
    with pytest.raises(TableError, match="kind"):
        made(closed)


def test_the_command_tells_completeness(closed: ClosedPractice, tmp_path: Path) -> None:
    arguments = [str(closed.folder), "--claim", closed.claim_ids["P1"], "--out", str(tmp_path / "p")]
    done = CliRunner().invoke(command, [*arguments, "--as-of", "2026-05-04"])
    assert done.exit_code == 1 and "not recorded  Care plan" in done.output
