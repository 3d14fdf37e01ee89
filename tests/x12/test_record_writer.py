"""What was read is written again: the same bytes for our own files, the same segments for others'."""

import io
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from claim_samples import (
    CARE_MANAGER,
    DOCUMENTS,
    ENVELOPE,
    FIRST_LINE,
    OTHER_BILLING,
    make_claim,
    make_dependent,
    make_secondary,
    written,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim
from cocm.x12 import Delimiters, claim_from_record, envelope_from_transmission, read_837p, read_segments
from cocm.x12.record_writer import write_records

CLAIMS = [
    make_claim(1, paperwork=DOCUMENTS, prior_authorization_number="A1", note="A NOTE"),
    make_dependent(2),
    make_secondary(3),
    make_claim(
        4, billing=OTHER_BILLING, billing_phone="", lines=(replace(FIRST_LINE, rendering=CARE_MANAGER),)
    ),
]


def rewritten(content: bytes, **options: Any) -> bytes:
    out = io.BytesIO()
    result = write_records(read_837p(content), out, **options)
    assert result.byte_count == len(out.getvalue())
    return out.getvalue()


def texts(content: bytes) -> list[list[str]]:
    return [segment.elements for segment in read_segments(content)]


@pytest.mark.parametrize("per_transaction", [1, 2, 9])
def test_our_own_files_come_out_as_the_same_bytes(per_transaction: int) -> None:
    content = written(CLAIMS, claims_per_transaction=per_transaction)

    assert rewritten(content) == content


def test_our_own_claims_come_back_and_are_written_as_the_same_bytes() -> None:
    content = written(CLAIMS, claims_per_transaction=2)

    records = list(read_837p(content))
    claims = [
        claim_from_record(
            record,
            organization_id=claim.organization_id,
            pack_id=claim.pack_id,
            patient_id=claim.patient_id,
            provenance=claim.provenance,
        )
        for record, claim in zip(records, CLAIMS, strict=True)
    ]

    assert claims == CLAIMS
    again = written(claims, envelope_from_transmission(records[0].transmission), claims_per_transaction=2)
    assert again == content


def test_what_the_guide_does_not_know_is_kept_in_its_place() -> None:
    content = written(CLAIMS)
    for before, inserted in (
        (b"HI*ABK", b"REF*EA*CHART77~K3*STATE DATA~"),
        (b"LX*1~", b"ZZ9*WHAT IS THIS~"),
        (b"HL*2*", b"REF*ZZ*UNKNOWN~"),
        (b"NM1*40*", b"XX*HEADER~"),
        (b"GS*", b"TA1*000000001*260402*0930*A*000~"),
        (b"SVD*", b"SVD*FCM01*5*HC:99492**1~DTP*573*D8*20260420~"),
        (b"OI*", b"MOA***MA01~"),
    ):
        content = content.replace(b"~" + before, b"~" + inserted + before, 1)
    count = len(texts(content)) - len(("ISA", "TA1", "GS", "GE", "IEA"))
    old = next(text for text in content.split(b"~") if text.startswith(b"SE*"))
    content = content.replace(old, b"SE*%d*0001" % count)

    assert rewritten(content) == content


def test_claims_left_out_leave_a_file_that_counts_right() -> None:
    records = [record for record in read_837p(written(CLAIMS)) if record.claim_id != CLAIMS[1].claim_id]
    out = io.BytesIO()

    result = write_records(records, out)

    kept = list(read_837p(out.getvalue()))
    assert [record.claim_id for record in kept] == [CLAIMS[at].claim_id for at in (0, 2, 3)]
    assert result.claim_count == 3
    assert result.segment_count == len(texts(out.getvalue()))
    assert result.charge_amount_cents == sum(record.charge_amount_cents for record in records)


def test_two_files_are_joined_as_two_interchanges() -> None:
    first, second = written(CLAIMS[:2]), written(CLAIMS[2:], replace(ENVELOPE, interchange_control_number=2))
    out = io.BytesIO()

    write_records([*read_837p(first), *read_837p(second)], out)

    assert out.getvalue() == first + second


def test_records_out_of_order_are_refused() -> None:
    first, second = read_837p(written(CLAIMS[:2]))

    with pytest.raises(X12Error, match="order of their file"):
        write_records([second, first], io.BytesIO())


def test_a_value_that_holds_a_delimiter_asked_for_is_refused() -> None:
    content = written([make_claim(1, note="A;B")])

    with pytest.raises(X12Error, match="one of the delimiters asked for"):
        rewritten(content, delimiters=Delimiters(component=";"))


def test_no_record_gives_no_file() -> None:
    assert write_records([], io.BytesIO()).byte_count == 0


marks = st.sampled_from(
    [
        Delimiters(),
        Delimiters("|", ">", "!", "\n"),
        Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
        Delimiters("+", "<", "^", "\r"),
    ]
)
kinds = st.sampled_from([make_claim, make_dependent, make_secondary])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Interchanges of several senders, groups and transactions, in whatever form senders give them."""
    content = b""
    for number in range(1, draw(st.integers(1, 2)) + 1):
        delimiters = draw(marks)
        envelope = replace(ENVELOPE, delimiters=delimiters, interchange_control_number=number)
        some: list[Claim] = [draw(kinds)(at) for at in range(1, draw(st.integers(1, 4)) + 1)]
        one = written(some, envelope, claims_per_transaction=draw(st.integers(1, 3)))
        end, element = delimiters.terminator.encode(), delimiters.element.encode()
        if draw(st.booleans()):  # a second group of the same transactions
            group = one[one.index(b"GS" + element) : one.index(b"IEA" + element)]
            one = one.replace(b"IEA" + element + b"1", group + b"IEA" + element + b"2")
        if draw(st.booleans()):
            one = one.replace(b"005010X222A1", b"005010X222A2")
        if draw(st.booleans()):
            one = one.replace(end + b"NM1" + element, end + b"nm1" + element)
        if draw(st.booleans()):
            one = one.replace(element + b"OAKLAND" + element, element + b"OAKLAND  " + element)
        if end not in (b"\r", b"\n"):
            one = one.replace(end, end + draw(st.sampled_from([b"", b"\n", b"\r\n"])))
        content += one
    return draw(st.sampled_from([b"", b"\xef\xbb\xbf", b" \r\n"])) + content


@settings(max_examples=30, deadline=None)
@given(files(), st.none() | marks)
def test_any_file_keeps_its_segments(content: bytes, delimiters: Delimiters | None) -> None:
    again = rewritten(content, delimiters=delimiters)

    if delimiters is None:
        assert texts(again) == texts(content)
    else:
        assert {segment.delimiters for segment in read_segments(again)} == {delimiters}
        assert texts(rewritten(again, delimiters=Delimiters())) == texts(
            rewritten(content, delimiters=Delimiters())
        )
    for record, other in zip(read_837p(content), read_837p(again), strict=True):
        assert (record.claim_id, record.billing, record.patient) == (
            other.claim_id,
            other.billing,
            other.patient,
        )
        assert (record.other_payers, record.diagnosis_codes) == (other.other_payers, other.diagnosis_codes)
        assert [replace(line, start=0, end=0) for line in record.lines] == [
            replace(line, start=0, end=0) for line in other.lines
        ]
    starts = [record.start for record in read_837p(again)]
    assert all(one < other for one, other in pairwise(starts))
