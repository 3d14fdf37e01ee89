"""A small practice with one site, three people, two payers and charges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from practice_folder import PracticeFolder, small_practice


@pytest.fixture
def practice(tmp_path: Path) -> PracticeFolder:
    """A practice with one site, three people, two payers and charges; no patients yet."""
    return small_practice(tmp_path / "practice")


@pytest.fixture
def status_of() -> Callable[[PracticeFolder, str], str]:
    """A patient's status in the last close."""

    def find(practice: PracticeFolder, patient_id: str) -> str:
        (row,) = [row for row in practice.rows("proposals.csv") if row["patient_id"] == patient_id]
        return row["status"]

    return find
