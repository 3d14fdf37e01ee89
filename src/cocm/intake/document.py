"""The table contract to read: as a page, as plain text, as JSON, and as the README of an empty practice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cocm.basics.identity import SCHEMA_VERSION
from cocm.intake.contract import (
    CONTACT_MINUTES_MAX,
    PATIENT_ROWS_MAX,
    REFERENCE_ROWS_MAX,
    TABLE_ROWS_MAX,
    Column,
    Table,
)
from cocm.intake.tables import TABLES

_INTRODUCTION = """\
# The practice tables

Generated from the table contract in `src/cocm/intake`; `make docs` writes it anew. Change the contract, not
this page.

A practice is a folder with one CSV file per table (`contacts.csv`), or one XLSX workbook with one sheet per table
(`contacts`). `cocm template DIR` writes the empty tables; `cocm tables` prints this page's content.
"""

_READING = f"""\
## How tables are read

- The first row names the columns, in any order. Every table must be there; an empty one holds only that row.
  Columns that are not *required* may be left out. Columns we do not know are named once and left out.
- CSV files are UTF-8 (a byte order mark does no harm) with commas, semicolons or tabs.
- Rows may stand in any order: the result is the same. Files sorted by patient_id are read fastest.
- A row that cannot be read is rejected and reported with file, row, column and what was expected; everything else
  goes on. Values of columns marked *private* are never repeated in a message.
- Two rows with the same key: when they say the same, one is read; when they differ, none is. Either way the
  patient's month waits until a person has mended or released it.
- What a spreadsheet did to a cell is undone where only one reading is possible, and said: `3/5/2026` is March 5,
  `2` is place of service `02`, `2139` is ZIP `02139`, a day number in a workbook's date column is its date. Where
  digits are lost for good (`1.99E+09`) or a date has two readings (`3/5/26`), the row is rejected.
- Times are the site's local time. In spring a time in the hour that is skipped does not exist and is rejected; in
  autumn a time in the hour that comes twice is the first one, unless it carries its offset: `2026-11-01 01:30-08:00`.
- A contact belongs to the local day on which it began. A contact lasts at most {CONTACT_MINUTES_MAX} minutes.
- A correction is a new row that names the row it replaces (`corrects_contact_id`) and the reason.
- Limits: {TABLE_ROWS_MAX:,} rows in a table by patient, {REFERENCE_ROWS_MAX:,} in the others, {PATIENT_ROWS_MAX:,}
  rows of one patient in one table.
"""


def tables_page() -> str:
    """The page docs/tables.md. The same contract gives the same text."""
    contents = "\n".join(f"- [{table.name}](#{table.name}): {table.grain}" for table in TABLES.values())
    tables = "\n".join(_section(table) for table in TABLES.values())
    return f"{_INTRODUCTION}\n{contents}\n\n{_READING}\n{tables}"


def readme_page(form: str) -> str:
    """How to fill in an empty practice, for the README beside it. `form` says what lies there."""
    tables = "\n".join(
        f"- **{table.name}**: {table.grain} Required: {', '.join(_required(table))}."
        for table in TABLES.values()
    )
    return (
        f"# Your practice's tables\n\n{form} Fill them in this order, then run:\n\n"
        "    cocm close THIS-PRACTICE --month YYYY-MM --out OUT --dry-run\n\n"
        f"{tables}\n\n`cocm tables NAME` prints every column of a table with an example.\n\n{_READING}"
    )


def table_text(table: Table) -> str:
    """A table for people at a terminal."""
    lines = [f"{table.name}: {table.grain}", ""]
    width = max(len(column.name) for column in table.columns)
    for column in table.columns:
        marks = " (required)" if column.required else ""
        lines.append(f"  {column.name:{width}}  {column.meaning}{marks}")
        example = f" Example: {column.example}" if column.example else ""
        lines.append(f"  {'':{width}}  {column.form[:1].upper()}{column.form[1:]}.{example}")
    if table.key:
        lines += ["", f"  No two rows share {' and '.join(table.key)}."]
    return "\n".join(lines) + "\n"


def tables_text() -> str:
    """All tables, a line each."""
    width = max(len(name) for name in TABLES)
    return "".join(f"{table.name:{width}}  {table.grain}\n" for table in TABLES.values())


def tables_as_json(tables: Iterable[Table]) -> dict[str, Any]:
    """The contract for programs."""
    return {"schema_version": SCHEMA_VERSION, "tables": [_table_as_json(table) for table in tables]}


def _table_as_json(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "grain": table.grain,
        "key": list(table.key),
        "columns": [
            {
                "name": column.name,
                "kind": column.kind.value,
                "form": column.form,
                "meaning": column.meaning,
                "example": column.example,
                "required": column.required,
                "choices": [str(choice) for choice in column.choices],
                "default": str(column.default),
                "length_max": column.length_max,
                "private": column.identifying,
            }
            for column in table.columns
        ],
    }


def _section(table: Table) -> str:
    rows = "\n".join(_line(column) for column in table.columns)
    key = f"\nNo two rows share {' and '.join(f'`{name}`' for name in table.key)}.\n" if table.key else ""
    return (
        f"## {table.name}\n\n{table.grain}\n{key}\n"
        f"| column | required | meaning | how it is written | example |\n| --- | --- | --- | --- | --- |\n{rows}\n"
    )


def _line(column: Column) -> str:
    example = f"`{column.example}`" if column.example else ""
    private = " *Private.*" if column.identifying else ""
    required = "yes" if column.required else ""
    return f"| `{column.name}` | {required} | {column.meaning}{private} | {column.form} | {example} |"


def _required(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.required]
