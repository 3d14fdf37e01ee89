"""Every gap that can keep a month back is explained on the worklist's page."""

from __future__ import annotations

from pathlib import Path

from cocm.claims.build import INSTITUTIONAL
from cocm.coding.records import Gap

PAGE = Path(__file__).parents[2] / "docs" / "worklist.md"


def test_every_gap_and_form_stands_on_the_worklists_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for item in (*Gap, INSTITUTIONAL, "claim_format"):
        assert f"`{item}`" in page, item
