import base64
import io
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.attachment import read_275, write_275
from cocm.x12.attachment_record import AttachedDocument, Attachment, AttachmentPartner, DocumentForm
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.status_record import StatusCode, StatusRecord
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate
from cocm.x12.wire_parts import Reference

ENVELOPE = Envelope("LAKESIDE01", "", "", "", "GHP01", "", datetime(2026, 5, 20, 9, 30), 7, 8)
PAYER = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
SENDER = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "46", "LAKESIDE01")
CLINIC = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
PATIENT = PartyRecord(True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001")
CCDA = '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Plan ~ * : é</title>'.encode()
PDF = b"%PDF-1.7\n\x00\xff~*IEA*1*~ISA"
ASKED = StatusRecord((StatusCode("R4", "18842-5", "", "LOI"),), date(2026, 5, 1))
DOCUMENT = AttachedDocument("AC-1", CCDA, date(2026, 5, 20))
ATTACHMENT = Attachment(
    "ATT-1", PAYER, CLINIC, PATIENT, (DOCUMENT,), submitter=SENDER, patient_account_number="C-1",
    payer_claim_control_number="ICN1", service_from_date=date(2026, 3, 1), service_to_date=date(2026, 3, 31),
)  # fmt: skip
PLAIN = AttachmentPartner(wraps_in_mime=False)


def written(
    *attachments: Attachment,
    partner: AttachmentPartner = PLAIN,
    delimiters: Delimiters = ENVELOPE.delimiters,
) -> bytes:
    out = io.BytesIO()
    write_275(attachments, replace(ENVELOPE, delimiters=delimiters), out, partner=partner)
    return out.getvalue()


def test_a_document_goes_with_its_claim_and_length() -> None:
    content = written(ATTACHMENT)
    data = base64.b64encode(CCDA)

    assert validate(content) == ()
    assert b"*^*00602*" in content and b"GS*PI*LAKESIDE01*GHP01*20260520*0930*8*X*006020X314~" in content
    assert (
        b"ST*275*0001*006020X314~BGN*02*ATT-1*20260520~NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01~" in content
    )
    assert (
        b"NM1*QC*1*DAVIS*ARIANA****MI*GHP000000001~REF*EJ*C-1~REF*1K*ICN1~DTP*472*RD8*20260301-20260331~"
        in content
    )
    expected = b"LX*1~TRN*1*AC-1~DTP*368*D8*20260520~CAT*AE*HL~OOI*1*47*ATTACHMENT~BDS*B64*%d*%s~SE*" % (
        len(data),
        data,
    )
    assert expected in content


def test_an_answer_names_the_request_and_its_question() -> None:
    answer = replace(
        ATTACHMENT, is_solicited=True, documents=(replace(DOCUMENT, trace_number="ICN1", questions=(ASKED,)),)
    )

    content = written(answer)

    assert b"BGN*11*ATT-1*" in content
    assert b"TRN*2*ICN1~STC*R4:18842-5::LOI*20260501~" in content
    assert list(read_275(content)) == [answer]


def test_a_document_is_wrapped_in_mime_unless_the_partner_wants_it_alone() -> None:
    attachment = replace(ATTACHMENT, documents=(replace(DOCUMENT, file_name="plan.xml"),))

    content = written(attachment, partner=AttachmentPartner())

    data = content[content.index(b"BDS*B64*") :].split(b"*")[3].split(b"~")[0]
    part = base64.b64decode(data)
    assert part.startswith(
        b"MIME-Version: 1.0\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: base64\r\n"
    )
    assert list(read_275(content)) == [attachment]


def test_a_bare_pdf_goes_only_to_a_partner_that_takes_it() -> None:
    attachment = replace(ATTACHMENT, documents=(replace(DOCUMENT, content=PDF),))

    with pytest.raises(
        X12Error, match=r"claim C-1, attachment ATT-1, document 1: expected a C-CDA .*unstructured"
    ):
        written(attachment)

    content = written(attachment, partner=AttachmentPartner(takes_pdf=True))
    assert b"CAT*AE*IA~" in content
    (read,) = read_275(content)
    assert (read.documents[0].content, read.documents[0].form) == (PDF, DocumentForm.PDF)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"documents": (replace(DOCUMENT, content=b"<html/>"),)}, "expected a C-CDA"),
        ({"documents": (replace(DOCUMENT, content=b""),)}, "expected a C-CDA"),
        ({"documents": ()}, "2000A"),
        ({"documents": (replace(DOCUMENT, trace_number=""),)}, "TRN02"),
        ({"reference": ""}, "BGN02"),
        ({"provider": replace(CLINIC, identifier="1234567890")}, "NM109"),
    ],
)
def test_what_must_not_go_out_is_refused_by_name(changes: dict[str, object], expected: str) -> None:
    out = io.BytesIO()

    with pytest.raises(X12Error, match=expected):
        write_275([replace(ATTACHMENT, **changes)], ENVELOPE, out)

    assert out.getvalue() == b""


