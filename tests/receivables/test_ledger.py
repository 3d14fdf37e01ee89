"""The books balance, agree with the bank, and beancount takes them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from beancount import loader
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.cli.ledger import command
from cocm.receivables.ledger import ledger_entries
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.remits.journal import Entry, LedgerAccount, totals


def books_of(closed: ClosedPractice) -> list[Entry]:
    """The ledger after one payment: a claim, another service, a recoupment and interest."""
    paid = Decided(closed.claim_ids["P1"], (Line("99493", 18000, (("CO", "45", 3000), ("PR", "3", 1000))),))
    other = Decided("VISIT", (Line("99213", 9000),), payer_number="ICN9")
    taken = (("WO", "ICN0", 2500), ("L6", "", -100))
    content = remittance(paid, other, provider_adjustments=taken)
    request = BooksRequest(closed.folder, date(2026, 5, 4))
    post_files(request, [closed.file("a.835", content)])
    with open_books(request) as books:
        return list(ledger_entries(books))


def test_every_entry_balances_and_cash_is_what_the_bank_got(closed: ClosedPractice) -> None:
    entries = books_of(closed)
    assert all(sum(cents for _, cents in entry.amounts) == 0 for entry in entries)
    sums = totals(entries)
    assert sums[LedgerAccount.CASH] == 14000 + 9000 - 2500 + 100
    assert sums[LedgerAccount.REMITTANCE] == 0
    assert sums[LedgerAccount.OTHER_SERVICES] == -9000
    assert sums[LedgerAccount.RECOUPMENT] == 2500
    assert sums[LedgerAccount.INTEREST] == -100
    assert sums[LedgerAccount.CHARGES] == -sum(closed.charges_cents.values())
    assert sums[LedgerAccount.PATIENT] == 1000


def test_beancount_takes_the_books(closed: ClosedPractice, tmp_path: Path) -> None:
    books_of(closed)
    out = tmp_path / "books.beancount"
    done = CliRunner().invoke(command, [str(closed.folder), "--out", str(out), "--format", "beancount"])
    assert done.exit_code == 0 and "debits less credits $0.00" in done.output
    entries, errors, _ = loader.load_file(str(out))
    assert errors == [] and len(entries) > 10


def test_the_journal_as_a_table_has_equal_debits_and_credits(closed: ClosedPractice, tmp_path: Path) -> None:
    books_of(closed)
    out = tmp_path / "books.csv"
    CliRunner().invoke(command, [str(closed.folder), "--out", str(out)])
    with out.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    debits = sum(float(row["debit"] or 0) for row in rows)
    assert rows and debits == sum(float(row["credit"] or 0) for row in rows)
