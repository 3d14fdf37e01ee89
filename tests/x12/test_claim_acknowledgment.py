import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from claim_samples import make_claim, make_dependent
from claim_samples import written as written_claims
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import judged
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import CocmError, X12Error
from cocm.x12.claim_acknowledgment import read_277ca, write_277ca
from cocm.x12.claim_acknowledgment_build import acknowledge_claims, decide_claims
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedLine,
    AcknowledgedProvider,
    AcknowledgmentTotals,
    ClaimAcknowledgment,
)
from cocm.x12.claim_reader import read_837p
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.status_record import StatusCode, StatusRecord
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate, validate_837p
from cocm.x12.wire_parts import Reference

DAY = date(2026, 4, 3)
ENVELOPE = Envelope("GHP01", "", "", "", "LAKESIDE01", "", datetime(2026, 4, 3, 8, 15), 77, 78)
PAYER = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "PI", "GHP01")
SENDER = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "46", "LAKESIDE01")
BILLING = PartyRecord(False, "LAKESIDE FAMILY MEDICINE", "", "", "", "XX", "1234567893")
PATIENT = PartyRecord(True, "DAVIS", "ARIANA", "", "", "MI", "GHP000000001")
RECEIVED = StatusRecord((StatusCode("A1", "19", "PR"),), DAY, "WQ", 28432)
ACCEPTED = StatusRecord((StatusCode("A2", "20"),), DAY, "WQ", 28432)
INVALID = StatusRecord((StatusCode("A7", "562", "85"), StatusCode("A7", "128", "85")), DAY, "U", 28432)
CLAIM = AcknowledgedClaim(
    "C-1", PATIENT, (ACCEPTED,), date(2026, 3, 1), date(2026, 3, 31), payer_claim_control_number="ICN1"
)
LINE = AcknowledgedLine(
    "99492", ("95",), 16032, "C-2-1", (StatusRecord((StatusCode("A7", "454"),), DAY, "U"),),
    submitted_quantity=Decimal(1), service_from_date=date(2026, 3, 31), service_to_date=date(2026, 3, 31),
)  # fmt: skip


def acknowledgment(*claims: AcknowledgedClaim) -> ClaimAcknowledgment:
    return ClaimAcknowledgment(
        "ACK1", "PR", PAYER, "R-1", date(2026, 4, 2), DAY,
        (
            AcknowledgedBatch(
                SENDER, "B-1", (RECEIVED,), AcknowledgmentTotals(accepted_count=1, accepted_amount_cents=28432),
                (AcknowledgedProvider(BILLING, claims, "0", (replace(RECEIVED, effective_date=None),)),),
            ),
        ),
    )  # fmt: skip


def written(*records: ClaimAcknowledgment, delimiters: Delimiters = ENVELOPE.delimiters) -> bytes:
    out = io.BytesIO()
    write_277ca(records, replace(ENVELOPE, delimiters=delimiters), out)
    return out.getvalue()


def test_the_judge_and_our_own_check_accept_what_is_written(tmp_path: Path) -> None:
    rejected = replace(
        CLAIM, claim_id="C-2", statuses=(INVALID,), lines=(LINE,), payer_claim_control_number=""
    )
    content = written(acknowledgment(CLAIM, rejected))

    assert judged(content, tmp_path) == []
    assert validate(content) == ()
    assert b"GS*HN*GHP01*LAKESIDE01*20260403*0815*78*X*005010X214~" in content
    assert b"TRN*2*C-1~STC*A2:20*20260403*WQ*284.32~REF*1K*ICN1~DTP*472*RD8*20260301-20260331~" in content
    assert b"STC*A7:562:85*20260403*U*284.32******A7:128:85~" in content
    assert b"SVC*HC:99492:95*160.32*****1~STC*A7:454*20260403*U~REF*FJ*C-2-1~DTP*472*D8*20260331~" in content


def test_accepted_and_rejected_claims_are_told_apart_with_their_bytes() -> None:
    rejected = replace(CLAIM, claim_id="C-2", statuses=(INVALID,), lines=(LINE,))
    content = written(acknowledgment(CLAIM, rejected))

    (read,) = read_277ca(content)

    assert [(one.claim_id, one.is_accepted) for one in read.claims()] == [("C-1", True), ("C-2", False)]
    first, second = read.claims()
    assert content[first.start : first.end].startswith(b"TRN*2*C-1~")
    assert content[second.start : second.end].endswith(b"DTP*472*D8*20260331~")
    assert (read.received_date, read.processed_date) == (date(2026, 4, 2), DAY)
    assert read.origin is not None and read.origin.receiver_id == "LAKESIDE01"


