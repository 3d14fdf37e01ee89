import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from peers import sdk_finds
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import CocmError, X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.claim_status import read_276, read_277, write_276, write_277
from cocm.x12.claim_status_record import (
    ClaimStatus,
    ClaimStatusLine,
    ClaimStatusRecord,
    StatusMember,
    StatusProvider,
    StatusReceiver,
    StatusSource,
)
from cocm.x12.envelope import Envelope
from cocm.x12.status_record import StatusCode, StatusRecord
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate
from cocm.x12.wire_parts import ContactRecord, Reference

ENVELOPE = Envelope("LAKESIDE01", "", "", "", "GHP01", "", datetime(2026, 5, 2, 9, 30), 7, 8)
PAYER = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
SENDER = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "46", "LAKESIDE01")
CLINIC = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
MEMBER = PartyRecord(True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001")
ASKED = replace(MEMBER, birth_date=date(1988, 4, 9), sex="F")
CHILD = PartyRecord(True, "DAVIS", "BO", "", "", "", "", birth_date=date(2015, 1, 2), sex="M")
DAY = date(2026, 3, 31)
REQUEST = ClaimStatus(
    "T-1", patient_account_number="C-1", charge_amount_cents=28432, service_from_date=date(2026, 3, 1),
    service_to_date=DAY,
    lines=(ClaimStatusLine("99492", (), 16032, DAY, DAY, "C-1-1", submitted_quantity=Decimal(1)),),
)  # fmt: skip
PENDING = StatusRecord((StatusCode("P1", "20"),), date(2026, 4, 3), "", 28432, 0)
PAID = StatusRecord(
    (StatusCode("F1", "65"),),
    date(2026, 5, 1),
    "",
    28432,
    20006,
    date(2026, 4, 30),
    "",
    date(2026, 5, 2),
    "EFT42",
)
ANSWER = ClaimStatus(
    "T-1", (PENDING,), "ICN1", "", "C-1", service_from_date=date(2026, 3, 1), service_to_date=DAY,
    lines=(
        ClaimStatusLine(
            "99492", ("95",), 16032, DAY, DAY, "C-1-1", submitted_quantity=Decimal(1), paid_amount_cents=10006,
            statuses=(StatusRecord((StatusCode("F1", "65"),), date(2026, 5, 1)),),
        ),
    ),
)  # fmt: skip


def record(*members: StatusMember, reference: str = "B-1") -> ClaimStatusRecord:
    provider = StatusProvider((CLINIC,), members)
    return ClaimStatusRecord(reference, (StatusSource(PAYER, (StatusReceiver(SENDER, (provider,)),)),))


def written(
    write: object, *records: ClaimStatusRecord, delimiters: Delimiters = ENVELOPE.delimiters
) -> bytes:
    out = io.BytesIO()
    assert callable(write)
    write(records, replace(ENVELOPE, delimiters=delimiters), out)
    return out.getvalue()


def test_the_judge_and_our_own_check_accept_a_request() -> None:
    child = StatusMember(CHILD, (replace(REQUEST, trace_number="T-2"),))
    content = written(write_276, record(StatusMember(ASKED, (REQUEST,)), StatusMember(MEMBER, (), (child,))))

    assert validate(content) == ()
    assert sdk_finds(content) == []
    assert b"GS*HR*" in content and b"BHT*0010*13*B-1*20260502*0930~" in content
    assert (
        b"HL*4*3*22*0~DMG*D8*19880409*F~NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001~TRN*1*T-1~REF*EJ*C-1~"
        in content
    )
    assert b"AMT*T3*284.32~DTP*472*RD8*20260301-20260331~SVC*HC:99492*160.32*****1~REF*FJ*C-1-1~" in content
    assert b"HL*5*3*22*1~NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001~HL*6*5*23~" in content


def test_the_judge_and_our_own_check_accept_an_answer() -> None:
    content = written(write_277, record(StatusMember(MEMBER, (ANSWER, replace(ANSWER, statuses=(PAID,))))))

    assert validate(content) == ()
    assert sdk_finds(content) == []
    assert b"TRN*2*T-1~STC*P1:20*20260403**284.32*0~REF*1K*ICN1~" in content
    assert b"STC*F1:65*20260501**284.32*200.06*20260430**20260502*EFT42~" in content
    assert b"SVC*HC:99492:95*160.32*100.06****1~STC*F1:65*20260501~" in content


def test_a_claim_is_read_with_who_stands_above_and_its_bytes() -> None:
    child = StatusMember(replace(CHILD, birth_date=None, sex=""), (replace(ANSWER, statuses=(PAID,)),))
    content = written(write_277, record(StatusMember(MEMBER, (ANSWER,), (child,)))).replace(
        b"REF*1K*ICN1~", b"REF*1K*ICN1~ZZ9*NEW~", 1
    )

    (read,) = read_277(content)

    own, dependents = read.claims()
    assert (own.dependent, own.claim, own.provider.parties) == (None, ANSWER, (CLINIC,))
    assert dependents.dependent is not None and dependents.dependent.party.first_name == "BO"
    assert dependents.claim.statuses[0].check_number == "EFT42"
    assert content[own.claim.start : own.claim.end].startswith(b"TRN*2*T-1~STC*P1:20*")
    assert [one.segment.text for one in read.segments] == ["ZZ9*NEW"]
    assert read.origin is not None and read.origin.group_control_number == "8"


def test_a_rejected_request_is_told_at_its_level() -> None:
    rejected = StatusRecord((StatusCode("E0", "24", "41"),), date(2026, 5, 2))
    receiver = StatusReceiver(SENDER, (), "B-1", (rejected,))
    source = StatusSource(PAYER, (receiver,), (ContactRecord("IC", "HELP", (("TE", "8005550100"),)),))

    (read,) = read_277(written(write_277, ClaimStatusRecord("B-1", (source,))))

    assert read.sources == (source,)
    assert list(read.claims()) == []


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (replace(REQUEST, trace_number=""), "claim C-1, loop 2200D, TRN02"),
        (replace(REQUEST, numbers=(Reference("QQ", "1"),)), "kind 'QQ'"),
        (replace(REQUEST, lines=(replace(REQUEST.lines[0], service_from_date=None),)), "service date"),
        (replace(REQUEST, lines=(replace(REQUEST.lines[0], modifiers=("95",) * 5),)), "at most 4 modifiers"),
        (replace(REQUEST, statuses=(PENDING,)), "no segment status"),
    ],
)
def test_what_the_guide_forbids_is_refused_by_name(claim: ClaimStatus, expected: str) -> None:
    with pytest.raises(CocmError, match=expected):
        written(write_276, record(StatusMember(ASKED, (claim,))))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"*284.32*0~", b"*284.32*NONE~", "STC05"),
        (b"STC*P1:20*20260403", b"STC*P1:20*20260433", "STC02"),
        (b"NM1*IL*1*DAVIS*ARIANA****MI*GHP000000001~", b"", "names nobody"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: bytes, new: bytes, expected: str) -> None:
    content = written(write_277, record(StatusMember(MEMBER, (ANSWER,))))
    assert old in content

    with pytest.raises(X12Error, match=expected):
        list(read_277(content.replace(old, new)))


