"""What a consultant is owed under each of the seven models, and a journal that balances."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import TableError, UnusableInput
from cocm.basics.months import Month
from cocm.cli.transfers import command
from cocm.intake.agreements import read_agreements
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest
from cocm.receivables.transfers import transfer_statement
from cocm.remits.transfers import ConsultantActivity, TransferModel, TransferTerm, transfer_line

MARCH = Month(2026, 3)
HEADER = (
    "agreement_id,psychiatric_consultant_id,model,effective_from,effective_to,amount,percent,hours_per_week\n"
)
ACTIVITY = ConsultantActivity(logged_seconds=5430, reviews=7, base_units=9, collected_cents=123_457)


@pytest.mark.parametrize(
    ("model", "amount", "percent", "hours", "expected"),
    [
        (TransferModel.SCHEDULED_BLOCK, 25000, None, Decimal(3), 332143),
        (TransferModel.LOGGED_HOURS, 25000, None, None, 37708),
        (TransferModel.PER_REVIEW, 4500, None, None, 31500),
        (TransferModel.EMBEDDED_VALUATION, None, None, None, 15632),
        (TransferModel.SHARE_OF_COLLECTIONS, None, Decimal("12.5"), None, 15432),
        (TransferModel.COST_ALLOCATION, 1_000_001, Decimal(15), None, 150000),
        (TransferModel.RETAINER, 200_000, None, None, 200_000),
    ],
)
def test_each_model_to_the_cent(
    model: TransferModel, amount: int | None, percent: Decimal | None, hours: Decimal | None, expected: int
) -> None:
    """3 h x 31/7 weeks x 250; 90.5 min x 250/h; 7 x 45; 9 x 0.52 x 33.4009; 12.5 % of 1,234.57; 15 % of 10,000.01."""
    term = TransferTerm("A1", "PC1", model, date(2026, 1, 1), None, amount, percent, hours)
    line = transfer_line(term, MARCH, ACTIVITY, Decimal("0.52"), Decimal("33.4009"))
    assert line.amount_cents == expected


@pytest.mark.parametrize(
    "model", [TransferModel.RETAINER, TransferModel.SHARE_OF_COLLECTIONS, TransferModel.SCHEDULED_BLOCK]
)
def test_a_missing_term_is_named(model: TransferModel) -> None:
    term = TransferTerm("A1", "PC1", model, date(2026, 1, 1), None, None, None, None)
    with pytest.raises(UnusableInput, match=r"agreement A1: .* needs (amount|percent|hours_per_week)"):
        transfer_line(term, MARCH, ACTIVITY, None, None)


def test_a_statement_from_tables_and_books(closed: ClosedPractice) -> None:
    request = BooksRequest(closed.folder, date(2026, 5, 4))
    line = Line("99493", 18000, (("CO", "45", 3000),))
    content = remittance(Decided(closed.claim_ids["P1"], (line,)), day=date(2026, 3, 31))
    post_files(request, [closed.file("a.835", content)])
    rows = (
        "A1,PC1,per_review,2026-01-01,,45,,\nA2,PC1,share_of_collections,2026-01-01,,,10,\n"
        "A3,PC1,retainer,2026-04-01,,100,,\n"
    )
    statement = transfer_statement(request, MARCH, closed.file("agreements.csv", (HEADER + rows).encode()))
    activity = statement.activity["PC1"]
    assert (activity.reviews, activity.base_units) == (4, 4)
    assert [(one.agreement_id, one.amount_cents) for one in statement.lines] == [("A1", 18000), ("A2", 1500)]


def test_beancount_takes_the_journal(closed: ClosedPractice, tmp_path: Path) -> None:
    path = closed.file("agreements.csv", (HEADER + "A1,PC1,embedded_valuation,2026-01-01,,,,\n").encode())
    out = tmp_path / "t"
    arguments = [str(closed.folder), "--month", "2026-03", "--agreements", str(path), "--out", str(out)]
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == 0 and "4 base units billed at 0.52 RVU x 33.4009 = $69.47" in done.output
    entries, errors, _ = loader.load_file(str(out / "journal.beancount"))
    assert errors == [] and len(entries) == 3
    assert "69.47" in (out / "statement.csv").read_text()


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("A1,PC1,tips,2026-01-01,,,,", "row 2, column model: expected one of scheduled_block"),
        ("A1,PC1,retainer,1/1/2026,,,,", "row 2, column effective_from: expected YYYY-MM-DD"),
        ("A1,PC1,retainer,2026-01-01,,lots,,", "row 2, column amount"),
        ("A1,PC1,retainer,2026-01-01,,-5,,", "row 2, column amount"),
        ("A1,PC1,cost_allocation,2026-01-01,,5,101,", "row 2, column percent"),
        ("A1,PC1,retainer,2026-01-01,,5,,\nA1,PC1,retainer,2026-01-01,,5,,", "stands twice"),
    ],
)
def test_a_wrong_agreement_refuses_the_table(tmp_path: Path, row: str, expected: str) -> None:
    path = tmp_path / "agreements.csv"
    path.write_text(HEADER + row + "\n")
    with pytest.raises(TableError, match=expected):
        read_agreements(path)


def test_minutes_of_every_episode_of_the_month_are_logged(closed: ClosedPractice) -> None:
    episodes, contacts = closed.folder / "episodes.csv", closed.folder / "contacts.csv"
    header, first, *others = episodes.read_text().splitlines()
    ended = first.replace("2025-11-10,,,S1", "2025-11-10,2026-03-14,completed,S1", 1)
    again = first.replace("P1-E1", "P1-E2", 1).replace("2025-11-10,,,S1", "2026-03-15,,,S1", 1)
    assert len({first, ended, again}) == 3
    episodes.write_text("\n".join([header, ended, again, *others]) + "\n")
    columns = contacts.read_text().splitlines()[1].split(",")
    spent = [
        ",".join([f"P1-{day}", "P1", "PC1", f"2026-03-{day}T09:00", "30", *columns[5:]]).replace(
            "2026-02-10", "2026-03-31"
        )
        for day in ("10", "20")
    ]
    contacts.write_text(contacts.read_text() + "\n".join(spent) + "\n")
    path = closed.file("agreements.csv", (HEADER + "A1,PC1,logged_hours,2026-01-01,,100,,\n").encode())
    statement = transfer_statement(BooksRequest(closed.folder, date(2026, 5, 4)), MARCH, path)
    assert statement.activity["PC1"].logged_seconds == 3600
    assert (statement.activity["PC1"].reviews, statement.total_cents) == (4, 10000)
