"""Ariana's two months to money: misrouted, escalated, paid; then records asked for (or denied for them), and paid."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from remittance_maker import Decided, Line, remittance
from status_maker import acknowledged, requested

from cocm.basics.months import Month
from cocm.cli import cli
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.timelines import standings

FEBRUARY = Month(2026, 2)
ADMINISTRATOR = "BHADM"


@dataclass
class Story:
    """A practice with Ariana in it, and the commands run on it."""

    folder: Path
    work: Path

    def run(self, *arguments: str, expect: int) -> Result:
        """Run a command on the practice; its exit status must be the expected one."""
        done = CliRunner().invoke(cli, list(arguments), catch_exceptions=False)
        assert done.exit_code == expect, done.output
        return done

    def file(self, name: str, content: bytes) -> str:
        path = self.work / name
        path.write_bytes(content)
        return str(path)

    def claim_of(self, month: str) -> str:
        with (self.work / month / "proposals.csv").open(encoding="utf-8", newline="") as stream:
            (row,) = csv.DictReader(stream)
        assert row["status"] == "claim"
        return row["claim_id"]

    def stands(self, claim_id: str) -> tuple[str, int]:
        with open_books(BooksRequest(self.folder, date(2026, 7, 1))) as books:
            standing = next(standings(books, claim_id))
        return standing.timeline.state.value, standing.account.balance.open_cents


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    """Ariana's February (first month, 80 minutes) and March (45 minutes), both closed and sent."""
    from practice_folder import small_practice  # found by the path of conftest

    practice = small_practice(tmp_path / "practice")
    practice.add_patient(
        "ARIANA",
        minutes=45,
        payer_id="PLAN",
        start="2026-02-02",
        earlier_month=None,
        diagnoses="F32.1;F41.1;E11.9",
    )
    practice.add_contact("ARIANA", "first", "2026-02-03T10:00", 80)
    practice.add("measures", patient_id="ARIANA", instrument="phq-9", taken_on="2026-02-03", score=14)
    practice.add(
        "reviews",
        patient_id="ARIANA",
        reviewed_on="2026-02-12",
        bhcm_id="BHCM1",
        psychiatric_consultant_id="PC1",
    )
    practice.close("2026-02", month=FEBRUARY, as_of_date=date(2026, 3, 2))
    practice.close("2026-03")
    yield Story(practice.folder, tmp_path)


def test_the_first_month_is_misrouted_escalated_and_paid(story: Story) -> None:
    claim, practice = story.claim_of("2026-02"), str(story.folder)
    day = date(2026, 2, 28)
    story.run(
        "status",
        story.file("ack", acknowledged(claim, "A2:20", day=date(2026, 3, 5))),
        "--practice",
        practice,
        expect=0,
    )

    denied = Line("99492", 20000, (("CO", "109", 17000), ("PR", "3", 3000)), ("N418",))
    first = remittance(Decided(claim, (denied,), status="4", day=day), trace="EFT1", day=date(2026, 3, 20))
    era = story.file("denied.835", first)
    explained = story.run("explain", era, "--payer", "ca-commercial-carveout", "--json", expect=1)
    (line,) = json.loads(explained.output)["claims"][0]["lines"]
    assert line["causes"][0]["cause"] == "misrouted_to_administrator"
    assert "coverage_not_in_force" in line["rule_out_first"]
    story.run("post", era, "--practice", practice, expect=0)
    assert story.stands(claim) == ("denied", 17000)

    work = story.run("worklist", practice, "--as-of", "2026-03-21", "--json", expect=1)
    item = next(one for one in json.loads(work.output)["items"] if one["claim_id"] == claim)
    assert (item["cause_id"], item["letter"], item["amount"]) == (
        "misrouted_to_administrator", "misroute_escalation", "200.00",
    )  # fmt: skip
    letter = str(story.work / "letter.docx")
    story.run(
        "letter", practice, "--claim", claim, "--letter", item["letter"], "--out", letter, "--as-of", "2026-03-21",
        "--sent-by", "Dana Lee", expect=1,
    )  # fmt: skip
    assert Path(letter).stat().st_size > 5_000

    paid = Line("99492", 20000, (("CO", "45", 4000), ("PR", "3", 1000)))
    second = remittance(
        Decided(claim, (paid,), payer_number="ICN2", day=day), trace="EFT2", day=date(2026, 4, 10)
    )
    story.run("post", story.file("paid.835", second), "--practice", practice, expect=0)
    assert story.stands(claim) == ("paid", 0)
    with open_books(BooksRequest(story.folder, date(2026, 5, 1))) as books:
        standing = next(standings(books, claim))
    assert [entry.event.kind.value for entry in standing.timeline.entries] == [
        "sent", "accepted", "denied", "escalated", "paid",
    ]  # fmt: skip
    assert not any(entry.is_out_of_order for entry in standing.timeline.entries)
    balance = standing.account.balance
    assert (balance.paid_cents, balance.patient_cents, balance.disputed_cents) == (15000, 1000, 0)
    books_text = story.run("ledger", practice, expect=0).output
    assert "debits less credits $0.00" in books_text


def test_the_second_month_is_pended_for_records_and_paid(story: Story) -> None:
    claim, practice = story.claim_of("2026-03"), str(story.folder)
    asked = requested(claim, "11506-3", due=date(2026, 5, 29))
    story.run("status", story.file("req", asked), "--practice", practice, expect=1)
    assert story.stands(claim)[0] == "records_requested"
    out = str(story.work / "packet")
    story.run(
        "packet", practice, "--claim", claim, "--out", out, "--reference", "ICN1", "--sent", "--as-of", "2026-04-16",
        expect=1,
    )  # fmt: skip
    assert (Path(out) / "packet.pdf").read_bytes().startswith(b"%PDF")
    assert story.stands(claim)[0] == "pended"
    paid = Line("99493", 18000, (("CO", "45", 3000), ("PR", "3", 1000)))
    story.run(
        "post", story.file("paid", remittance(Decided(claim, (paid,)), day=date(2026, 5, 2))), "--practice", practice,
        expect=0,
    )  # fmt: skip
    assert story.stands(claim) == ("paid", 0)


def test_the_second_month_is_denied_for_records_and_paid(story: Story) -> None:
    claim, practice = story.claim_of("2026-03"), str(story.folder)
    denied = Line("99493", 18000, (("CO", "252", 18000),), ("N706",))
    first = remittance(Decided(claim, (denied,), status="4"), trace="EFT1", day=date(2026, 4, 20))
    story.run("post", story.file("denied", first), "--practice", practice, expect=0)
    work = story.run("worklist", practice, "--as-of", "2026-04-21", "--json", expect=1)
    item = next(one for one in json.loads(work.output)["items"] if one["claim_id"] == claim)
    assert (item["cause_id"], item["action"]) == ("records_wanted", "send_records")
    story.run(
        "packet", practice, "--claim", claim, "--out", str(story.work / "p"), "--sent", "--as-of", "2026-04-22",
        expect=1,
    )  # fmt: skip
    paid = Line("99493", 18000, (("CO", "45", 3000),))
    second = remittance(Decided(claim, (paid,), payer_number="ICN2"), trace="EFT2", day=date(2026, 5, 9))
    story.run("post", story.file("paid", second), "--practice", practice, expect=0)
    assert story.stands(claim) == ("paid", 0)