answers = st.builds(
    lambda number, statuses, icn, numbers, lines: replace(
        ANSWER, trace_number=f"T-{number}", statuses=tuple(statuses), payer_claim_control_number=icn,
        numbers=numbers, lines=ANSWER.lines * lines,
    ),
    st.integers(0, 10**6),
    st.lists(st.sampled_from([PENDING, PAID]), min_size=1, max_size=3),
    st.sampled_from(["", "ICN1"]),
    st.sampled_from([(), (Reference("XZ", "9"), Reference("VV", "8"))]),
    st.integers(0, 2),
)  # fmt: skip
requests = st.builds(
    lambda number, numbers, charge, lines: replace(
        REQUEST,
        trace_number=f"T-{number}",
        numbers=numbers,
        charge_amount_cents=charge,
        lines=REQUEST.lines * lines,
    ),
    st.integers(0, 10**6),
    st.sampled_from([(), (Reference("LU", "11"), Reference("6P", "G1"), Reference("XZ", "9"))]),
    st.one_of(st.none(), st.integers(0, 10**6)),
    st.integers(0, 2),
)


@settings(max_examples=30, deadline=None)
@given(st.data(), st.booleans(), DELIMITERS, DRESSES)
def test_records_come_back_the_same_in_any_dress(
    data: st.DataObject, is_answer: bool, delimiters: Delimiters, dress: Dress
) -> None:
    claims, write, read = (answers, write_277, read_277) if is_answer else (requests, write_276, read_276)
    party = MEMBER if is_answer else ASKED
    child = replace(CHILD, birth_date=None, sex="") if is_answer else CHILD
    own = tuple(data.draw(st.lists(claims, min_size=1, max_size=3)))
    inner = tuple(data.draw(st.lists(claims, min_size=1, max_size=2)))
    given_records = [
        record(StatusMember(party, own), reference="B-1"),
        record(StatusMember(MEMBER, (), (StatusMember(child, inner),)), reference="B-2"),
    ]
    content = written(write, *given_records, delimiters=delimiters)

    assert list(read(dress.put_on(content))) == given_records
