"""Claim acknowledgments whose claims are filled in are those whose claims are laid out and checked one by one."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from claim_samples import ENVELOPE

from cocm.basics.errors import X12Error
from cocm.x12 import claim_acknowledgment
from cocm.x12.claim_acknowledgment import write_277ca, write_277ca_exactly
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedProvider,
    AcknowledgmentTotals,
    ClaimAcknowledgment,
)
from cocm.x12.claim_record import PartyRecord
from cocm.x12.status_record import StatusCode, StatusRecord

DAY = date(2026, 3, 31)
SOURCE = PartyRecord(False, "GOLDEN HEALTH PLAN", "", "", "", "46", "GHP01")
TAKEN = StatusRecord((StatusCode("A2", "20"),), DAY, "WQ", 16000)
REFUSED = StatusRecord((StatusCode("A7", "178"),), DAY, "U", 16000, message="the sum is another")


def _claim(rng: Random, number: int) -> AcknowledgedClaim:
    charge = rng.randrange(1, 90_000)
    statuses = rng.choice(((TAKEN,), (TAKEN,), (REFUSED,), (REFUSED, replace(REFUSED, message=""))))
    name = rng.choice(("DAVIS", "O'Brien", "García-Lee", "Very " * 20))
    return AcknowledgedClaim(
        f"C{number}",
        PartyRecord(True, name, rng.choice(("GRACE", "")), "", "", "MI", f"M{number}"),
        tuple(replace(one, charge_amount_cents=charge) for one in statuses),
        rng.choice((DAY, date(2026, 3, 1))),
        DAY,
    )


def _told(seed: int) -> list[ClaimAcknowledgment]:
    rng = Random(seed)
    providers = tuple(
        AcknowledgedProvider(
            PartyRecord(False, f"PRACTICE {at}", "", "", "", "XX", "1234567893"),
            tuple(_claim(rng, 1000 * at + number) for number in range(rng.choice((1, 40)))),
            trace_number="0",
            statuses=(replace(TAKEN, effective_date=None),),
            totals=AcknowledgmentTotals(1, None, 5, None),
        )
        for at in range(1, 6)
    )
    batch = AcknowledgedBatch(SOURCE, "B1", (TAKEN,), AcknowledgmentTotals(1, None, 5, None), providers)
    one = ClaimAcknowledgment("R1", "PR", SOURCE, "T1", DAY, DAY, (batch,))
    return [one, replace(one, reference="R2", trace_number="T2")]


def _exactly(told: list[ClaimAcknowledgment]) -> bytes:
    out = io.BytesIO()
    write_277ca_exactly(told, ENVELOPE, out)
    return out.getvalue()


def _changed(told: list[ClaimAcknowledgment], **changes: Any) -> list[ClaimAcknowledgment]:
    (batch,) = told[0].batches
    *others, last = batch.providers
    changed = replace(last, claims=(*last.claims, replace(last.claims[-1], **changes)))
    return [replace(told[0], batches=(replace(batch, providers=(*others, changed)),)), *told[1:]]


@pytest.fixture
def exact_calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many acknowledgments were laid out and checked by themselves; batches of any size are filled in."""
    calls: list[int] = []

    def counted(told: Any, *given: Any) -> Any:
        together = tuple(told)
        calls.append(len(together))
        return write_277ca_exactly(together, *given)

    monkeypatch.setattr(claim_acknowledgment, "CLAIMS_IN_BATCH_MIN", 1)
    monkeypatch.setattr(claim_acknowledgment, "write_277ca_exactly", counted)
    return calls


@pytest.mark.parametrize("seed", range(6))
def test_filled_in_is_what_is_laid_out(seed: int, exact_calls: list[int]) -> None:
    told, out = _told(seed), io.BytesIO()
    written = write_277ca(told, ENVELOPE, out)
    assert out.getvalue() == _exactly(told)
    assert exact_calls == [3]  # the proofs: each acknowledgment's frame, and one claim of each kind
    assert (written.transaction_count, written.byte_count) == (2, len(out.getvalue()))
    assert written.segment_count == out.getvalue().count(b"~")


@pytest.mark.parametrize(
    "changes",
    [
        {"claim_id": "A*1"},
        {"claim_id": "X" * 60},
        {"statuses": ()},
        {"service_from_date": None, "service_to_date": None},
    ],
)
def test_what_is_wrong_is_refused_in_the_exact_way(changes: dict[str, Any], exact_calls: list[int]) -> None:
    told = _changed(_told(1), **changes)
    with pytest.raises(X12Error) as filled:
        write_277ca(told, ENVELOPE, io.BytesIO())
    with pytest.raises(X12Error) as exact:
        _exactly(told)
    assert str(filled.value) == str(exact.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"payer_claim_control_number": "ICN1"},
        {"patient": PartyRecord(True, "DAVIS", "GRACE", "M", "JR", "MI", "M1")},
    ],
)
def test_other_claims_are_written_as_well(changes: dict[str, Any], exact_calls: list[int]) -> None:
    told, out = _changed(_told(2), **changes), io.BytesIO()
    write_277ca(told, ENVELOPE, out)
    assert out.getvalue() == _exactly(told)
