"""Paid months are scored again; what the records no longer carry opens a dated refund case, once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from changed_records import change_rows, paid_as_charged
from click.testing import CliRunner
from closed_practice import ClosedPractice
from remittance_maker import remittance

from cocm.cli import cli
from cocm.receivables.post import post_files
from cocm.receivables.practice_books import BooksRequest, open_books
from cocm.receivables.self_audit import SelfAudit, self_audit
from cocm.receivables.support import SupportVerdict
from cocm.receivables.worklist import WorkKind, worklist
from cocm.rules import Rulebook
from cocm.rules.audit import RiskFactor, risk_weights

AS_OF = date(2026, 5, 4)


@pytest.fixture
def paid(closed: ClosedPractice) -> ClosedPractice:
    """All four months paid."""
    claims = [paid_as_charged(closed, name) for name in closed.claim_ids]
    post_files(BooksRequest(closed.folder, AS_OF), [closed.file("a.835", remittance(*claims))])
    return closed


def audited(closed: ClosedPractice, seed: int = 1, sample: int = 30, *, is_kept: bool = False) -> SelfAudit:
    with open_books(BooksRequest(closed.folder, AS_OF)) as books:
        audit = self_audit(books, seed, sample)
        if is_kept:
            books.state.commit()
    return audit


def test_what_the_records_carry_opens_no_refund(paid: ClosedPractice) -> None:
    audit = audited(paid)
    assert (audit.paid_months, len(audit.audited), audit.not_scored) == (4, 4, ())
    assert {one.support.verdict for one in audit.audited} == {SupportVerdict.SAME}
    assert all(one.refund is None for one in audit.audited)


def test_fewer_minutes_than_were_billed_are_an_overpayment_with_medicares_clock(paid: ClosedPractice) -> None:
    change_rows(paid, "contacts", {"contact_id": "P4-b"}, minutes="62")
    (found,) = [one for one in audited(paid).audited if one.refund]
    assert found.claim_id == paid.claim_ids["P4"]
    assert found.support.verdict is SupportVerdict.LESS
    assert found.refund is not None and 0 < found.refund.cents < found.paid_cents
    assert found.refund.deadline.day == date(2026, 7, 3)
    assert "overpayment.return_days" in found.refund.deadline.why


def test_a_commercial_payers_clock_is_not_known_and_says_so(paid: ClosedPractice) -> None:
    change_rows(paid, "episodes", {"patient_id": "P1"}, consent_given="no", consent_date="")
    (found,) = [one for one in audited(paid).audited if one.refund]
    assert found.support.verdict is SupportVerdict.NOT_SUPPORTED
    assert found.refund is not None and found.refund.cents == found.paid_cents
    assert found.refund.deadline.day is None and "not established" in found.refund.deadline.why


def test_a_refund_case_is_opened_once_and_waits_until_the_money_is_back(paid: ClosedPractice) -> None:
    change_rows(paid, "episodes", {"patient_id": "P4"}, consent_given="no", consent_date="")
    audited(paid, is_kept=True)
    again = [one.refund for one in audited(paid, is_kept=True).audited if one.refund]
    assert [refund.is_known for refund in again] == [True]
    claim_id = paid.claim_ids["P4"]
    with open_books(BooksRequest(paid.folder, date(2026, 8, 1))) as books:
        (item,) = [item for item in worklist(books) if item.kind is WorkKind.OVERPAID]
        assert (item.claim_id, item.deadline.day) == (claim_id, date(2026, 7, 3))
        assert item.score(date(2026, 8, 1)) > 0, "late, and never forgotten"
    done = CliRunner().invoke(
        cli,
        [
            "record",
            str(paid.folder),
            "overpayment-returned",
            "--claim",
            claim_id,
            "--by",
            "Dana",
            "--on",
            "2026-05-20",
        ],
    )
    assert done.exit_code == 0, done.output
    with open_books(BooksRequest(paid.folder, date(2026, 8, 1))) as books:
        assert not [item for item in worklist(books) if item.kind is WorkKind.OVERPAID]


def test_the_same_seed_draws_the_same_months(paid: ClosedPractice) -> None:
    def drawn(seed: int) -> list[str]:
        return [one.claim_id for one in audited(paid, seed, 2).audited]

    assert drawn(5) == drawn(5) and len(drawn(5)) == 2
    assert len({tuple(drawn(seed)) for seed in range(8)}) > 1


def test_a_late_entry_is_drawn_for_its_risk(paid: ClosedPractice) -> None:
    change_rows(paid, "contacts", {"contact_id": "P2-b"}, recorded_on="2026-04-20")
    first = audited(paid, 1, 1).audited[0]
    assert first.claim_id == paid.claim_ids["P2"] and not first.is_random
    assert RiskFactor.LATE_ENTRY in first.factors


def test_every_risk_factor_has_a_weight_and_a_reason() -> None:
    weights = risk_weights(Rulebook())
    assert set(weights) == set(RiskFactor)
    assert all(weight.points > 0 and weight.reason for weight in weights.values())


def test_the_command_writes_the_sample_and_tells_of_too_few(paid: ClosedPractice, tmp_path: Path) -> None:
    change_rows(paid, "contacts", {"contact_id": "P4-b"}, minutes="62")
    arguments = ["selfaudit", str(paid.folder), "--as-of", "2026-05-04", "--since", "2026-03-01"]
    done = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "audit"), "--json", "--dry-run"])
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    assert {one["verdict"] for one in document["drift"]} == {"too_few"}
    lines = (tmp_path / "audit" / "selfaudit.csv").read_text().splitlines()
    assert len(lines) == 5 and lines[0].startswith("claim_id,payer_id,month")
    shown = CliRunner().invoke(cli, arguments)
    assert "return by 2026-07-03" in shown.output and "(seed 1)" in shown.output
