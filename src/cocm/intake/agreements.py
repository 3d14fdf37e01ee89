"""A practice's agreements with its psychiatric consultants: `agreements.csv`, read for transfers only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from cocm.basics.errors import TableError
from cocm.basics.money import cents_from_text
from cocm.intake.small_table import small_table_rows
from cocm.remits.transfers import TransferModel, TransferTerm

COLUMNS: Final = (
    "agreement_id", "psychiatric_consultant_id", "model", "effective_from", "effective_to", "amount", "percent",
    "hours_per_week",
)  # fmt: skip

_ID: Final = re.compile(r"[A-Za-z0-9._/-]+")
"""What beancount takes as a link."""


def read_agreements(path: Path) -> list[TransferTerm]:
    """Every agreement. A wrong row refuses the whole table: a statement must not leave one out.

    Raises `TableError` naming file, row, column and what was expected.
    """
    terms = [
        agreement_term(f"{path.name}, row {number}", cells)
        for number, cells in small_table_rows(path, COLUMNS)
    ]
    ids = [term.agreement_id for term in terms]
    if len(set(ids)) != len(ids):
        raise TableError(f"{path.name}: an agreement_id stands twice")
    return terms


def agreement_term(where: str, cells: Mapping[str, str]) -> TransferTerm:
    """An agreement from its cells by column. Raises `TableError`, whose message begins with `where`."""
    if not cells["agreement_id"] or not cells["psychiatric_consultant_id"]:
        raise TableError(f"{where}: agreement_id and psychiatric_consultant_id are needed")
    try:
        model = TransferModel(cells["model"])
    except ValueError:
        raise TableError(f"{where}, column model: expected one of {', '.join(TransferModel)}") from None
    if not _ID.fullmatch(cells["agreement_id"]):
        raise TableError(f"{where}, column agreement_id: expected letters, digits and . _ / - only")
    begins = _day(where, "effective_from", cells)
    if begins is None:
        raise TableError(f"{where}, column effective_from: expected YYYY-MM-DD")
    ends = _day(where, "effective_to", cells)
    if ends is not None and ends <= begins:
        raise TableError(f"{where}, column effective_to: expected a day after effective_from, or nothing")
    return TransferTerm(
        cells["agreement_id"],
        cells["psychiatric_consultant_id"],
        model,
        begins,
        ends,
        _cents(where, cells["amount"]),
        _number(where, "percent", cells["percent"], 100),
        _number(where, "hours_per_week", cells["hours_per_week"], 168),
    )


def _cents(where: str, text: str) -> int | None:
    if not text:
        return None
    try:
        cents = cents_from_text(text)
    except ValueError:
        cents = -1
    if cents < 0:
        raise TableError(f"{where}, column amount: expected dollars such as 160.32")
    return cents


def _day(where: str, column: str, cells: Mapping[str, str]) -> date | None:
    try:
        return date.fromisoformat(cells[column]) if cells[column] else None
    except ValueError:
        raise TableError(f"{where}, column {column}: expected YYYY-MM-DD") from None


def _number(where: str, column: str, text: str, most: int) -> Decimal | None:
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and 0 <= number <= most):
        raise TableError(f"{where}, column {column}: expected a number from 0 to {most}")
    return number
