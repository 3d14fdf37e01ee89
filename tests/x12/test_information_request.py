import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.information_request import read_277_request, write_277_request
from cocm.x12.information_request_record import (
    AnswerPlace,
    InformationRequest,
    RequestedClaim,
    RequestedLine,
    RequestedPatient,
    RequestedProvider,
)
from cocm.x12.status_record import StatusCode, StatusRecord
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate
from cocm.x12.wire_parts import ContactRecord

ENVELOPE = Envelope("GHP01", "", "", "", "LAKESIDE01", "", datetime(2026, 5, 2, 9, 30), 7, 8)
PAYER = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
SENDER = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "46", "LAKESIDE01")
CLINIC = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
PATIENT = PartyRecord(True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001")
DAY = date(2026, 3, 31)
QUESTION = StatusRecord(
    (StatusCode("R4", "18842-5", "", "LOI"), StatusCode("R4", "18789-8", "", "LOI")), date(2026, 5, 1),
    message="SEND THE CARE PLAN",
)  # fmt: skip
LINE = RequestedLine(
    "99492",
    ("95",),
    16032,
    (replace(QUESTION, message=""),),
    "C-1-1",
    DAY,
    DAY,
    submitted_quantity=Decimal(1),
)
CLAIM = RequestedClaim(
    "ICN1",
    (QUESTION,),
    "C-1",
    service_from_date=date(2026, 3, 1),
    service_to_date=DAY,
    due_date=date(2026, 6, 15),
)
PLACE = AnswerPlace(
    "77", "EL", "AC-1", (ContactRecord("IC", "RECORDS DESK", (("TE", "8005550100"),)),), "PR", "GOLDEN HEALTH PLAN",
    Address("1 PLAN PLAZA", "FRESNO", "CA", "93701"),
)  # fmt: skip


def request(*claims: RequestedClaim, reference: str = "RQ-1") -> InformationRequest:
    provider = RequestedProvider(CLINIC, (RequestedPatient(PATIENT, claims),))
    return InformationRequest(reference, PAYER, SENDER, (provider,))


def written(*requests: InformationRequest, delimiters: Delimiters = ENVELOPE.delimiters) -> bytes:
    out = io.BytesIO()
    write_277_request(requests, replace(ENVELOPE, delimiters=delimiters), out)
    return out.getvalue()


def test_a_request_is_written_with_its_questions_and_due_date() -> None:
    content = written(request(replace(CLAIM, answer_place=PLACE, lines=(LINE,))))

    assert validate(content) == ()
    assert b"*^*00602*" in content and b"GS*HN*GHP01*LAKESIDE01*20260502*0930*8*X*006020X313~" in content
    assert b"BHT*0085*48*RQ-1*20260502*0930*RQ~" in content
    assert b"TRN*1*ICN1~STC*R4:18842-5::LOI*20260501********R4:18789-8::LOI**SEND THE CARE PLAN~" in content
    assert b"REF*EJ*C-1~DTP*472*RD8*20260301-20260331~DTP*106*D8*20260615~PWK*77*EL***AC*AC-1~" in content


def test_a_claim_is_read_with_what_is_asked_by_when() -> None:
    content = written(request(replace(CLAIM, lines=(LINE,)))).replace(b"REF*EJ*C-1~", b"REF*EJ*C-1~ZZ9*NEW~")

    (read,) = read_277_request(content)

    ((provider, patient, claim),) = read.claims()
    assert (provider.party, patient.party.first_name) == (CLINIC, "ARIANA")
    assert (claim.patient_account_number, claim.trace_number, claim.due_date) == (
        "C-1",
        "ICN1",
        date(2026, 6, 15),
    )
    assert claim.loinc_codes == claim.lines[0].loinc_codes == ("18842-5",)
    assert claim.questions[0].message == "SEND THE CARE PLAN"
    assert content[claim.start : claim.end].startswith(b"TRN*1*ICN1~STC*R4")
    assert [one.segment.text for one in read.segments] == ["ZZ9*NEW"]


def test_an_older_payers_request_is_read_alike() -> None:
    content = written(request(CLAIM)).replace(b"006020X313", b"005010X213").replace(b"*00602*", b"*00501*")

    (read,) = read_277_request(content)

    assert read == request(CLAIM)
    assert read.origin is not None and read.origin.guide_version == "005010X213"
    assert validate(content) == ()


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (replace(CLAIM, questions=()), r"claim C-1, loop 2200D, .*\(STC\) is missing"),
        (replace(CLAIM, trace_number=""), "TRN02"),
        (replace(CLAIM, questions=(replace(QUESTION, codes=()),)), "1 to 3 codes"),
        (replace(CLAIM, patient_account_number="C:1"), "REF02 .*holds one of the delimiters"),
        (replace(CLAIM, lines=(replace(LINE, code_type="QQ"),)), "SVC01-1"),
    ],
)
def test_what_the_guide_forbids_is_refused_by_name(claim: RequestedClaim, expected: str) -> None:
    with pytest.raises(X12Error, match=expected):
        written(request(claim))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"DTP*106*D8*20260615~", b"DTP*106*D8*20261515~", "DTP03"),
        (b"NM1*PR*2*GOLDEN HEALTH PLAN*****PI*GHP01~", b"", "2100A"),
        (b"NM1*QC*1*DAVIS*ARIANA****MI*GHP000000001~", b"", "names nobody"),
        (b"*006020X313~BHT", b"*006020X999~BHT", "277 of guide 006020X999"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: bytes, new: bytes, expected: str) -> None:
    content = written(request(CLAIM))
    assert old in content

    with pytest.raises(X12Error, match=expected):
        list(read_277_request(content.replace(old, new)))


claims = st.builds(
    lambda number, questions, place, lines, due, other: replace(
        CLAIM, patient_account_number=f"C-{number}", questions=tuple(questions), answer_place=place,
        lines=(LINE,) * lines, due_date=due, provider_control_number=other, medical_record_number=other,
    ),
    st.integers(0, 10**6),
    st.lists(st.sampled_from([QUESTION, replace(QUESTION, codes=QUESTION.codes[:1])]), min_size=1, max_size=3),
    st.sampled_from([None, PLACE, AnswerPlace("77")]),
    st.integers(0, 2),
    st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2027, 1, 1))),
    st.sampled_from(["", "X-9"]),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(claims, min_size=1, max_size=3), DELIMITERS, DRESSES)
def test_requests_come_back_the_same_in_any_dress(
    given_claims: list[RequestedClaim], delimiters: Delimiters, dress: Dress
) -> None:
    records = [request(*given_claims), request(given_claims[0], reference="RQ-2")]

    content = written(*records, delimiters=delimiters)

    assert list(read_277_request(dress.put_on(content))) == records
