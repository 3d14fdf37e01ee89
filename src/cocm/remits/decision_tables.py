"""Payments and decisions out of a remittance's columnar tables: the same as from its records, for large files.

Columns are turned into lists once a block and walked together. Lines and adjustments that say the same are made once
and shared: a remittance says the same few things about many claims. The tables must have told no problem but of
balances: what a record reader would refuse is left to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby, repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from cocm.remits.decision import (
    AdjustmentAmount,
    ClaimDecision,
    DecidedLine,
    DecisionIds,
    DecisionStatus,
    Payment,
    ProviderAdjustmentAmount,
    content_of,
    line_content,
    payment_id_of,
    plain_quantity,
)
from cocm.remits.table_columns import BlockColumns, TablesUnfit
from cocm.x12 import ProblemKind

if TYPE_CHECKING:
    from datetime import date

    from cocm.x12 import RemittanceTables

_DEBIT = "D"
SHARED_MAX: Final = 20_000
"""So many different lines, and adjustments, are remembered at once: memory stays flat whatever the file says."""


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
        self._known = _Known(_Adjustments(), _Lines(), _Statuses())
        self._open: Payment | None = None
        self._open_key = -1
        self._ids: DecisionIds | None = None
        self._adjustments: list[ProviderAdjustmentAmount] = []

    def block(self, tables: RemittanceTables) -> Iterator[PaymentPart]:
        """The parts in a block; a payment ends where the next begins."""
        columns = BlockColumns()
        payments = self._payments(tables, columns)
        moved = _provider_adjustments(tables, columns)
        claims_by_payment = self._claims(tables, columns)
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

    def _payments(self, tables: RemittanceTables, columns: BlockColumns) -> dict[int, Payment]:
        """The payments that begin in a block, by their number in the file."""
        table = tables.payments
        if not len(table):
            return {}
        payers = columns.first_of(tables.parties, "transaction", "payer_name", "last_or_organization_name")
        numbers = columns.first_of(tables.references, "transaction", "payer_number", "number")
        payees = columns.first_of(tables.parties, "transaction", "payee_name", "identifier")
        found = {}
        for key, payer_identifier, trace, paid_on, produced_on, method, handling, amount, direction in zip(
            columns.numbers(table, "transaction"),
            columns.texts(table, "payer_identifier"),
            columns.texts(table, "trace_number"),
            columns.days(table, "payment_date"),
            columns.days(table, "production_date"),
            columns.texts(table, "method"),
            columns.texts(table, "handling_code"),
            columns.amounts(table, "amount_cents"),
            columns.texts(table, "credit_or_debit"),
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

    def _claims(self, tables: RemittanceTables, columns: BlockColumns) -> dict[int, _Claims]:
        """The claims of a block by their payment."""
        first, first_line = self._claims_before, self._lines_before
        self._claims_before += len(tables.claims)
        self._lines_before += len(tables.lines)
        if not len(tables.claims):
            return {}
        whole = _block_claims(tables, columns, self._known, first, first_line)
        found: dict[int, _Claims] = {}
        start = 0
        for key, rows in groupby(columns.numbers(tables.claims, "transaction")):
            end = start + sum(1 for _ in rows)
            found[key] = whole.between(start, end)
            start = end
        return found


class _Claims(NamedTuple):
    """Claims in the file's order, by columns named as a decision's fields."""

    claim_numbers: list[str]
    payer_claim_control_numbers: list[str]
    statuses: list[DecisionStatus]
    charge_amounts_cents: list[int]
    paid_amounts_cents: list[int]
    patient_amounts_cents: list[int]
    first_dates: list[date | None]
    last_dates: list[date | None]
    received_dates: list[date | None]
    member_ids: list[str]
    adjustments: list[tuple[AdjustmentAmount, ...]]
    remark_codes: list[tuple[str, ...]]
    lines: list[tuple[DecidedLine, ...]]
    starts: list[int]
    ends: list[int]
    contents: list[str]

    def between(self, start: int, end: int) -> _Claims:
        """The claims from one place to before another."""
        return _Claims._make(column[start:end] for column in self)

    def decisions(self, payment_id: str, ids: DecisionIds) -> list[ClaimDecision]:
        """The decisions, all of one payment."""
        given = map(
            ids.next_id,
            self.claim_numbers,
            self.payer_claim_control_numbers,
            self.statuses,
            self.charge_amounts_cents,
            self.paid_amounts_cents,
            self.contents,
        )
        return [*map(ClaimDecision, given, repeat(payment_id), *self)]


def _block_claims(
    tables: RemittanceTables, columns: BlockColumns, known: _Known, first: int, first_line: int
) -> _Claims:
    """A block's claims; `first` and `first_line` are the numbers of its first claim and line in the file."""
    table = tables.claims
    at_claim, at_line = _adjustments(tables, columns, known.adjustments)
    claim_remarks, line_remarks = _remarks(tables, columns)
    lines = _lines(tables, columns, known.lines, _LineParts(first_line, at_line, line_remarks))
    keys = range(first, first + len(table))
    contents = [*map(lines.contents.get, keys, repeat(""))]
    for key, given in at_claim.items():
        contents[key - first] = content_of(given, ()) + contents[key - first]
    members = columns.first_of(tables.parties, "claim", "patient_name", "identifier")
    subscribers = columns.first_of(tables.parties, "claim", "subscriber_name", "identifier")
    return _Claims(
        columns.texts(table, "claim_id"),
        columns.texts(table, "payer_claim_control_number"),
        [*map(known.statuses.__getitem__, columns.texts(table, "status_code"))],
        columns.amounts(table, "charge_amount_cents"),
        columns.amounts(table, "paid_amount_cents"),
        columns.amounts(table, "patient_responsibility_amount_cents"),
        _told_or(columns.days(table, "statement_from_date"), map(lines.first_days.get, keys)),
        _told_or(columns.days(table, "statement_to_date"), map(lines.last_days.get, keys)),
        columns.days(table, "received_date"),
        [members.get(key) or subscribers.get(key, "") for key in keys],
        [*map(at_claim.get, keys, repeat(()))],
        [*map(claim_remarks.get, keys, repeat(()))],
        [*map(lines.lines.get, keys, repeat(()))],
        columns.numbers(table, "start"),
        columns.numbers(table, "end"),
        contents,
    )


