"""The page of the practice tables says what the contract says."""

from __future__ import annotations

from pathlib import Path

from cocm.intake.document import tables_page
from cocm.intake.tables import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "tables.md"


def test_the_tables_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == tables_page(), (
        "docs/tables.md is not what the contract says: run `make docs` and commit it with the contract"
    )


def test_every_table_and_column_is_on_the_page() -> None:
    page = tables_page()
    for table in TABLES.values():
        section = page.split(f"\n## {table.name}\n", 1)[1].split("\n## ", 1)[0]
        for column in table.columns:
            assert f"\n| `{column.name}` |" in section
