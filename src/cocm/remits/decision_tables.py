"""Payments and decisions out of a remittance's columnar tables: the same as from its records, for large files.

Columns are turned into lists once a block and walked together; NumPy's arrays are only asked for those lists. The
tables must have told no problem but of balances: what a record reader would refuse is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cocm.basics.errors import X12Error
from cocm.remits.decision import (
    AdjustmentAmount,
    ClaimDecision,
    DecidedLine,
    DecisionIds,
    DecisionStatus,
    Payment,
    ProviderAdjustmentAmount,
    payment_id_of,
    plain_quantity,
)
from cocm.x12 import ProblemKind

if TYPE_CHECKING:
    from cocm.x12 import RemittanceTables
    from cocm.x12.columns import Table

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_DEBIT = "D"


class TablesUnfit(X12Error):
    """The tables tell a problem that the record reader must judge: read the file again with it."""


class PaymentPart(NamedTuple):
    """Some of a payment's decisions, in the file's order. The last part carries all of its provider adjustments."""

    payment: Payment
    decisions: list[ClaimDecision]
    is_last: bool


def payment_parts(blocks: Iterable[RemittanceTables]) -> Iterator[PaymentPart]:
    """The payments of a file with their decisions, a block at a time, in flat memory.

    Raises `TablesUnfit` as soon as a block tells a problem other than of balances; what was handed out before must
    then be given up.
    """
    reader = _Reader()
    for tables in blocks:
        problem = next((given for given in tables.problems if given.kind is not ProblemKind.BALANCE), None)
        if problem is not None:
            raise TablesUnfit(f"byte {problem.byte_offset}: {problem.kind}")
        yield from reader.block(tables)
    yield from reader.end()


class _Reader:
    """Follows the blocks of one file: what a payment's parts share, and how far the rows are counted."""

    def __init__(self) -> None:
        self._claims_before = self._lines_before = 0
        self._open: Payment | None = None
        self._open_key = -1
        self._ids: DecisionIds | None = None
        self._adjustments: list[ProviderAdjustmentAmount] = []

    def block(self, tables: RemittanceTables) -> Iterator[PaymentPart]:
        """The parts in a block; a payment ends where the next begins."""
        cells = _Cells()
        payments = self._payments(tables, cells)
        moved = _provider_adjustments(tables, cells)
        claims_by_payment = self._claims(tables, cells)
        for key in sorted({*payments, *moved, *claims_by_payment}):
            if key != self._open_key:
                yield from self.end()
                if key not in payments:
                    raise TablesUnfit(f"transaction {key}: its payment does not stand before its claims")
                self._open, self._open_key = payments[key], key
                self._ids, self._adjustments = DecisionIds(payments[key].payment_id), []
            assert self._open is not None and self._ids is not None  # set with the key
            self._adjustments += moved.get(key, ())
            claims = claims_by_payment.get(key)
            if claims is not None:
                yield PaymentPart(
                    self._open, claims.decisions(self._open.payment_id, self._ids), is_last=False
                )

    def end(self) -> Iterator[PaymentPart]:
        """The last part of the payment that is open."""
        if self._open is not None:
            whole = self._open._replace(provider_adjustments=tuple(self._adjustments))
            yield PaymentPart(whole, [], is_last=True)
        self._open = None

    def _payments(self, tables: RemittanceTables, cells: _Cells) -> dict[int, Payment]:
        """The payments that begin in a block, by their number in the file."""
        table = tables.payments
        if not len(table):
            return {}
        payers = _first_of(tables.parties, cells, "transaction", "payer_name", "last_or_organization_name")
        numbers = _first_of(tables.references, cells, "transaction", "payer_number", "number")
        payees = _first_of(tables.parties, cells, "transaction", "payee_name", "identifier")
        found = {}
        for key, payer_identifier, trace, paid_on, produced_on, method, handling, amount, direction in zip(
            cells.numbers(table, "transaction"),
            cells.texts(table, "payer_identifier"),
            cells.texts(table, "trace_number"),
            cells.days(table, "payment_date"),
            cells.days(table, "production_date"),
            cells.texts(table, "method"),
            cells.texts(table, "handling_code"),
            cells.numbers(table, "amount_cents"),
            cells.texts(table, "credit_or_debit"),
            strict=True,
        ):
            if paid_on is None:
                raise TablesUnfit(f"payment {key}: no date")
            cents = -amount if direction == _DEBIT else amount
            found[key] = Payment(
                payment_id_of(payer_identifier, trace, paid_on, cents),
                payer_identifier,
                payers.get(key, ""),
                payees.get(key, ""),
                trace,
                paid_on,
                produced_on,
                method,
                handling,
                cents,
                (),
                numbers.get(key, ""),
            )
        return found

    def _claims(self, tables: RemittanceTables, cells: _Cells) -> dict[int, _Claims]:
        """The claims of a block by their payment."""
        found: dict[int, _Claims] = {}
        first = self._claims_before
        self._claims_before += len(tables.claims)
        first_line = self._lines_before
        self._lines_before += len(tables.lines)
        if not len(tables.claims):
            return found
        shared = _Shared(tables, cells, first_line)
        for at, key in enumerate(cells.numbers(tables.claims, "transaction")):
            claims = found.get(key)
            if claims is None:
                claims = found[key] = _Claims(shared, first, [])
            claims.rows.append(at)
        return found


