import io
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge import judged
from peers import oxedi_finds
from remittance_samples import REMITTANCE
from wire_mangling import DELIMITERS, DRESSES, Dress

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord
from cocm.x12.envelope import Envelope
from cocm.x12.remittance_reader import read_835
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.remittance_writer import write_835
from cocm.x12.tokens import Delimiters
from cocm.x12.validate import validate_835
from cocm.x12.wire_parts import AmountRecord, ContactRecord, Reference

ENVELOPE = Envelope("GHP01", "", "", "", "LAKESIDE01", "", datetime(2026, 5, 1, 12), 42, 42)
PATIENT = PartyRecord(True, "NGUYEN", "AN", "", "", "MI", "GHP000000002")


def written(*payments: RemittanceRecord, delimiters: Delimiters = ENVELOPE.delimiters) -> bytes:
    out = io.BytesIO()
    write_835(payments, replace(ENVELOPE, delimiters=delimiters), out)
    return out.getvalue()


def sample() -> RemittanceRecord:
    (payment,) = read_835(REMITTANCE)
    return payment


def test_what_was_read_is_written_again_byte_for_byte() -> None:
    assert written(sample()) == REMITTANCE


def test_the_judges_accept_what_is_written(tmp_path: Path) -> None:
    content = written(sample(), replace(sample(), trace_number="EFT0000043"))

    assert judged(content, tmp_path) == []
    assert oxedi_finds(content) == []
    assert validate_835(content) == ()


def test_counts_and_control_numbers_are_derived() -> None:
    out = io.BytesIO()

    result = write_835([sample(), sample()], ENVELOPE, out)

    content = out.getvalue()
    assert content.endswith(b"SE*47*0002~GE*2*42~IEA*1*000000042~")
    assert (result.transaction_count, result.byte_count) == (2, len(content))
    assert result.segment_count == content.count(b"~")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paid_amount_cents": 17007}, r"payment EFT0000042, loop transaction, BPR02: .*expected 170\.06"),
        ({"provider_adjustments": ()}, "BPR02"),
        ({"method": "EFT"}, "BPR04"),
        ({"payer_contacts": ()}, r"payer technical contact \(PER\) is missing"),
        ({"payer_contacts": (ContactRecord("ZZ", "X", ()),)}, "kind CX or BL or IC"),
        ({"trace_number": ""}, "payment , loop transaction, TRN02"),
        ({"trace_number": "A*B"}, "TRN02 .*holds one of the delimiters"),
    ],
)
def test_a_payment_that_must_not_go_out_is_refused(changes: dict[str, object], expected: str) -> None:
    out = io.BytesIO()

    with pytest.raises(X12Error, match=expected):
        write_835([replace(sample(), **changes)], ENVELOPE, out)

    assert out.getvalue() == b""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"paid_amount_cents": 20007}, "claim C-00000000000001, loop 2100, CLP04"),
        ({"charge_amount_cents": 28433}, "CLP04"),
        ({"status_code": "9"}, "CLP02"),
        ({"remark_codes": ("N1", "N2", "N3", "N4", "N5", "N6")}, "at most 5 remarks"),
    ],
)
def test_a_claim_that_must_not_go_out_is_named(changes: dict[str, object], expected: str) -> None:
    payment = sample()

    with pytest.raises(X12Error, match=expected):
        written(replace(payment, claims=(replace(payment.claims[0], **changes), *payment.claims[1:])))


