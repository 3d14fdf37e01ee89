from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import judged
from remittance_samples import REMITTANCE

from cocm.basics.errors import X12Error
from cocm.x12 import Adjustment, ProblemKind, ProviderAdjustment, read_835, validate_835, validate_837p


def changed(old: str, new: str) -> bytes:
    assert old.encode() in REMITTANCE
    return REMITTANCE.replace(old.encode(), new.encode(), 1)


def test_the_judge_and_our_own_check_accept_the_sample(tmp_path: Path) -> None:
    assert judged(REMITTANCE, tmp_path) == []
    assert validate_835(REMITTANCE) == ()


def test_a_payment_is_read_with_its_claims_lines_and_adjustments() -> None:
    (payment,) = read_835(REMITTANCE)

    assert (payment.paid_amount_cents, payment.method, payment.payment_date) == (
        17006,
        "ACH",
        date(2026, 5, 2),
    )
    assert (payment.trace_number, payment.payer_identifier) == ("EFT0000042", "1941234567")
    assert (payment.payer.last_or_organization_name, payment.payee.identifier) == (
        "GOLDEN HEALTH PLAN",
        "1234567893",
    )
    assert payment.production_date == date(2026, 5, 1)
    paid, denied, reversed_claim = payment.claims
    assert (paid.claim_id, paid.status_code, paid.payer_claim_control_number) == (
        "C-00000000000001",
        "1",
        "ICN0001",
    )
    assert (paid.charge_amount_cents, paid.paid_amount_cents) == (28432, 20006)
    assert paid.patient_responsibility_amount_cents == 4000
    assert (paid.statement_from_date, paid.statement_to_date) == (date(2026, 3, 1), date(2026, 3, 31))
    assert (paid.received_date, paid.remark_codes) == (date(2026, 4, 2), ("MA01",))
    assert paid.rendering is not None and paid.rendering.identifier == "1679576722"
    first, second = paid.lines
    assert first.adjustments == (
        Adjustment("CO", "45", 3026, None),
        Adjustment("PR", "1", 2000, None),
        Adjustment("PR", "2", 1000, None),
    )
    assert (first.hcpcs_code, first.paid_amount_cents, first.allowed_amount_cents) == ("99492", 10006, 13006)
    assert (first.line_control_number, first.remark_codes) == ("C-00000000000001-1", ("N130",))
    assert second.paid_quantity == Decimal(2)
    assert second.service_from_date == second.service_to_date == date(2026, 3, 31)
    assert (denied.status_code, denied.paid_amount_cents) == ("4", 0)
    assert denied.lines[0].adjustments == (Adjustment("CO", "109", 15047, None),)
    assert (reversed_claim.paid_amount_cents, reversed_claim.lines) == (-2000, ())
    assert reversed_claim.adjustments == (
        Adjustment("CO", "45", -7000, Decimal(1)),
        Adjustment("PR", "2", -1000, None),
    )
    assert payment.provider_adjustments == (
        ProviderAdjustment("1234567893", date(2026, 12, 31), "WO", "ICN9", 1500),
        ProviderAdjustment("1234567893", date(2026, 12, 31), "L6", "", -500),
    )


def test_claims_and_lines_carry_their_bytes_and_every_segment_is_kept() -> None:
    (payment,) = read_835(changed("LX*1~", "ZZ9*UNKNOWN~LX*1~"))
    content = changed("LX*1~", "ZZ9*UNKNOWN~LX*1~")

    claim = payment.claims[0]

    assert content[claim.start : claim.end].startswith(b"CLP*C-00000000000001*")
    assert content[claim.start : claim.end].endswith(b"AMT*B6*110~")
    assert content[claim.lines[1].start : claim.lines[1].end].startswith(b"SVC*HC:99494*")
    assert "REF*G1*AUTH9" in [placed.segment.text for placed in claim.segments]
    assert "ZZ9*UNKNOWN" in [placed.segment.text for placed in payment.segments]
    kept = len(payment.segments) + sum(len(one.segments) for one in payment.claims)
    assert kept == content.count(b"~") - len(("ISA", "GS", "ST", "GE", "IEA"))


