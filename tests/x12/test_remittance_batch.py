"""Remittances whose claims are filled in are those whose claims are laid out and checked one by one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from claim_samples import ENVELOPE

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.x12 import remittance_writer
from cocm.x12.claim_record import PartyRecord
from cocm.x12.remittance_record import Adjustment, ClaimPayment, RemittanceRecord, ServicePayment
from cocm.x12.remittance_writer import write_835, write_exactly
from cocm.x12.wire_parts import AmountRecord, ContactRecord, Reference

DAY = date(2026, 3, 31)
PLACE = Address("1 PLAN PLAZA", "FRESNO", "CA", "93701")


def _party(name: str, number: str, *, kind: str = "MI", is_person: bool = True) -> PartyRecord:
    return PartyRecord(is_person, name, "GRACE" if is_person else "", "", "", kind, number)


def _line(rng: Random) -> ServicePayment:
    charge, allowed = rng.choice((16000, 18000, 7050)), rng.choice((5000, 7050))
    share = rng.choice((0, 0, 2000, rng.randrange(1, 5000)))
    is_denied = rng.random() < 0.2
    parts = [("CO", "29", charge)] if is_denied else [("CO", "45", charge - allowed), ("PR", "3", share)]
    adjustments = tuple(Adjustment(group, reason, cents, None) for group, reason, cents in parts if cents)
    paid = 0 if is_denied else allowed - share
    units = Decimal(rng.choice((1, 2)))
    return ServicePayment(
        rng.choice(("99492", "99494")), rng.choice(((), ("25",))), "", charge, paid, Decimal(0) if is_denied else units,
        DAY, rng.choice((DAY, date(2026, 4, 1))), rng.choice(("6", "ABC77", "")), None if is_denied else allowed,
        adjustments, rng.choice(((), ("N362",))) if is_denied else (),
        submitted_quantity=units if is_denied else None,
    )  # fmt: skip


def _claim(rng: Random, number: int, **changes: Any) -> ClaimPayment:
    lines = tuple(_line(rng) for _ in range(rng.choice((1, 1, 2))))
    share = sum(one.amount_cents for line in lines for one in line.adjustments if one.group_code == "PR")
    claim = ClaimPayment(
        f"C{number}", rng.choice("14"), sum(line.charge_amount_cents for line in lines),
        sum(line.paid_amount_cents for line in lines), share, "12", f"P-{number}", "11", "1",
        _party(rng.choice(("DAVIS", "O'Brien", "García-Lee", "Very " * 20)), f"M{number}"), None, None,
        rng.choice((None, _party("OKAFOR", "1679576722", kind="XX"))), None, (), (), DAY, date(2026, 4, 1), DAY, lines,
    )  # fmt: skip
    return replace(claim, **changes)


def _payments(seed: int, count: int = 60) -> list[RemittanceRecord]:
    rng = Random(seed)
    payments = []
    for payee in range(3):
        claims = tuple(_claim(rng, 1000 * payee + number) for number in range(count))
        paid = sum(one.paid_amount_cents for one in claims)
        payments.append(
            RemittanceRecord(
                "", "", "", "I", paid, "CHK", date(2026, 4, 6), f"T-{payee}", "1941112222",
                replace(_party("GOLDEN HEALTH PLAN", "", kind="", is_person=False), address=PLACE),
                _party("LAKESIDE", "1234567893", kind="XX", is_person=False), date(2026, 4, 6), claims, (),
                payer_contacts=(ContactRecord("BL", "GOLDEN HEALTH PLAN", (("TE", "8005550111"),)),),
                payee_numbers=(Reference("TJ", "941234567"),),
            )
        )  # fmt: skip
    return payments


def _exactly(payments: list[RemittanceRecord]) -> bytes:
    out = io.BytesIO()
    write_exactly(payments, ENVELOPE, out)
    return out.getvalue()


@pytest.fixture
def exact_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many claims were laid out and checked by themselves, call by call; batches of any size are filled in."""
    calls: list[int] = []

    def counted(payments: Any, *given: Any, **options: Any) -> Any:
        together = tuple(payments)
        calls.append(sum(len(one.claims) for one in together))
        return write_exactly(together, *given, **options)

    monkeypatch.setattr(remittance_writer, "CLAIMS_IN_BATCH_MIN", 1)
    monkeypatch.setattr(remittance_writer, "write_exactly", counted)
    return calls