@st.composite
def lines(draw: st.DrawFn) -> ServicePayment:
    """A line that balances, whatever is taken off it."""
    charge = draw(st.integers(0, 50_000))
    adjustments = draw(
        st.lists(
            st.builds(
                Adjustment,
                st.sampled_from(["CO", "OA", "PI", "PR"]),
                st.sampled_from(["1", "2", "45", "97"]),
                st.integers(-9_000, 9_000).filter(bool),
                st.one_of(st.none(), st.sampled_from([Decimal(1), Decimal("2.5")])),
            ),
            max_size=14,
        )
    )
    first = draw(st.dates(date(2026, 1, 1), date(2026, 3, 31)))
    return ServicePayment(
        hcpcs_code=draw(st.sampled_from(["99492", "99493", "G2214"])),
        modifiers=draw(st.sampled_from([(), ("95",), ("95", "GT")])),
        submitted_hcpcs_code=draw(st.sampled_from(["", "99494"])),
        charge_amount_cents=charge,
        paid_amount_cents=charge - sum(one.amount_cents for one in adjustments),
        paid_quantity=draw(st.sampled_from([None, Decimal(1), Decimal(3)])),
        service_from_date=first,
        service_to_date=draw(st.sampled_from([first, date(2026, 3, 31)])),
        line_control_number=draw(st.sampled_from(["", "C-1-1"])),
        allowed_amount_cents=draw(st.sampled_from([None, 12_345])),
        adjustments=tuple(adjustments),
        remark_codes=draw(st.sampled_from([(), ("N130",), ("N130", "M15")])),
        numbers=draw(st.sampled_from([(), (Reference("LU", "11"), Reference("0K", "POLICY 7"))])),
        amounts=draw(st.sampled_from([(), (AmountRecord("KH", 5),)])),
    )


@st.composite
def claims(draw: st.DrawFn) -> ClaimPayment:
    own = tuple(draw(st.lists(lines(), min_size=1, max_size=3)))
    return ClaimPayment(
        claim_id=f"C-{draw(st.integers(1, 10**6))}",
        status_code=draw(st.sampled_from(["1", "2", "4"])),
        charge_amount_cents=sum(one.charge_amount_cents for one in own),
        paid_amount_cents=sum(one.paid_amount_cents for one in own),
        patient_responsibility_amount_cents=sum(
            adjustment.amount_cents
            for line in own
            for adjustment in line.adjustments
            if adjustment.group_code == "PR"
        ),
        claim_filing_code="HM",
        payer_claim_control_number="ICN1",
        place_of_service_code="11",
        frequency_code="1",
        patient=PATIENT,
        subscriber=draw(st.sampled_from([None, replace(PATIENT, first_name="BAO")])),
        corrected=None,
        rendering=draw(
            st.sampled_from([None, PartyRecord(True, "OKAFOR", "GRACE", "", "", "XX", "1679576722")])
        ),
        crossover_payer=draw(st.sampled_from([None, PartyRecord(False, "NEXT", "", "", "", "PI", "NX")])),
        adjustments=(),
        remark_codes=draw(st.sampled_from([(), ("MA01", "MA18")])),
        statement_from_date=draw(st.sampled_from([None, date(2026, 3, 1)])),
        statement_to_date=draw(st.sampled_from([None, date(2026, 3, 31)])),
        received_date=draw(st.sampled_from([None, date(2026, 4, 2)])),
        lines=own,
        numbers=draw(st.sampled_from([(), (Reference("G1", "AUTH9"), Reference("D3", "123"))])),
        amounts=draw(st.sampled_from([(), (AmountRecord("AU", 100),)])),
    )


@st.composite
def payments(draw: st.DrawFn) -> RemittanceRecord:
    own = tuple(draw(st.lists(claims(), max_size=3)))
    moved = tuple(
        ProviderAdjustment("1234567893", date(2026, 12, 31), "WO", "ICN9", cents)
        for cents in draw(st.lists(st.integers(-500, 500).filter(bool), max_size=8))
    )
    paid = sum(one.paid_amount_cents for one in own) - sum(one.amount_cents for one in moved)
    return replace(
        sample(),
        claims=own,
        provider_adjustments=moved,
        paid_amount_cents=paid,
        payee=replace(
            sample().payee, address=draw(st.sampled_from([None, Address("1 MAIN", "FRESNO", "CA", "93701")]))
        ),
    )


def unnumbered(payment: RemittanceRecord) -> RemittanceRecord:
    """Without the control numbers, which a written file gives anew."""
    return replace(
        payment,
        interchange_control_number="",
        group_control_number="",
        transaction_control_number="",
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(payments(), min_size=1, max_size=2), DELIMITERS, DRESSES)
def test_payments_come_back_the_same_in_any_dress(
    given_payments: list[RemittanceRecord], delimiters: Delimiters, dress: Dress
) -> None:
    content = written(*given_payments, delimiters=delimiters)

    read = list(read_835(dress.put_on(content)))

    assert list(map(unnumbered, read)) == list(map(unnumbered, given_payments))
