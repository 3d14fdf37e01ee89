"""The practice's double-entry ledger, worked out from the state: as a CSV journal or as beancount text."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import BinaryIO, Final

from cocm.basics.files import safe_cell, text_into
from cocm.basics.money import decimal_from_cents
from cocm.receivables.practice_books import OpenBooks
from cocm.remits.journal import Entry, LedgerAccount, account_entries, payment_entry
from cocm.rules.provider_adjustments import provider_adjustment_accounts

COLUMNS: Final = ("date", "entry", "subject_id", "what", "account", "debit", "credit")
CURRENCY: Final = "USD"


def ledger_entries(books: OpenBooks) -> Iterator[Entry]:
    """The entries up to the day of the books, in the order of their dates; payments that are held are not in them."""
    until = books.request.as_of_date
    entries = (entry for entry in _entries(books) if entry.day <= until)
    yield from sorted(entries, key=lambda entry: (entry.day, entry.subject_id, entry.what))


def _entries(books: OpenBooks) -> Iterator[Entry]:
    accounts_by_reason = provider_adjustment_accounts(books.rulebook)
    for sums, found in books.reconciliations():
        if not found.is_reconciled:
            continue
        entry = payment_entry(
            sums.payment,
            sums.claims_paid_cents,
            sums.other_claims_paid_cents,
            sums.payment.provider_adjustments,
            accounts_by_reason,
        )
        if entry is not None:
            yield entry
    for rows, account in books.accounts():
        yield from account_entries(rows.claim.claim_id, account.steps)


def write_csv(entries: Iterable[Entry], out: BinaryIO) -> int:
    """Write the journal, one row an amount; how many entries."""
    number = 0
    with text_into(out) as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for number, entry in enumerate(entries, start=1):
            for account, cents in entry.amounts:
                debit, credit = (cents, 0) if cents > 0 else (0, -cents)
                writer.writerow(
                    (
                        entry.day,
                        number,
                        safe_cell(entry.subject_id),
                        safe_cell(entry.what),
                        account,
                        _dollars(debit) if debit else "",
                        _dollars(credit) if credit else "",
                    )
                )
    return number


def write_beancount(entries: Iterable[Entry], out: BinaryIO, title: str) -> int:
    """Write the books as beancount text, accounts opened on their first day; how many entries."""
    listed = list(entries)
    opened = min((entry.day for entry in listed), default=date(1970, 1, 1))
    lines = [f'option "title" "{title}"', f'option "operating_currency" "{CURRENCY}"', ""]
    lines += [f"{opened} open {account} {CURRENCY}" for account in LedgerAccount]
    for entry in listed:
        lines += ["", f'{entry.day} * "{entry.what}" ^{entry.subject_id}']
        lines += [f"  {account}  {_dollars(cents)} {CURRENCY}" for account, cents in entry.amounts]
    out.write(("\n".join(lines) + "\n").encode())
    return len(listed)


def _dollars(cents: int) -> Decimal:
    return decimal_from_cents(cents)
