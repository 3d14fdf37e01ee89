"""The page of the tables says what the tables are."""

from pathlib import Path

from cocm.warehouse.document import warehouse_page
from cocm.warehouse.tables import INPUT_TABLES, LINE_FACTS

PAGE = Path(__file__).parents[2] / "docs" / "warehouse.md"


def test_the_page_is_current():
    assert PAGE.read_text(encoding="utf-8") == warehouse_page(), "write docs/warehouse.md anew"


def test_tables_are_documented():
    for table in (*INPUT_TABLES, LINE_FACTS):
        assert table.grain.startswith("one row a")
        assert all(column.meaning for column in table.columns)