def _told_or(told: Iterable[date | None], instead: Iterable[date | None]) -> list[date | None]:
    return [day or other for day, other in zip(told, instead, strict=True)]


_AdjustmentCells = tuple[str, str, int]
_LineCells = tuple[str, str, int, int, int | None, int | None]


class _Adjustments(dict[_AdjustmentCells, AdjustmentAmount]):
    """Equal adjustments, each made once."""

    def __missing__(self, cells: _AdjustmentCells) -> AdjustmentAmount:
        if len(self) >= SHARED_MAX:
            self.clear()
        found = self[cells] = AdjustmentAmount(*cells)
        return found


class _Lines(dict[tuple[_LineCells, tuple[AdjustmentAmount, ...], tuple[str, ...]], tuple[DecidedLine, str]]):
    """Equal lines, each made once, with what they say (`line_content`)."""

    def __missing__(
        self, told: tuple[_LineCells, tuple[AdjustmentAmount, ...], tuple[str, ...]]
    ) -> tuple[DecidedLine, str]:
        if len(self) >= SHARED_MAX:
            self.clear()
        (code, submitted, charge, paid, units, allowed), adjustments, remarks = told
        quantity = None if units is None else plain_quantity(Decimal(units).scaleb(-3))
        line = DecidedLine(submitted or code, quantity, charge, paid, allowed, adjustments, remarks)
        found = self[told] = line, line_content(line)
        return found


class _Statuses(dict[str, DecisionStatus]):
    """The statuses by their codes."""

    def __missing__(self, code: str) -> DecisionStatus:
        found = self[code] = DecisionStatus(code)
        return found


class _Known(NamedTuple):
    """What a file has said before."""

    adjustments: _Adjustments
    lines: _Lines
    statuses: _Statuses


class _LineParts(NamedTuple):
    """What belongs to a block's lines, by their number in the file; `first` is the number of the block's first."""

    first: int
    adjustments: Mapping[int, tuple[AdjustmentAmount, ...]]
    remarks: Mapping[int, tuple[str, ...]]