def test_a_quotation_mark_in_a_file_name_is_refused() -> None:
    attachment = replace(ATTACHMENT, documents=(replace(DOCUMENT, file_name='a".xml'),))

    with pytest.raises(X12Error, match="file name"):
        written(attachment, partner=AttachmentPartner())


def old_attachment(data: bytes) -> bytes:
    """The same attachment as a sender of release 5010 has it: raw bytes in a BIN segment."""
    content = written(ATTACHMENT).replace(b"006020X314", b"005010X210").replace(b"*00602*", b"*00501*")
    start, end = content.index(b"OOI*"), content.index(b"SE*")
    return content[:start] + b"EFI*05~BIN*%d*%s~" % (len(data), data) + content[end:]


@pytest.mark.parametrize(
    "data", [CCDA, PDF, b"~~~~", b"BDS*ASC*1*~~BIN*4*", bytes(range(256)) * 300, b"\r\n" * 40]
)
def test_bytes_of_any_kind_are_read_by_their_length(data: bytes) -> None:
    content = old_attachment(data)

    (read,) = read_275(content)

    assert read.documents[0].content == data
    assert read.origin is not None and read.origin.guide_version == "005010X210"
    assert validate(content) == ()


def test_a_mime_message_of_several_parts_gives_its_document() -> None:
    message = (
        b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b'--B\r\nContent-Type: text/xml\r\nContent-Disposition: attachment; filename="x.xml"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(CCDA) + b"--B--\r\n"
    )

    (read,) = read_275(old_attachment(message))

    assert (read.documents[0].content, read.documents[0].file_name) == (CCDA, "x.xml")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"BIN*4*abcd", b"BIN*3*abcd", "BIN01: 3 bytes are announced, and no segment end"),
        (b"BIN*4*", b"BIN*999*", "999 bytes are announced, and the file ends before"),
        (b"BIN*4*", b"BIN*-4*", "BIN01: expected how many bytes"),
        (b"BIN*4*", b"BIN**", "BIN01: expected how many bytes"),
        (b"BIN*4*", b"BIN*99999999999*", "at most 67108864"),
        (b"BIN*4*abcd~", b"", "lacks its document"),
        (b"DTP*368*D8*20260520~", b"DTP*368*D8*20260532~", "DTP03"),
    ],
)
def test_a_wrong_length_is_refused_with_its_place(old: bytes, new: bytes, expected: str) -> None:
    content = old_attachment(b"abcd")
    assert old in content

    with pytest.raises(X12Error, match=f"^byte .*{expected}"):
        list(read_275(content.replace(old, new)))


def test_content_that_is_no_base64_is_refused() -> None:
    content = written(ATTACHMENT)

    with pytest.raises(X12Error, match="BDS03: expected base64"):
        list(read_275(content.replace(b"*PD94", b"*!!!!")))


def test_a_large_document_is_read_across_chunks() -> None:
    large = CCDA + b"~*\xff" * 400_000
    attachment = replace(ATTACHMENT, documents=(replace(DOCUMENT, content=large), DOCUMENT))

    (read,) = read_275(io.BytesIO(written(attachment)))

    assert [one.content for one in read.documents] == [large, CCDA]


documents = st.builds(
    lambda tail, trace, line, numbers, name: AttachedDocument(
        f"AC-{trace}",
        CCDA + tail,
        date(2026, 5, 20),
        line_control_number=line,
        numbers=numbers,
        file_name=name,
    ),
    st.binary(max_size=200),
    st.integers(0, 10**6),
    st.sampled_from(["", "C-1-1"]),
    st.sampled_from([(), (Reference("CPT", "99492"),)]),
    st.sampled_from(["", "plan.xml"]),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(documents, min_size=1, max_size=3), st.booleans(), DELIMITERS, DRESSES)
def test_attachments_come_back_the_same_in_any_dress(
    given_documents: list[AttachedDocument], is_solicited: bool, delimiters: Delimiters, dress: Dress
) -> None:
    provider = replace(CLINIC, address=Address("1 MAIN", "FRESNO", "CA", "93701"))
    attachment = replace(
        ATTACHMENT, documents=tuple(given_documents), is_solicited=is_solicited, provider=provider
    )
    content = written(
        attachment, replace(ATTACHMENT, reference="ATT-2"), partner=AttachmentPartner(), delimiters=delimiters
    )

    assert list(read_275(dress.put_on(content))) == [attachment, replace(ATTACHMENT, reference="ATT-2")]


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.sampled_from([b"", b"\n", b"\r\n"]), st.booleans())
def test_raw_bytes_never_break_what_follows(data: bytes, line_end: bytes, lower_case: bool) -> None:
    content = old_attachment(data)
    if lower_case:
        content = content.replace(b"~BIN*", b"~bin*")
    content = content.replace(b"~BIN*", b"~" + line_end + b"BIN*").replace(
        b"~bin*", b"~" + line_end + b"bin*"
    )

    (read,) = read_275(content)

    assert read.documents[0].content == data or data.lstrip().lower().startswith((b"mime-", b"content-"))
