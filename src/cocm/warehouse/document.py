"""The tables of the batch path as a page to read."""

from __future__ import annotations

from typing import Final

from cocm.warehouse.batch import GIVEN_TABLES, OPTIONAL_TABLES
from cocm.warehouse.tables import LINE_FACTS, POLICY, Table

_INTRODUCTION: Final = """\
# Checking whole claims histories

Generated from `src/cocm/warehouse`; `make docs` writes it anew. Change the tables there, not this page.

The same facts and edits that check one claim also run over tables, as plain ANSI SQL texts that are the same
on DuckDB, PostgreSQL and SQLite. `cocm.warehouse.batch.check_tables(connection, rulebook)` reads the tables
below where they stand (views over Parquet or CSV will do), writes the payers' rules and the national tables
beside them as temporary tables and leaves the findings in a temporary table `finding`: `claim_id`,
`claim_line_number` (empty where the edit is about the whole claim), `edit_id`, `verdict` (`fail` or `no_data`)
and `severity` (1 inform, 2 review, 3 block). The texts are `facts_sql()`, which derives the facts (kept as
`line_facts`), `verdicts_sql()`, which decides every edit on them (`line_verdicts`), and `findings_sql()`, all
in `cocm.warehouse.compile`.

A month is a `month_index`, months since year 0 (`year * 12 + month - 1`); a date a `day_number`, days since
2000-01-01. Text that does not apply is empty. Only what is marked may be null, and null means that it is
not known.

A claims history that is to be checked as a whole is both `claim_line` and `history_line`: make the second a
view of the first. `submission_order` then sees to it that a claim knows only what was sent before it.
"""


def warehouse_page() -> str:
    """The page as Markdown. The same tables give the same text."""
    parts = [_INTRODUCTION, "## Tables that must be there", ""]
    parts += [_table(table) for table in GIVEN_TABLES]
    parts += [
        "## Tables that may be absent",
        "",
        "What they would tell is then not known, and never taken for clean.",
        "",
    ]
    parts += [_table(table) for table in OPTIONAL_TABLES]
    kept = f"`{POLICY.name}` and `{LINE_FACTS.name}`"
    parts += [
        "## Tables made from the rulebook and the facts",
        "",
        f"The rules are written by `check_tables`; {kept} have a column for each fact listed in [the edits](edits.md),",
        "and its companion `NAME_unknown` where it may be unknown.",
        "",
    ]
    return "\n".join(parts)


def _table(table: Table) -> str:
    lines = [
        f"### {table.name}",
        "",
        f"{table.grain[0].upper()}{table.grain[1:]}.",
        "",
        "| column | type | may be null | meaning |",
        "| --- | --- | --- | --- |",
    ]
    for column in table.columns:
        null = "yes" if column.may_be_null else ""
        lines.append(f"| `{column.name}` | {column.column_type.value} | {null} | {column.meaning} |")
    return "\n".join([*lines, ""])