@pytest.mark.parametrize(
    ("old", "new", "kind", "loop_id", "element"),
    [
        ("SVC*HC:99492*160.32*100.06*", "SVC*HC:99492*160.32*100.07*", ProblemKind.BALANCE, "2110", "SVC03"),
        ("CAS*CO*45*30.26~", "CAS*CO*45*30.25~", ProblemKind.BALANCE, "2110", "SVC03"),
        ("*284.32*200.06*40*", "*284.32*200.07*40*", ProblemKind.BALANCE, "2100", "CLP04"),
        ("*284.32*200.06*40*", "*284.33*200.06*40*", ProblemKind.BALANCE, "2100", "CLP04"),
        ("CAS*CO*45*-70*1~", "CAS*CO*45*-71*1~", ProblemKind.BALANCE, "2100", "CLP04"),
        ("BPR*I*170.06*", "BPR*I*170.07*", ProblemKind.BALANCE, "transaction", "BPR02"),
        ("BPR*I*170.06*C", "BPR*I*170.06*D", ProblemKind.BALANCE, "transaction", "BPR02"),
        ("WO:ICN9*15*", "WO:ICN9*16*", ProblemKind.BALANCE, "transaction", "BPR02"),
        ("WO:ICN9*15*", "QQ:ICN9*15*", ProblemKind.WRONG_CODE, "transaction", "PLB03-1"),
        ("PER*BL*EDI HELP*TE*8005550111~", "", ProblemKind.MISSING_SEGMENT, "1000A", ""),
        ("TRN*1*EFT0000042*1941234567~", "", ProblemKind.MISSING_SEGMENT, "transaction", ""),
        ("CLP*C-00000000000002*4*", "CLP*C-00000000000002*9*", ProblemKind.WRONG_CODE, "2100", "CLP02"),
        ("CAS*CO*109*150.47~", "CAS*CX*109*150.47~", ProblemKind.WRONG_CODE, "2110", "CAS01"),
        ("CAS*PR*1*20**2*10~", "CAS*PR*1*30**2~", ProblemKind.CONDITION, "2110", "CAS05"),
        ("*XX*1234567893~REF*TJ", "*XX*1234567890~REF*TJ", ProblemKind.IDENTIFIER, "1000B", "N104"),
        (
            "DTM*472*20260331~CAS*CO*45*30",
            "DTM*472*20260332~CAS*CO*45*30",
            ProblemKind.WRONG_VALUE,
            "2110",
            "DTM02",
        ),
        ("N1*PE*", "N1*QQ*", ProblemKind.UNEXPECTED_SEGMENT, "1000A", ""),
    ],
)
def test_a_fault_is_found_in_its_place(
    old: str, new: str, kind: ProblemKind, loop_id: str, element: str
) -> None:
    problems = validate_835(changed(old, new))

    assert (kind, loop_id, element) in [(one.kind, one.loop_id, one.element) for one in problems]


def test_a_balance_is_told_with_its_sums_and_its_claim() -> None:
    (problem, *_) = validate_835(changed("SVC*HC:99492*160.32*100.06*", "SVC*HC:99492*160.32*90.06*"))

    assert problem.claim_id == "C-00000000000001"
    assert problem.what == "the line's charge 160.32 less adjustments of 60.26 is not the 90.06 paid"
    assert problem.expected == "100.06"


def test_reason_and_remark_codes_come_in_as_sets() -> None:
    sets = {"adjustment_reason": {"45", "1", "2"}, "remark": {"MA01", "N130", "N418"}}

    assert [problem.element for problem in validate_835(REMITTANCE, code_sets=sets)] == ["CAS02"]


def test_a_remittance_is_no_claim_file() -> None:
    assert [problem.kind for problem in validate_837p(REMITTANCE)] == [ProblemKind.UNKNOWN_GUIDE]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("*284.32*200.06*40*", "*284.32*lots*40*", "CLP04"),
        ("CAS*CO*45*30.26~", "CAS*CO*45~", "CAS03"),
        ("BPR*I*170.06*", "BPR*I**", "BPR02"),
        ("*20260502~TRN", "*20260540~TRN", "BPR16"),
        ("NM1*QC*1*LEE*SAM****MI*GHP000000003~", "", "claim C-00000000000003: the patient"),
        ("TRN*1*EFT0000042*1941234567~", "", "TRN"),
        ("N1*PR*GOLDEN HEALTH PLAN~N3*1 PLAN PLAZA~", "", "1000A"),
        ("X*005010X221A1", "X*005010X222A1", "remittances"),
        ("SE*47*0001~GE*1*42~IEA*1*000000042~", "", "cut off"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(old: str, new: str, expected: str) -> None:
    with pytest.raises(X12Error, match=expected) as refused:
        list(read_835(changed(old, new)))

    assert str(refused.value).startswith("byte ")


def test_several_payments_are_read_one_after_the_other() -> None:
    start, end = REMITTANCE.index(b"ST*835"), REMITTANCE.index(b"GE*1*42")
    one = REMITTANCE[start:end]
    two = REMITTANCE[:end] + one.replace(b"*0001~", b"*0002~") + REMITTANCE[end:].replace(b"GE*1*", b"GE*2*")

    assert [payment.transaction_control_number for payment in read_835(two)] == ["0001", "0002"]
    assert validate_835(two) == ()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_remittance_ends_in_problems_or_a_named_error(data: st.DataObject) -> None:
    content = bytearray(REMITTANCE)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        if data.draw(st.booleans()):
            content[at] = data.draw(st.integers(0, 255))
        else:
            del content[at : at + data.draw(st.integers(1, 40))]
        if not content:
            return

    with suppress(X12Error):
        validate_835(bytes(content))
    with suppress(X12Error):
        list(read_835(bytes(content)))
