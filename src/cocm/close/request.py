"""What a close is asked to do, and what it answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.months import Month

CMS1500: Final = "cms1500"
CHARGES: Final = "charges"
FORMS: Final = (CMS1500, CHARGES)
"""What else a close can write for its new claims: a CMS-1500 PDF a payer, one charge export."""


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """One month close. `payer_id` limits it to one payer of the practice; `workers` 0 means one a processor."""

    practice: Path
    month: Month
    out: Path
    as_of_date: date
    state: Path | None
    payer_id: str | None = None
    is_dry_run: bool = False
    is_test: bool = False
    overlays: tuple[Path, ...] = ()
    workers: int = 0
    forms: frozenset[str] = frozenset()

    @property
    def records(self) -> bool:
        """Whether what is written counts as sent: neither a dry run nor a test file does."""
        return not (self.is_dry_run or self.is_test)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of the close: its name in the out folder, what it is, its size and digest."""

    name: str
    kind: str
    byte_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PayerTotal:
    """What went into a payer's interchange. `is_new` is false when an earlier close wrote it."""

    payer_id: str
    file_name: str
    control_number: int
    claim_count: int
    charge_amount_cents: int
    is_new: bool


@dataclass(slots=True)
class Tally:
    """Counts that add up over the chunks of a close."""

    by_status: Counter[str] = field(default_factory=Counter)
    by_code: Counter[str] = field(default_factory=Counter)
    by_item: Counter[str] = field(default_factory=Counter)
    by_month_kind: Counter[str] = field(default_factory=Counter)
    cents_by_item: Counter[str] = field(default_factory=Counter)
    rows_rejected: int = 0
    patient_months: int = 0
    minutes_counted: int = 0
    expected_payment_cents: int = 0
    held_cents: int = 0

    def add(self, other: Tally) -> None:
        """Add another chunk's counts."""
        for name in ("by_status", "by_code", "by_item", "by_month_kind", "cents_by_item"):
            getattr(self, name).update(getattr(other, name))
        self.rows_rejected += other.rows_rejected
        self.patient_months += other.patient_months
        self.minutes_counted += other.minutes_counted
        self.expected_payment_cents += other.expected_payment_cents
        self.held_cents += other.held_cents


@dataclass(frozen=True, slots=True)
class CloseResult:
    """What a close did. `exit_status` is 0 when complete, 1 when rows were rejected or the worklist is not empty."""

    tally: Tally
    payers: tuple[PayerTotal, ...]
    files: tuple[WrittenFile, ...]
    notices: tuple[str, ...]

    @property
    def exit_status(self) -> int:
        has_items = any(count for item, count in self.tally.by_item.items() if item != "care_due")
        return 1 if self.tally.rows_rejected or self.tally.by_status["held"] or has_items else 0
