"""The columnar tables say the same payments and decisions as the records, and refuse what the records must judge."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from remittance_maker import Decided, Line, remittance, reversed_of

from cocm.remits.decision import ClaimDecision, Payment, decisions_of, payment_of
from cocm.remits.decision_tables import TablesUnfit, payment_parts
from cocm.x12 import iter_tables_835, read_835

Told = list[tuple[Payment, list[ClaimDecision]]]
cents = st.integers(-5_000_00, 5_000_00)
reasons = st.lists(
    st.tuples(
        st.sampled_from(("CO", "PR", "OA", "PI")), st.sampled_from(("45", "1", "2", "253", "109")), cents
    ),
    max_size=3,
).map(tuple)
lines = st.builds(
    Line,
    code=st.sampled_from(("99492", "99493", "99494", "G2214")),
    charge_cents=cents,
    adjustments=reasons,
    remarks=st.lists(st.sampled_from(("N418", "N706", "N782")), max_size=2).map(tuple),
    units=st.integers(0, 12),
)
claims = st.builds(
    Decided,
    number=st.sampled_from(("C-0000000000A1", "C-0000000000A2", "0", "OTHER")),
    lines=st.lists(lines, min_size=1, max_size=3).map(tuple),
    status=st.sampled_from(("1", "2", "4", "19", "22", "25")),
    payer_number=st.sampled_from(("ICN1", "ICN2", "")),
    day=st.sampled_from((date(2026, 2, 28), date(2026, 3, 31))),
    member_id=st.sampled_from(("MP1", "")),
    adjustments=reasons,
)
payments = st.builds(
    lambda given, moved, trace: remittance(*given, provider_adjustments=tuple(moved), trace=trace),
    st.lists(claims, max_size=5),
    st.lists(
        st.tuples(st.sampled_from(("WO", "FB", "L6")), st.sampled_from(("ICN0", "")), cents), max_size=3
    ),
    st.sampled_from(("EFT1", "EFT2")),
)


def by_records(data: bytes) -> Told:
    return [(payment_of(record), list(decisions_of(record))) for record in read_835(data)]


def by_tables(data: bytes, block_bytes: int = 2**21) -> Told:
    told: Told = []
    decisions: list[ClaimDecision] = []
    for part in payment_parts(iter_tables_835(io.BytesIO(data), block_bytes=block_bytes)):
        decisions += part.decisions
        if part.is_last:
            told.append((part.payment, decisions))
            decisions = []
    return told


@settings(max_examples=25, deadline=None)
@given(st.lists(payments, min_size=1, max_size=4).map(b"".join), st.sampled_from((300, 1_500, 2**21)))
def test_tables_and_records_give_equal_decisions(data: bytes, block_bytes: int) -> None:
    assert by_tables(data, block_bytes) == by_records(data)


def one(*changes: tuple[bytes, bytes]) -> bytes:
    data = remittance(Decided("C-1", (Line("99493", 18000, (("CO", "45", 3000),), ("N418",)),)), trace="EFT9")
    for before, after in changes:
        assert before in data
        data = data.replace(before, after)
    count = data[: data.index(b"SE*")].count(b"~") - 1  # ST to SE, without ISA and GS
    return re.sub(rb"SE\*\d+", b"SE*%d" % count, data)


@pytest.mark.parametrize(
    "data",
    [
        one((b"**1~DTM", b"**1.0~DTM")),
        one((b"**1~DTM", b"**~DTM")),
        one((b"DTM*472*20260331~", b"DTM*150*20260301~DTM*151*20260331~")),
        one((b"SVC*", b"MOA***MA01*N782~SVC*")),
        one(
            (
                b"MI*MP1~",
                b"~NM1*IL*1*QUILL*HOLDER****MI*MH1~DTM*232*20260301~DTM*233*20260331~DTM*050*20260402~",
            )
        ),
        one(
            (b"SVC*HC:99493*", b"AMT*AU*170~SVC*HC:99492*"),
            (b"**1~DTM", b"**1*HC:99493~DTM"),
            (b"LQ*", b"AMT*B6*150~LQ*"),
        ),
        one((b"GOLDEN TEST", "GOLD\u00c9N TEST".encode())),
        one((b"BPR*I*150*C*", b"BPR*I*150*D*")),
        remittance(trace="EFT3", provider_adjustments=(("WO", "A", -500),)),
        remittance(Decided("C-1", ()), reversed_of(Decided("C-1", ())), Decided("C-1", ())),
    ],
    ids=(
        "units",
        "no-units",
        "period",
        "claim-remarks",
        "subscriber",
        "submitted",
        "letters",
        "debit",
        "zero",
        "same",
    ),
)
def test_forms_of_remittances_are_the_same_both_ways(data: bytes) -> None:
    try:
        told = by_tables(data)
    except TablesUnfit:
        pytest.fail("the tables tell a problem")
    assert told == by_records(data) and told


def test_two_equal_decisions_are_two(tmp_path: object) -> None:
    same = Decided("C-1", (Line("99493", 18000),))
    ((_, decisions),) = by_tables(remittance(same, same))
    assert len({given.decision_id for given in decisions}) == 2


@pytest.mark.parametrize(
    "change", [(b"CLP*C-1*1*180*", b"CLP*C-1*1*18x*"), (b"DTM*472*20260331", b"DTM*472*20260231")]
)
def test_what_cannot_be_read_is_left_to_the_records(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(TablesUnfit):
        by_tables(one(change))


def test_a_file_that_is_cut_off_is_left_to_the_records() -> None:
    data = one()
    with pytest.raises(TablesUnfit):
        by_tables(data[: data.index(b"SE*")])


def test_a_payment_that_does_not_balance_is_read() -> None:
    data = remittance(Decided("C-1", (Line("99493", 18000),)), total_cents=5)
    assert by_tables(data) == by_records(data)
