"""A closed month of a small practice, for the work after the claim."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest
from closed_practice import ClosedPractice

for folder in ("close", "remits"):
    sys.path.append(str(Path(__file__).parents[1] / folder))


@pytest.fixture
def closed(tmp_path: Path) -> ClosedPractice:
    """Three patients of the plan (P1, P2, P3) and one of Medicare (P4), billed for March 2026."""
    from practice_folder import small_practice  # found by the path above

    practice = small_practice(tmp_path / "practice")
    for patient_id in ("P1", "P2", "P3"):
        practice.add_patient(patient_id, minutes=45, payer_id="PLAN")
    practice.add_patient("P4", minutes=80)
    practice.close()
    with (tmp_path / "out" / "proposals.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return ClosedPractice(
        practice.folder,
        {row["patient_id"]: row["claim_id"] for row in rows},
        {row["patient_id"]: int(row["charge_amount"].replace(".", "")) for row in rows},
    )
