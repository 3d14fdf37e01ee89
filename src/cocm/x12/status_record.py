"""What a payer says of a claim or service line (STC), as 277CA, 277 and requests for information have it in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.tree_values import day_text, optional_amount, optional_cents, optional_day, plain
from cocm.x12.tree_writer import SegmentValues, Value

CODES_PER_STATUS_MAX: Final = 3
MESSAGE_MAX: Final = 264

_PLACES: Final = range(1, CODES_PER_STATUS_MAX + 1)
_REJECT_ACTION: Final = "U"


@dataclass(frozen=True, slots=True)
class StatusCode:
    """One status: category (A1, A7, F1, R4 …), the status within it, and whom it is about (entity code).

    `code_list` names another list that `status_code` is from: `LOI` LOINC, `RX` pharmacy; empty: claim status codes.
    """

    category_code: str
    status_code: str
    entity_code: str = ""
    code_list: str = ""


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One statement, of one to three codes. What it does not say is None or empty.

    `action_code` is WQ accepted or U rejected (277CA). Amounts are of the whole claim or line that it is about.
    """

    codes: tuple[StatusCode, ...]
    effective_date: date | None = None
    action_code: str = ""
    charge_amount_cents: int | None = None
    paid_amount_cents: int | None = None
    adjudication_date: date | None = None
    payment_method: str = ""
    payment_date: date | None = None
    check_number: str = ""
    message: str = ""

    @property
    def is_rejected(self) -> bool:
        """Whether the receiver is to correct and send again."""
        return self.action_code == _REJECT_ACTION


def statuses(placed: Iterable[PlacedSegment]) -> tuple[StatusRecord, ...]:
    """STC segments as statuses."""
    return tuple(map(_status, placed))


def status_values(status: StatusRecord) -> SegmentValues:
    """A status as an STC segment. Raises `X12Error` where it has no code or too many."""
    if not 1 <= len(status.codes) <= CODES_PER_STATUS_MAX:
        raise X12Error(f"a status has 1 to {CODES_PER_STATUS_MAX} codes, not {len(status.codes)}")
    values: dict[str, Value] = {
        "date": day_text(status.effective_date),
        "action": status.action_code,
        "charge_amount": optional_amount(status.charge_amount_cents),
        "paid_amount": optional_amount(status.paid_amount_cents),
        "adjudication_date": day_text(status.adjudication_date),
        "payment_method": status.payment_method,
        "payment_date": day_text(status.payment_date),
        "check_number": status.check_number,
        "message": plain(status.message, MESSAGE_MAX),
    }
    for at, code in enumerate(status.codes, start=1):
        values[f"category_{at}"] = code.category_code
        values[f"status_{at}"] = code.status_code
        values[f"entity_{at}"] = code.entity_code
        values[f"code_list_{at}"] = code.code_list
    return SegmentValues("status", {name: value for name, value in values.items() if value})


def _status(placed: PlacedSegment) -> StatusRecord:
    codes = (
        StatusCode(
            placed.value(f"category_{at}"),
            placed.value(f"status_{at}"),
            placed.value(f"entity_{at}"),
            placed.value(f"code_list_{at}"),
        )
        for at in _PLACES
    )
    return StatusRecord(
        codes=tuple(code for code in codes if code.category_code or code.status_code),
        effective_date=optional_day(placed),
        action_code=placed.value("action"),
        charge_amount_cents=optional_cents(placed, "charge_amount"),
        paid_amount_cents=optional_cents(placed, "paid_amount"),
        adjudication_date=optional_day(placed, "adjudication_date"),
        payment_method=placed.value("payment_method"),
        payment_date=optional_day(placed, "payment_date"),
        check_number=placed.value("check_number"),
        message=placed.value("message"),
    )
