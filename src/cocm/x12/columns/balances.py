"""What must add up, checked over whole columns: claims and their lines, remittances down to the payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from cocm.basics.money import plain_dollars
from cocm.x12.columns.codes import Flags, Whole, distinct
from cocm.x12.columns.parts import Fault
from cocm.x12.columns.table import Column, Numbers, Text
from cocm.x12.problem import ProblemKind

_DEBIT: Final = ord("D")

Columns = dict[str, Column]


@dataclass(slots=True)
class BlockRows:
    """One block's rows: each table's columns and the segments that made them. `first` is its first claim and line."""

    columns: dict[str, Columns]
    segments: dict[str, Whole]
    faults: list[Fault]
    first_claim: int
    first_line: int

    def amounts(self, table: str, column: str) -> tuple[Whole, Flags]:
        """A column of cents and which rows have one."""
        found = self.columns[table][column]
        assert isinstance(found, Numbers)  # by the table's form
        values = np.asarray(found.values, np.int64)
        return values, np.ones(len(values), np.bool_) if found.present is None else found.present

    def keys(self, table: str, column: str) -> Whole:
        """A column of keys."""
        return self.amounts(table, column)[0]

    def add(self, row: int, element: str, what: str, expected: str) -> None:
        """Note that something does not add up."""
        self.faults.append(Fault(row, ProblemKind.BALANCE, element, what, expected))


def check_claims(rows: BlockRows) -> None:
    """A professional claim's charge is the sum of its lines' charges."""
    charge, is_read = rows.amounts("claims", "charge_amount_cents")
    line_charge, line_is_read = rows.amounts("lines", "charge_amount_cents")
    at = rows.keys("lines", "claim") - rows.first_claim
    lines_charge = _summed(line_charge, at, len(charge))
    is_read = is_read & ~_any(~line_is_read, at, len(charge))
    for claim in np.flatnonzero(is_read & (charge != lines_charge)).tolist():
        total, lines = plain_dollars(int(charge[claim])), plain_dollars(int(lines_charge[claim]))
        what = f"the claim's charge is {total}, its lines add up to {lines}"
        rows.add(int(rows.segments["claims"][claim]), "CLM02", what, lines)


class RemittanceBalance:
    """A charge less its adjustments is what was paid; the claims' payments less what was moved is the payment."""

    def __init__(self) -> None:
        self._paid: dict[int, int] = {}  # by open transaction: claims less provider adjustments
        self._unread: set[int] = set()
        self._amounts: dict[int, int] = {}

    def check(self, rows: BlockRows) -> None:
        """Check a block's lines, claims, and the payments that end in it."""
        charge, charge_read = rows.amounts("claims", "charge_amount_cents")
        paid, paid_read = rows.amounts("claims", "paid_amount_cents")
        line_charge, line_charge_read = rows.amounts("lines", "charge_amount_cents")
        line_paid, line_paid_read = rows.amounts("lines", "paid_amount_cents")
        adjustment, adjustment_read = rows.amounts("adjustments", "amount_cents")
        at_claim = rows.keys("adjustments", "claim") - rows.first_claim
        of_line = rows.keys("adjustments", "line")
        on_line = of_line >= 0
        at_line = of_line[on_line] - rows.first_line
        line_claim = rows.keys("lines", "claim") - rows.first_claim

        line_read = line_charge_read & line_paid_read
        line_read &= ~_any(~adjustment_read[on_line], at_line, len(line_charge))
        line_adjusted = _summed(adjustment[on_line], at_line, len(line_charge))
        for line in np.flatnonzero(line_read & (line_charge - line_adjusted != line_paid)).tolist():
            self._tell(rows, "lines", line, "SVC03", "the line's", line_charge, line_adjusted, line_paid)

        claim_read = charge_read & paid_read & ~_any(~line_read, line_claim, len(charge))
        claim_read &= ~_any(~adjustment_read, at_claim, len(charge))
        adjusted = _summed(adjustment, at_claim, len(charge))
        for claim in np.flatnonzero(claim_read & (charge - adjusted != paid)).tolist():
            self._tell(rows, "claims", claim, "CLP04", "the claim's", charge, adjusted, paid)
        lines_charge = _summed(line_charge, line_claim, len(charge))
        has_lines = _any(np.ones(len(line_claim), np.bool_), line_claim, len(charge))
        for claim in np.flatnonzero(claim_read & has_lines & (lines_charge != charge)).tolist():
            total, lines = plain_dollars(int(charge[claim])), plain_dollars(int(lines_charge[claim]))
            what = f"the claim's charge is {total}, its lines add up to {lines}"
            rows.add(int(rows.segments["claims"][claim]), "CLP03", what, lines)
        self._payments(rows, paid, paid_read)

    def _payments(self, rows: BlockRows, paid: Whole, paid_read: Flags) -> None:
        """Add up by transaction, and compare where one ends."""
        for values, read, transaction, sign in (
            (paid, paid_read, rows.keys("claims", "transaction"), 1),
            (
                *rows.amounts("provider_adjustments", "amount_cents"),
                rows.keys("provider_adjustments", "transaction"),
                -1,
            ),
        ):
            if len(values):
                first = int(transaction.min())
                sums = _summed(values, transaction - first, int(transaction.max()) - first + 1)
                for at in distinct(transaction).tolist():
                    self._paid[at] = self._paid.get(at, 0) + sign * int(sums[at - first])
                self._unread.update(transaction[~read].tolist())
        self._begin(rows)
        self._end(rows)

    def _begin(self, rows: BlockRows) -> None:
        amount, is_read = rows.amounts("payments", "amount_cents")
        direction = rows.columns["payments"]["credit_or_debit"]
        assert isinstance(direction, Text)  # by the table's form
        is_debit = direction.data.take(direction.start, mode="clip") == _DEBIT
        signed = np.where(is_debit & (direction.length == 1), -amount, amount)
        for transaction, value, known in zip(
            rows.keys("payments", "transaction").tolist(), signed.tolist(), is_read.tolist(), strict=True
        ):
            if known:
                self._amounts[transaction] = value

    def _end(self, rows: BlockRows) -> None:
        """Compare the payments whose transaction ends in this block. Told at the end, where all is known."""
        tags = rows.columns["envelopes"]["tag"]
        transactions = rows.keys("envelopes", "transaction").tolist()
        for at, transaction in enumerate(transactions):
            if transaction < 0 or tags[at] != "SE":
                continue
            paid, amount = self._paid.pop(transaction, 0), self._amounts.pop(transaction, None)
            if amount is not None and transaction not in self._unread and amount != paid:
                what = (
                    f"the payment is {plain_dollars(amount)}; its claims were paid {plain_dollars(paid)}, what was "
                    "moved outside claims taken off"
                )
                rows.add(int(rows.segments["envelopes"][at]), "BPR02", what, plain_dollars(paid))
            self._unread.discard(transaction)

    def _tell(
        self,
        rows: BlockRows,
        table: str,
        at: int,
        element: str,
        whose: str,
        charge: Whole,
        adjusted: Whole,
        paid: Whole,
    ) -> None:
        expected = plain_dollars(int(charge[at] - adjusted[at]))
        what = (
            f"{whose} charge {plain_dollars(int(charge[at]))} less adjustments of "
            f"{plain_dollars(int(adjusted[at]))} is not the {plain_dollars(int(paid[at]))} paid"
        )
        rows.add(int(rows.segments[table][at]), element, what, expected)


def _summed(values: Whole, at: Whole, count: int) -> Whole:
    """The sums of values by the row they belong to; those are in order."""
    total = np.zeros(count, np.int64)
    if len(values):
        begins = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
        total[at[begins]] = np.add.reduceat(values, begins)
    return total


def _any(flags: Flags, at: Whole, count: int) -> Flags:
    """Whether any flag of a row is set."""
    found = np.zeros(count, np.bool_)
    found[at[flags]] = True
    return found