class _ClaimLines(NamedTuple):
    """By claim: its lines, what they say in one text, and its first and last day of service."""

    lines: dict[int, tuple[DecidedLine, ...]]
    contents: dict[int, str]
    first_days: dict[int, date]
    last_days: dict[int, date]


def _lines(tables: RemittanceTables, columns: BlockColumns, known: _Lines, parts: _LineParts) -> _ClaimLines:
    """The lines of a block by claim."""
    table = tables.lines
    cells = zip(
        columns.texts(table, "hcpcs_code"),
        columns.texts(table, "submitted_hcpcs_code"),
        columns.amounts(table, "charge_amount_cents"),
        columns.amounts(table, "paid_amount_cents"),
        columns.optional(table, "paid_quantity"),
        columns.optional(table, "allowed_amount_cents"),
        strict=True,
    )
    columns.amounts(table, "allowed_amount_cents")
    claims = columns.numbers(table, "claim")
    adjustments, remarks = parts.adjustments, parts.remarks
    lines: dict[int, tuple[DecidedLine, ...]] = {}
    contents: dict[int, str] = {}
    first_days: dict[int, date] = {}
    last_days: dict[int, date] = {}
    for number, (claim, given) in enumerate(zip(claims, cells, strict=True), parts.first):
        line, content = known[given, adjustments.get(number, ()), remarks.get(number, ())]
        if claim in lines:
            lines[claim] += (line,)
            contents[claim] += content
        else:
            lines[claim] = (line,)
            contents[claim] = content
    for claim, first, last in zip(
        claims,
        columns.days(table, "service_from_date"),
        columns.days(table, "service_to_date"),
        strict=True,
    ):
        if first is not None and (claim not in first_days or first < first_days[claim]):
            first_days[claim] = first
        until = last or first
        if until is not None and (claim not in last_days or until > last_days[claim]):
            last_days[claim] = until
    return _ClaimLines(lines, contents, first_days, last_days)


def _adjustments(
    tables: RemittanceTables, columns: BlockColumns, known: _Adjustments
) -> tuple[dict[int, tuple[AdjustmentAmount, ...]], dict[int, tuple[AdjustmentAmount, ...]]]:
    """The adjustments of a block by claim, of those that stand at no line, and by line."""
    at_claim: dict[int, tuple[AdjustmentAmount, ...]] = {}
    at_line: dict[int, tuple[AdjustmentAmount, ...]] = {}
    table = tables.adjustments
    cells = zip(
        columns.texts(table, "group_code"),
        columns.texts(table, "reason_code"),
        columns.amounts(table, "amount_cents"),
        strict=True,
    )
    owners = zip(columns.numbers(table, "claim"), columns.numbers(table, "line"), strict=True)
    for (claim, line), given in zip(owners, cells, strict=True):
        found, owner = (at_line, line) if line >= 0 else (at_claim, claim)
        if owner in found:
            found[owner] += (known[given],)
        else:
            found[owner] = (known[given],)
    return at_claim, at_line


def _remarks(
    tables: RemittanceTables, columns: BlockColumns
) -> tuple[dict[int, tuple[str, ...]], dict[int, tuple[str, ...]]]:
    """The remarks of a block by claim, of those that stand at no line, and by line."""
    at_claim: dict[int, tuple[str, ...]] = {}
    at_line: dict[int, tuple[str, ...]] = {}
    for claim, line, remark in zip(
        columns.numbers(tables.remarks, "claim"),
        columns.numbers(tables.remarks, "line"),
        columns.texts(tables.remarks, "remark_code"),
        strict=True,
    ):
        found, owner = (at_line, line) if line >= 0 else (at_claim, claim)
        found[owner] = (*found.get(owner, ()), remark)
    return at_claim, at_line


def _provider_adjustments(
    tables: RemittanceTables, columns: BlockColumns
) -> dict[int, list[ProviderAdjustmentAmount]]:
    """The provider adjustments of a block by their payment."""
    table = tables.provider_adjustments
    found: dict[int, list[ProviderAdjustmentAmount]] = {}
    for key, reason, reference, cents in zip(
        columns.numbers(table, "transaction"),
        columns.texts(table, "reason_code"),
        columns.texts(table, "reference"),
        columns.amounts(table, "amount_cents"),
        strict=True,
    ):
        found.setdefault(key, []).append(ProviderAdjustmentAmount(reason, reference, cents))
    return found