@pytest.mark.parametrize("seed", range(6))
def test_filled_in_is_what_is_laid_out(seed: int, exact_calls: list[int]) -> None:
    payments, out = _payments(seed), io.BytesIO()
    written = write_835(payments, ENVELOPE, out)
    assert out.getvalue() == _exactly(payments)
    assert len(exact_calls) == 1 and exact_calls[0] < 180  # the proofs alone: fewer than the claims
    assert (written.byte_count, written.transaction_count) == (len(out.getvalue()), 3)
    assert written.segment_count == out.getvalue().count(b"~")


@pytest.mark.parametrize(
    "changes",
    [
        {"claim_id": "A*1"},
        {"claim_id": "X" * 60},
        {"paid_amount_cents": 1},
        {"charge_amount_cents": 5},
        {"patient_responsibility_amount_cents": 77},
        {"status_code": "99"},
        {"statement_to_date": date(2026, 1, 1)},
        {"patient": _party("DAVIS", "M~1")},
    ],
)
def test_what_is_wrong_is_refused_in_the_exact_way(changes: dict[str, Any], exact_calls: list[int]) -> None:
    first, *rest = _payments(1)
    claims = (*first.claims[:30], replace(first.claims[30], **changes), *first.claims[31:])
    payments = [
        replace(first, claims=claims, paid_amount_cents=sum(one.paid_amount_cents for one in claims)),
        *rest,
    ]
    with pytest.raises(X12Error) as filled:
        write_835(payments, ENVELOPE, io.BytesIO())
    with pytest.raises(X12Error) as exact:
        _exactly(payments)
    assert str(filled.value) == str(exact.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"amounts": (AmountRecord("I", 700),)},
        {"subscriber": _party("DAVIS", "M5")},
        {"place_of_service_code": "", "frequency_code": ""},
        {"patient": _party("DAVIS", "123", kind="34")},
    ],
)
def test_only_claims_with_more_parts_are_laid_out(changes: dict[str, Any], exact_calls: list[int]) -> None:
    first, *rest = _payments(2)
    claims = (*first.claims[:10], replace(first.claims[10], **changes), *first.claims[11:])
    payments, out = [replace(first, claims=claims), *rest], io.BytesIO()
    write_835(payments, ENVELOPE, out)
    assert out.getvalue() == _exactly(payments)
    assert len(exact_calls) == 1 and exact_calls[0] < 180


def test_where_most_claims_have_more_parts_all_are_laid_out(exact_calls: list[int]) -> None:
    payments = [
        replace(one, claims=tuple(replace(claim, amounts=(AmountRecord("I", 700),)) for claim in one.claims))
        for one in _payments(3, count=5)
    ]
    out = io.BytesIO()
    write_835(payments, ENVELOPE, out)
    assert out.getvalue() == _exactly(payments)
    assert exact_calls == [15]


def test_a_claim_with_more_parts_is_checked_too(exact_calls: list[int]) -> None:
    first, *rest = _payments(2)
    wrong = replace(first.claims[10], subscriber=_party("DAVIS", "M5"), status_code="99")
    payments = [replace(first, claims=(*first.claims[:10], wrong, *first.claims[11:])), *rest]
    out = io.BytesIO()
    with pytest.raises(X12Error, match=f"claim {wrong.claim_id}"):
        write_835(payments, ENVELOPE, out)
    assert out.getvalue() == b""


@pytest.mark.parametrize("entity_name", ["VALLEY IPA", "V" * 80])
def test_forwarded_claims_are_filled_in_with_who_they_went_to(
    entity_name: str, exact_calls: list[int]
) -> None:
    went_to = _party(entity_name, "VAL01", kind="PI", is_person=False)
    kept = _payments(4, count=30)
    forwarded = [
        replace(one, claims=tuple(replace(claim, crossover_payer=went_to) for claim in one.claims))
        for one in kept
    ]
    write_835(kept, ENVELOPE, io.BytesIO())
    out = io.BytesIO()
    write_835(forwarded, ENVELOPE, out)
    assert out.getvalue() == _exactly(forwarded)
    assert out.getvalue().count(f"NM1*TT*2*{entity_name[:20]}".encode()) == 90
    assert exact_calls[1:] == exact_calls[:1]  # as many proofs as without
