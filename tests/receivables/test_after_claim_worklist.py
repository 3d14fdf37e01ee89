"""What waits after the claim, in what order, and what a person may settle."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.basics.errors import UnusableInput
from cocm.cli.worklist import command
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.settle import Settlement, settle
from cocm.receivables.worklist import WorkItem, WorkKind, worklist
from cocm.remits.account import ActionKind

AS_OF = date(2026, 5, 4)
BASE = 18000


def items_after(closed: ClosedPractice, *claims: Decided, as_of: date = AS_OF) -> list[WorkItem]:
    request = BooksRequest(closed.folder, as_of)
    post_files(request, [closed.file("a.835", remittance(*claims))])
    with open_books(request) as books:
        return [item for item in worklist(books) if item.kind is not WorkKind.NO_ANSWER]


def decided(closed: ClosedPractice, patient_id: str, *adjustments: tuple[str, str, int]) -> Decided:
    line = Line("99493", BASE, adjustments)
    return Decided(closed.claim_ids[patient_id], (line,), payer_number=f"ICN{patient_id}")


def test_a_denial_waits_with_cause_fix_and_money(closed: ClosedPractice) -> None:
    (item,) = items_after(closed, decided(closed, "P1", ("CO", "109", BASE)))
    assert (item.kind, item.cause_id, item.cents) == (WorkKind.DENIED, "misrouted_to_administrator", BASE)
    assert item.steps[0].startswith("First rule out: No coverage")
    assert (item.letter, item.who, item.prevented_by) == (
        "misroute_escalation",
        "billing",
        ("payer.behavioral_administrator",),
    )


def test_what_is_paid_in_full_does_not_wait(closed: ClosedPractice) -> None:
    assert items_after(closed, decided(closed, "P1", ("CO", "45", 3000), ("PR", "3", 1000))) == []


def test_money_days_and_chance_order_the_list(closed: ClosedPractice) -> None:
    likely = decided(closed, "P1", ("CO", "109", BASE))
    unlikely = decided(closed, "P2", ("CO", "18", BASE))
    paid_in_part = decided(closed, "P3", ("CO", "45", 3000), ("CO", "18", 2000))
    items = items_after(closed, unlikely, paid_in_part, likely)
    assert [item.claim_id for item in items] == [closed.claim_ids[name] for name in ("P1", "P2", "P3")]
    assert [item.score(AS_OF) for item in items] == sorted(
        (item.score(AS_OF) for item in items), reverse=True
    )


def test_medicare_below_its_rate_is_a_finding_and_sequestration_is_none(closed: ClosedPractice) -> None:
    charge = closed.charges_cents["P4"]
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        ((rows, _),) = books.accounts(closed.claim_ids["P4"])
        sent = books.sent_claim(rows.claim)
    assert sent is not None
    codes = [line.hcpcs_code for line in sent.lines]
    assert codes == ["99493", "99494"] and charge == 26000

    def paid(base: int, addon: int) -> Decided:
        lines = (
            Line("99493", 18000, (("CO", "45", 18000 - base), ("PR", "2", base // 5), ("CO", "253", 200))),
            Line("99494", 8000, (("CO", "45", 8000 - addon),)),
        )
        return Decided(closed.claim_ids["P4"], lines, payer_number="M1")

    (item,) = items_after(closed, paid(10000, 5000))
    assert item.kind is WorkKind.UNDERPAID and item.cents > 3000


def test_a_share_in_dispute_waits_until_a_person_settles_it(closed: ClosedPractice) -> None:
    (denial,) = items_after(closed, decided(closed, "P1", ("PR", "204", BASE)))
    assert denial.kind is WorkKind.DENIED and denial.cents == BASE
    request = BooksRequest(closed.folder, AS_OF)

    def act(kind: ActionKind, cents: int) -> Settlement:
        return Settlement(closed.claim_ids["P1"], kind, cents, AS_OF, "Dana Lee", "reviewed with the plan")

    with pytest.raises(UnusableInput, match=r"only \$180\.00 of .* is in dispute"):
        settle(request, act(ActionKind.ACCEPT_PATIENT_SHARE, BASE + 1))
    balance = settle(request, act(ActionKind.ACCEPT_PATIENT_SHARE, 3000))
    assert (balance.patient_owes_cents, balance.disputed_cents) == (3000, 15000)
    assert settle(request, act(ActionKind.ACCEPT_PATIENT_SHARE, 3000)) == balance
    assert settle(request, act(ActionKind.WAIVE_PATIENT_SHARE, 15000)).written_off_cents == 15000


@pytest.mark.parametrize(
    ("kind", "cents"), [(ActionKind.WRITE_OFF, BASE + 1), (ActionKind.PATIENT_REFUND, 1)]
)
def test_more_than_there_is_cannot_be_settled(closed: ClosedPractice, kind: ActionKind, cents: int) -> None:
    with pytest.raises(UnusableInput, match="only"):
        settle(
            BooksRequest(closed.folder, AS_OF),
            Settlement(closed.claim_ids["P1"], kind, cents, AS_OF, "D", "r"),
        )


def test_a_claim_without_an_answer_is_asked_after(closed: ClosedPractice) -> None:
    with open_books(BooksRequest(closed.folder, date(2026, 7, 1))) as books:
        kinds = {item.kind for item in worklist(books)}
    assert kinds == {WorkKind.NO_ANSWER}


def test_the_command_writes_the_list(closed: ClosedPractice, tmp_path: Path) -> None:
    items_after(closed, decided(closed, "P1", ("CO", "109", BASE)))
    out = tmp_path / "work.csv"
    done = CliRunner().invoke(command, [str(closed.folder), "--out", str(out), "--as-of", "2026-05-04"])
    assert done.exit_code == 1 and "Sent to the behavioral administrator" in done.output
    with out.open(newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["amount"], row["cause_id"], row["deadline"]) == ("180.00", "misrouted_to_administrator", "")


def test_a_denial_by_the_administrator_itself_speaks_for_a_misroute(closed: ClosedPractice) -> None:
    content = remittance(decided(closed, "P1", ("CO", "109", BASE))).replace(b"REF*2U*GTP01", b"REF*2U*BHADM")
    request = BooksRequest(closed.folder, AS_OF)
    post_files(request, [closed.file("a.835", content)])
    with open_books(request) as books:
        (item,) = [one for one in worklist(books) if one.kind is WorkKind.DENIED]
    assert "payer is administrator (+45)" in item.because
