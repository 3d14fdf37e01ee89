"""Every claim of the books with where it stands: the last one of each patient's month with each payer.

Working them out takes the whole books, so the list is kept as long as the books do not change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final
from uuid import UUID

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimState
from cocm.claims.submission import VOID
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.timelines import standings
from cocm.server.access.actor import Actor
from cocm.server.books.models import Books, BooksKind
from cocm.server.open_books import open_books_of
from cocm.x12 import read_837p

LISTS_KEPT: Final = 32
INTERCHANGES_KEPT: Final = 2_000


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in the list. Amounts are the account's, in cents; `open_cents` waits for the payer."""

    claim_id: str
    patient_id: str
    month: Month
    payer_id: str
    codes: str
    frequency_code: str
    control_number: int
    state: ClaimState
    state_day: date | None
    charge_cents: int
    paid_cents: int
    patient_cents: int
    disputed_cents: int
    open_cents: int
    is_flagged: bool

    @property
    def is_void(self) -> bool:
        return self.frequency_code == VOID


def claim_rows(*, actor: Actor, today: date) -> tuple[ClaimRow, ...]:
    """All claims of the organization, the newest month first."""
    stamp = Books.objects.of(actor).filter(kind=BooksKind.PRACTICE).values_list("stamp", flat=True).first()
    if stamp is None:
        return ()
    found = _kept.get(stamp)
    if found is None:
        with open_books_of(actor, today=today) as books:
            found = tuple(_rows(books))
        if len(_kept) >= LISTS_KEPT:
            _kept.clear()
        _kept[stamp] = found
    return found


_kept: dict[UUID, tuple[ClaimRow, ...]] = {}
"""Lists by the stamp of their books: a stamp is never used twice."""


def _rows(books: OpenBooks) -> Iterable[ClaimRow]:
    digests = {one.control_number: one.sha256 for one in books.state.interchanges()}
    found = []
    for standing in standings(books):
        claim, balance = standing.rows.claim, standing.account.balance
        entries = standing.timeline.entries
        found.append(
            ClaimRow(
                claim_id=claim.claim_id,
                patient_id=claim.patient_id,
                month=Month.from_index(claim.month_index),
                payer_id=claim.payer_id,
                codes=_codes(books, digests.get(claim.control_number, ""), claim.control_number).get(
                    claim.claim_id, ""
                ),
                frequency_code=claim.frequency_code,
                control_number=claim.control_number,
                state=standing.timeline.state,
                state_day=entries[-1].event.day if entries else None,
                charge_cents=balance.charge_cents,
                paid_cents=balance.paid_cents,
                patient_cents=balance.patient_cents,
                disputed_cents=balance.disputed_cents,
                open_cents=balance.open_cents,
                is_flagged=bool(standing.account.flags),
            )
        )
    found.sort(key=lambda row: (-row.month.index, row.patient_id, row.payer_id))
    return found


_codes_by_digest: dict[str, dict[str, str]] = {}


def _codes(books: OpenBooks, digest: str, control_number: int) -> dict[str, str]:
    """What the claims of an interchange bill, in short, by claim; read once a process."""
    if digest not in _codes_by_digest:
        if len(_codes_by_digest) >= INTERCHANGES_KEPT:
            _codes_by_digest.clear()
        content = b"".join(books.state.interchange_bytes(control_number))
        _codes_by_digest[digest] = {
            record.claim_id: " + ".join(
                f"{line.hcpcs_code} x{line.service_unit_quantity}"
                if line.service_unit_quantity != 1
                else line.hcpcs_code
                for line in record.lines
            )
            for record in (read_837p(content) if content else ())
        }
    return _codes_by_digest[digest]


# -- choosing ----------------------------------------------------------------------------------------------------------

MONEY: Final[MappingProxyType[str, tuple[str, Callable[[ClaimRow], bool]]]] = MappingProxyType(
    {
        "open": ("Open with the payer", lambda row: row.open_cents > 0),
        "settled": ("Settled", lambda row: row.open_cents <= 0),
        "disputed": ("Patient share in dispute", lambda row: row.disputed_cents > 0),
        "large": ("$500 or more open", lambda row: row.open_cents >= LARGE_CENTS),
        "flagged": ("Does not add up", lambda row: row.is_flagged),
    }
)
LARGE_CENTS: Final = 50_000


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """What the list is narrowed to; empty: no narrowing. `text` finds a claim's or patient's id."""

    month: str = ""
    payer_id: str = ""
    state: str = ""
    money: str = ""
    text: str = ""

    def takes(self, row: ClaimRow) -> bool:
        """Whether a claim stays."""
        text = self.text.strip().upper()
        return (
            (not self.month or str(row.month) == self.month)
            and (not self.payer_id or row.payer_id == self.payer_id)
            and (not self.state or row.state == self.state)
            and (not self.money or self.money not in MONEY or MONEY[self.money][1](row))
            and (not text or text in (row.claim_id.upper(), row.patient_id.upper()))
        )


ORDERS: Final[MappingProxyType[str, Callable[[ClaimRow], object]]] = MappingProxyType(
    {
        "month": lambda row: row.month.index,
        "patient": lambda row: (row.patient_id, row.month.index),
        "payer": lambda row: (row.payer_id, row.month.index),
        "state": lambda row: (row.state.value, row.month.index),
        "since": lambda row: row.state_day or date.min,
        "charge": lambda row: row.charge_cents,
        "paid": lambda row: row.paid_cents,
        "open": lambda row: row.open_cents,
    }
)


def chosen(rows: Iterable[ClaimRow], wanted: ClaimFilter, sort: str) -> list[ClaimRow]:
    """The claims that the filter takes, sorted by a column's key (`-` before it: descending)."""
    found = [row for row in rows if wanted.takes(row)]
    order = ORDERS.get(sort.removeprefix("-"))
    if order is not None:
        found.sort(key=order, reverse=sort.startswith("-"))
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a list."""

    claims: int
    charge_cents: int
    paid_cents: int
    patient_cents: int
    open_cents: int
    by_state: Counter[ClaimState]


def totals(rows: Sequence[ClaimRow]) -> Totals:
    """What a list comes to."""
    return Totals(
        len(rows),
        sum(row.charge_cents for row in rows),
        sum(row.paid_cents for row in rows),
        sum(row.patient_cents for row in rows),
        sum(row.open_cents for row in rows),
        Counter(row.state for row in rows),
    )
