"""An amount that no books can add up is refused with the claim or payment it stands in."""

from __future__ import annotations

import io

import pytest
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import X12Error
from cocm.remits.decision import AMOUNT_CENTS_MAX, decisions_of, payment_of
from cocm.remits.decision_tables import payment_parts
from cocm.remits.table_columns import TablesUnfit
from cocm.x12 import iter_tables_835, read_835

BEYOND = AMOUNT_CENTS_MAX + 1


@pytest.mark.parametrize(
    "line",
    [Line("99493", BEYOND), Line("99493", 100, (("CO", "45", BEYOND), ("CO", "94", -BEYOND)))],
    ids=["charge", "adjustments that cancel out"],
)
@pytest.mark.parametrize("at_claim", [(), (("CO", "45", -BEYOND),)], ids=["line", "claim"])
def test_a_claims_amount_beyond_the_limit_names_the_claim(
    line: Line, at_claim: tuple[tuple[str, str, int], ...]
) -> None:
    (record,) = read_835(io.BytesIO(remittance(Decided("C-1", (line,), adjustments=at_claim), total_cents=0)))
    with pytest.raises(X12Error, match=r"claim C-1: an amount of \d{13}\.00 dollars"):
        list(decisions_of(record))


@pytest.mark.parametrize(
    "changes", [{"total_cents": BEYOND}, {"provider_adjustments": (("WO", "", -BEYOND),)}]
)
def test_a_payments_amount_beyond_the_limit_names_its_trace(changes: dict[str, object]) -> None:
    content = remittance(Decided("C-1", (Line("99493", 100),)), trace="EFT9", **changes)  # type: ignore[arg-type]  # one argument each
    (record,) = read_835(io.BytesIO(content))
    with pytest.raises(X12Error, match="payment EFT9"):
        payment_of(record)


def test_the_largest_amount_is_taken() -> None:
    (record,) = read_835(io.BytesIO(remittance(Decided("C-1", (Line("99493", AMOUNT_CENTS_MAX),)))))
    (decision,) = decisions_of(record)
    assert decision.paid_amount_cents == payment_of(record).paid_amount_cents == AMOUNT_CENTS_MAX


@pytest.mark.parametrize(
    "content",
    [
        remittance(Decided("C-1", (Line("99493", BEYOND),)), total_cents=0),
        remittance(Decided("C-1", (Line("99493", 0, (("CO", "45", -BEYOND),)),)), total_cents=0),
        remittance(Decided("C-1", (Line("99493", 100),)), total_cents=BEYOND),
        remittance(Decided("C-1", (Line("99493", 100),)), provider_adjustments=(("WO", "", BEYOND),)),
        remittance(Decided("C-1", (Line("99493", 0),))).replace(
            b"DTM*472", b"AMT*B6*%d~DTM*472" % (BEYOND // 100 + 1)
        ),
    ],
    ids=["charge", "adjustment", "payment", "provider-adjustment", "allowed"],
)
def test_the_tables_leave_such_an_amount_to_the_records(content: bytes) -> None:
    with pytest.raises(TablesUnfit):
        list(payment_parts(iter_tables_835(io.BytesIO(content))))
