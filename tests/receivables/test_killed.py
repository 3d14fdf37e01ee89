"""Killed at any moment, posting leaves the state before or after, and the same command then ends as it should."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from closed_practice import ClosedPractice
from remittance_maker import Decided, Line, remittance

from cocm.receivables.practice_books import BooksRequest, open_books

pytestmark = pytest.mark.once

AS_OF = date(2026, 5, 4)
KILLS = 4


def test_a_killed_post_leaves_before_or_after(closed: ClosedPractice, tmp_path: Path) -> None:
    claims = [
        Decided(
            closed.claim_ids[name], (Line("99493", 18000, (("CO", "45", 3000),)),), payer_number=f"ICN{name}"
        )
        for name in ("P1", "P2", "P3")
    ]
    others = [
        Decided(f"VISIT{number}", (Line("99213", 9000),), payer_number=f"V{number}") for number in range(300)
    ]
    path = closed.file("big.835", remittance(*others, *claims))
    arguments = [sys.executable, "-m", "cocm.cli", "post", str(path), "--practice", str(closed.folder)]
    chance = random.Random(4)
    seen = set()
    started = time.monotonic()
    subprocess.run(
        [*arguments, "--state", str(_copy(closed, tmp_path, "timed"))], check=True, capture_output=True
    )
    whole_seconds = time.monotonic() - started
    for number in range(KILLS):
        state = _copy(closed, tmp_path, f"state{number}")
        process = subprocess.Popen(
            [*arguments, "--state", str(state)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        # the first as soon as it has begun, the others around the moment of writing
        time.sleep(chance.uniform(0.5, 1.05) * whole_seconds if number else 0)
        process.send_signal(signal.SIGKILL)
        process.wait()
        paid = _paid(closed, state)
        assert paid in ([0, 0, 0], [15000, 15000, 15000])
        seen.add(tuple(paid))
        subprocess.run([*arguments, "--state", str(state)], check=True, capture_output=True)
        assert _paid(closed, state) == [15000, 15000, 15000]
    assert (0, 0, 0) in seen


def _copy(closed: ClosedPractice, folder: Path, name: str) -> Path:
    state = folder / f"{name}.sqlite"
    state.write_bytes((closed.folder / "cocm-state.sqlite").read_bytes())
    state.chmod(0o600)
    return state


def _paid(closed: ClosedPractice, state: Path) -> list[int]:
    with open_books(BooksRequest(closed.folder, AS_OF, state)) as books:
        return [
            account.balance.paid_cents
            for name in ("P1", "P2", "P3")
            for _, account in books.accounts(closed.claim_ids[name])
        ]