class _Shared:
    """A block's columns as lists, and its lines, reasons and remarks by the claim they belong to."""

    def __init__(self, tables: RemittanceTables, cells: _Cells, first_line: int) -> None:
        at_claim: dict[int, list[AdjustmentAmount]] = {}
        at_line: dict[int, list[AdjustmentAmount]] = {}
        adjustments = tables.adjustments
        for claim, line, group, reason, cents in zip(
            cells.numbers(adjustments, "claim"),
            cells.numbers(adjustments, "line"),
            cells.texts(adjustments, "group_code"),
            cells.texts(adjustments, "reason_code"),
            cells.numbers(adjustments, "amount_cents"),
            strict=True,
        ):
            given = AdjustmentAmount(group, reason, cents)
            if line >= 0:
                at_line.setdefault(line, []).append(given)
            else:
                at_claim.setdefault(claim, []).append(given)
        claim_remarks: dict[int, list[str]] = {}
        line_remarks: dict[int, list[str]] = {}
        for claim, line, remark in zip(
            cells.numbers(tables.remarks, "claim"),
            cells.numbers(tables.remarks, "line"),
            cells.texts(tables.remarks, "remark_code"),
            strict=True,
        ):
            if line >= 0:
                line_remarks.setdefault(line, []).append(remark)
            else:
                claim_remarks.setdefault(claim, []).append(remark)
        self.adjustments, self.remarks = at_claim, claim_remarks
        self.lines, self.first_days, self.last_days = _lines(tables, cells, first_line, at_line, line_remarks)
        table = tables.claims
        self.columns = (
            cells.texts(table, "claim_id"),
            cells.texts(table, "payer_claim_control_number"),
            cells.texts(table, "status_code"),
            cells.numbers(table, "charge_amount_cents"),
            cells.numbers(table, "paid_amount_cents"),
            cells.numbers(table, "patient_responsibility_amount_cents"),
            cells.days(table, "statement_from_date"),
            cells.days(table, "statement_to_date"),
            cells.days(table, "received_date"),
            cells.numbers(table, "start"),
            cells.numbers(table, "end"),
        )
        self.members = _first_of(tables.parties, cells, "claim", "patient_name", "identifier")
        self.subscribers = _first_of(tables.parties, cells, "claim", "subscriber_name", "identifier")


class _Claims(NamedTuple):
    """The claims of one payment in a block; `first` is the number of the block's first claim."""

    shared: _Shared
    first: int
    rows: list[int]

    def decisions(self, payment_id: str, ids: DecisionIds) -> list[ClaimDecision]:
        """The decisions in the file's order."""
        shared, first, next_id = self.shared, self.first, ids.next_id
        numbers, payer_numbers, statuses, charges, paids, shares, firsts, lasts, received, starts, ends = (
            shared.columns
        )
        made = []
        for at in self.rows:
            key = first + at
            lines = tuple(shared.lines.get(key, ()))
            adjustments = tuple(shared.adjustments.get(key, ()))
            number, payer_number, status = numbers[at], payer_numbers[at], statuses[at]
            charge, paid = charges[at], paids[at]
            made.append(
                ClaimDecision(
                    next_id(number, payer_number, status, charge, paid, adjustments, lines),
                    payment_id,
                    number,
                    payer_number,
                    DecisionStatus(status),
                    charge,
                    paid,
                    shares[at],
                    firsts[at] or shared.first_days.get(key),
                    lasts[at] or shared.last_days.get(key),
                    received[at],
                    shared.members.get(key, "") or shared.subscribers.get(key, ""),
                    adjustments,
                    tuple(shared.remarks.get(key, ())),
                    lines,
                    starts[at],
                    ends[at],
                )
            )
        return made


