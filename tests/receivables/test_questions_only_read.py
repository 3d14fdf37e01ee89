"""Commands that only answer leave the state alone: they work beside a writer and on a file that may not be written."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from closed_practice import ClosedPractice

from cocm.cli import cli
from cocm.store import state as state_module
from cocm.store.state import PracticeState

AGREEMENTS = (
    "agreement_id,psychiatric_consultant_id,model,effective_from,effective_to,amount,percent,hours_per_week\n"
)


def arguments(question: str, closed: ClosedPractice, folder: Path) -> list[str]:
    practice, claim = str(closed.folder), closed.claim_ids["P4"]
    agreements = str(closed.file("agreements.csv", AGREEMENTS.encode()))
    return {
        "worklist": ["worklist", practice],
        "ledger": ["ledger", practice],
        "late": ["late", practice, "--dry-run"],
        "selfaudit": ["selfaudit", practice, "--dry-run"],
        "learn": ["learn", practice],
        "packet": ["packet", practice, "--claim", claim, "--out", str(folder / "packet")],
        "letter": [
            "letter", practice, "--claim", claim, "--letter", "sb1320_inquiry", "--out", str(folder / "a.docx"),
        ],
        "transfers": [
            "transfers", practice, "--month", "2026-03", "--agreements", agreements, "--out", str(folder / "t"),
        ],
    }[question]  # fmt: skip


@pytest.mark.parametrize(
    "question", ["worklist", "ledger", "late", "selfaudit", "learn", "packet", "letter", "transfers"]
)
def test_a_question_is_answered_while_another_command_writes(
    question: str, closed: ClosedPractice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_SECONDS", 0)
    state = closed.folder / "cocm-state.sqlite"
    with PracticeState(state, "ORG1"):
        done = CliRunner().invoke(cli, arguments(question, closed, tmp_path), catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output


def test_a_command_that_records_still_waits_for_the_writer(
    closed: ClosedPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_module, "BUSY_TIMEOUT_SECONDS", 0)
    with PracticeState(closed.folder / "cocm-state.sqlite", "ORG1"):
        done = CliRunner().invoke(cli, ["late", str(closed.folder)])
    assert "holds the state file" in str(done.exception)
