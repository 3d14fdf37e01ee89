"""A closed month of a small practice, for the work after the claim."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from closed_practice import ClosedPractice

for folder in ("close", "remits"):
    sys.path.append(str(Path(__file__).parents[1] / folder))


@pytest.fixture(scope="session")
def closed_once(tmp_path_factory: pytest.TempPathFactory) -> ClosedPractice:
    """Three patients of the plan (P1, P2, P3) and one of Medicare (P4), billed for March 2026."""
    from practice_folder import small_practice  # found by the path above

    folder = tmp_path_factory.mktemp("closed")
    practice = small_practice(folder / "practice")
    for patient_id in ("P1", "P2", "P3"):
        practice.add_patient(patient_id, minutes=45, payer_id="PLAN")
    practice.add_patient("P4", minutes=80)
    practice.close()
    rows = practice.rows("proposals.csv")
    return ClosedPractice(
        practice.folder,
        {row["patient_id"]: row["claim_id"] for row in rows},
        {row["patient_id"]: int(row["charge_amount"].replace(".", "")) for row in rows},
    )


@pytest.fixture
def closed(tmp_path: Path, closed_once: ClosedPractice) -> ClosedPractice:
    """A copy of the closed practice for one test."""
    folder = tmp_path / "practice"
    shutil.copytree(closed_once.folder, folder)
    return replace(closed_once, folder=folder)
