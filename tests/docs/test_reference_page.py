"""The page of the reference tables names every table, column, source and followed code."""

from __future__ import annotations

from cocm.rules.reference import reference_tables
from cocm.rules.reference_document import reference_page
from cocm.rules.rulebook import shipped_rulebook


def test_every_table_column_and_source_is_on_the_page() -> None:
    rulebook = shipped_rulebook()
    page = reference_page(rulebook)
    for table in reference_tables(rulebook).values():
        section = page.split(f"\n## {table.name}\n", 1)[1].split("\n## ", 1)[0]
        assert table.grain in section
        for column in table.columns:
            assert f"\n| `{column}` |" in section
        if table.loaded_by:
            assert f"`cocm rules load {table.loaded_by}`" in page
    assert "CMS NCCI procedure-to-procedure edits, 2024 quarter 3](https://www.cms.gov/" in page
    assert "- G0568 to G0570: advanced primary care add-ons" in page