class _Cells:
    """A block's columns as lists of Python values. A number that is left out is 0, a date None, a text empty."""

    def __init__(self) -> None:
        self._letters: dict[int, tuple[Any, str | None]] = {}
        self._days: dict[int, date] = {}

    def texts(self, table: Table, name: str) -> list[str]:
        """A column of texts."""
        column: Any = table[name]
        if not len(column):
            return []
        kept = self._letters.get(id(column.data))
        if kept is None:
            raw = column.data.tobytes()
            # Kept with its bytes, so that the number under which it is kept stays theirs.
            kept = self._letters[id(column.data)] = (
                column.data,
                raw.decode("ascii") if raw.isascii() else None,
            )
        letters = kept[1]
        if letters is None:
            return [column[row] for row in range(len(column))]
        return [
            letters[start : start + length]
            for start, length in zip(column.start.tolist(), column.length.tolist(), strict=True)
        ]

    def numbers(self, table: Table, name: str) -> list[int]:
        """A column of whole numbers: cents, keys, bytes or thousandths."""
        column: Any = table[name]
        found: list[int] = column.values.tolist()
        return found

    def optional(self, table: Table, name: str) -> list[int | None]:
        """The same with None where it is left out."""
        column: Any = table[name]
        if column.present is None:
            return self.numbers(table, name)  # type: ignore[return-value]  # a list of int serves as one of int | None
        return [
            value if there else None
            for value, there in zip(column.values.tolist(), column.present.tolist(), strict=True)
        ]

    def days(self, table: Table, name: str) -> list[date | None]:
        """A column of dates."""
        return [None if day is None else self._day(day) for day in self.optional(table, name)]

    def _day(self, number: int) -> date:
        found = self._days.get(number)
        if found is None:
            found = self._days[number] = date.fromordinal(number + _EPOCH_ORDINAL)
        return found


def _lines(
    tables: RemittanceTables,
    cells: _Cells,
    first_line: int,
    adjustments: Mapping[int, list[AdjustmentAmount]],
    remarks: Mapping[int, list[str]],
) -> tuple[dict[int, list[DecidedLine]], dict[int, date], dict[int, date]]:
    """The lines by claim, and each claim's first and last day of service."""
    table = tables.lines
    found: dict[int, list[DecidedLine]] = {}
    first_days: dict[int, date] = {}
    last_days: dict[int, date] = {}
    quantities: dict[int, Decimal | None] = {}
    rows = zip(
        cells.numbers(table, "claim"),
        cells.texts(table, "hcpcs_code"),
        cells.texts(table, "submitted_hcpcs_code"),
        cells.numbers(table, "charge_amount_cents"),
        cells.numbers(table, "paid_amount_cents"),
        cells.optional(table, "paid_quantity"),
        cells.optional(table, "allowed_amount_cents"),
        cells.days(table, "service_from_date"),
        cells.days(table, "service_to_date"),
        strict=True,
    )
    for line, (claim, code, submitted, charge, paid, units, allowed, first, last) in enumerate(
        rows, first_line
    ):
        quantity = None
        if units is not None:
            if units not in quantities:
                quantities[units] = plain_quantity(Decimal(units).scaleb(-3))
            quantity = quantities[units]
        reasons, told = adjustments.get(line), remarks.get(line)
        made = DecidedLine(
            submitted or code,
            quantity,
            charge,
            paid,
            allowed,
            tuple(reasons) if reasons else (),
            tuple(told) if told else (),
        )
        others = found.get(claim)
        if others is None:
            found[claim] = [made]
        else:
            others.append(made)
        if first is not None and (claim not in first_days or first < first_days[claim]):
            first_days[claim] = first
        until = last or first
        if until is not None and (claim not in last_days or until > last_days[claim]):
            last_days[claim] = until
    return found, first_days, last_days


def _provider_adjustments(
    tables: RemittanceTables, cells: _Cells
) -> dict[int, list[ProviderAdjustmentAmount]]:
    """The provider adjustments of a block by their payment."""
    table = tables.provider_adjustments
    found: dict[int, list[ProviderAdjustmentAmount]] = {}
    for key, reason, reference, cents in zip(
        cells.numbers(table, "transaction"),
        cells.texts(table, "reason_code"),
        cells.texts(table, "reference"),
        cells.numbers(table, "amount_cents"),
        strict=True,
    ):
        found.setdefault(key, []).append(ProviderAdjustmentAmount(reason, reference, cents))
    return found


def _first_of(table: Table, cells: _Cells, key: str, segment: str, wanted: str) -> dict[int, str]:
    """A value of the first segment of a name, by the row it belongs to."""
    names: Any = table["segment"]
    ours = {number for number, name in enumerate(names.names) if name == segment}
    found: dict[int, str] = {}
    for owner, number, value in zip(
        cells.numbers(table, key), names.numbers.tolist(), cells.texts(table, wanted), strict=True
    ):
        if number in ours and owner not in found:
            found[owner] = value
    return found