def test_several_claims_under_one_patient_are_read() -> None:
    content = written(acknowledgment(CLAIM)).replace(
        b"~SE*", b"~TRN*2*C-9~STC*A2:20*20260403*WQ*1~DTP*472*D8*20260331~ZZ9*NEW~SE*"
    )

    (read,) = read_277ca(content)

    assert [(one.claim_id, one.patient.first_name) for one in read.claims()] == [
        ("C-1", "ARIANA"),
        ("C-9", "ARIANA"),
    ]
    assert [one.segment.text for one in read.segments] == ["ZZ9*NEW"]


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (replace(CLAIM, statuses=()), r"claim C-1, loop 2200D, .*status \(STC\) is missing"),
        (replace(CLAIM, statuses=(replace(ACCEPTED, codes=()),)), "1 to 3 codes"),
        (replace(CLAIM, statuses=(replace(ACCEPTED, action_code="X"),)), "STC03"),
        (replace(CLAIM, statuses=(replace(ACCEPTED, payment_method="ACH"),)), "payment_method"),
        (replace(CLAIM, service_from_date=None), "service date"),
        (replace(CLAIM, claim_id=""), "TRN02"),
        (replace(CLAIM, patient=replace(PATIENT, identifier_type="ZZ")), "NM108"),
    ],
)
def test_what_the_guide_forbids_is_refused_by_name(claim: AcknowledgedClaim, expected: str) -> None:
    with pytest.raises(CocmError, match=expected):
        written(acknowledgment(claim))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"*WQ*284.32~REF", b"*WQ*LOTS~REF", "STC04"),
        (b"DTP*050*D8*20260402~", b"", "2200A"),
        (b"*20260301-20260331~", b"*20260301-20260332~", "DTP03"),
        (b"X*005010X214~", b"X*005010X213~", None),
        (b"*005010X214~BHT", b"*005010X209~BHT", "277 of guide 005010X209"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: bytes, new: bytes, expected: str | None) -> None:
    content = written(acknowledgment(CLAIM))
    assert old in content

    if expected is None:  # ST03 decides
        assert len(list(read_277ca(content.replace(old, new)))) == 1
    else:
        with pytest.raises(X12Error, match=expected):
            list(read_277ca(content.replace(old, new)))


def claims_file() -> bytes:
    return written_claims([make_claim(1), make_dependent(2)])


def answered(content: bytes) -> ClaimAcknowledgment:
    decisions = decide_claims(read_837p(content), validate_837p(content), DAY)
    return acknowledge_claims(
        decisions, source=PAYER, receiver=SENDER, reference="ACK1", batch_number="B-1", trace_number="R-1",
        received_date=date(2026, 4, 2), processed_date=DAY,
    )  # fmt: skip


def test_claims_without_fault_are_taken_in(tmp_path: Path) -> None:
    record = answered(claims_file())

    (batch,) = record.batches
    assert [one.is_accepted for one in record.claims()] == [True, True]
    assert (batch.totals.accepted_count, batch.totals.rejected_count) == (2, None)
    content = written(record)
    assert judged(content, tmp_path) == []
    assert next(read_277ca(content)).batches == record.batches


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("HI*ABK:", "HI*ABQ:", "255"),
        ("SV1*HC:99492*", "SV1*HC:99492:95::95:Q*", "453"),
        ("*UN*1***1:2~", "*UN*1***1:7~", "477"),
        (":B:1*Y*A", ":B:0*Y*A", "535"),
        ("*UN*1***1:2~", "*XX*1***1:2~", "448"),
    ],
)
def test_a_claim_with_a_fault_is_rejected_and_the_other_is_not(old: str, new: str, code: str) -> None:
    content = claims_file()
    assert old.encode() in content
    content = content.replace(old.encode(), new.encode(), 1)

    first, second = decide_claims(read_837p(content), validate_837p(content), DAY)

    assert (first.is_accepted, second.is_accepted) == (False, True)
    assert code in [status.codes[0].status_code for status in first.statuses]
    assert all(status.charge_amount_cents == first.claim.charge_amount_cents for status in first.statuses)


def test_a_wrong_billing_provider_rejects_all_its_claims() -> None:
    content = claims_file().replace(b"*XX*1234567893~", b"*XX*1234567890~", 1)

    decisions = decide_claims(read_837p(content), validate_837p(content), DAY)

    assert [one.is_accepted for one in decisions] == [False, False]
    assert StatusCode("A7", "562", "85") in [status.codes[0] for status in decisions[1].statuses]


spans = st.tuples(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.dates(date(2026, 3, 1), date(2026, 3, 31)))
claims = st.builds(
    lambda number, span, statuses, lines, icn, bill: replace(
        CLAIM, claim_id=f"C-{number}", service_from_date=span[0], service_to_date=span[1], statuses=tuple(statuses),
        lines=tuple(lines), payer_claim_control_number=icn, bill_type=bill,
    ),
    st.integers(1, 10**6),
    spans,
    st.lists(st.sampled_from([ACCEPTED, INVALID, replace(INVALID, message="CALL US")]), min_size=1, max_size=3),
    st.lists(st.sampled_from([LINE, replace(LINE, modifiers=(), revenue_code="0900")]), max_size=2),
    st.sampled_from(["", "ICN1"]),
    st.sampled_from(["", "111"]),
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(claims, max_size=4), st.booleans(), DELIMITERS, DRESSES)
def test_acknowledgments_come_back_the_same_in_any_dress(
    given_claims: list[AcknowledgedClaim], has_trace: bool, delimiters: Delimiters, dress: Dress
) -> None:
    record = acknowledgment(*given_claims)
    if has_trace:
        provider = replace(
            record.batches[0].providers[0], trace_number="0", numbers=(Reference("TJ", "941234567"),),
            totals=AcknowledgmentTotals(1, 2, 300, 45),
        )  # fmt: skip
        record = replace(record, batches=(replace(record.batches[0], providers=(provider,)),))
    content = written(record, replace(record, reference="ACK2"), delimiters=delimiters)

    assert list(read_277ca(dress.put_on(content))) == [record, replace(record, reference="ACK2")]
