"""The marts as a page to read, generated from their definitions."""

from __future__ import annotations

from typing import Final

from cocm.marts.definitions import MARTS, Mart
from cocm.marts.inputs import DECISION_TABLES
from cocm.warehouse.tables import Column, Table

_INTRODUCTION: Final = """\
# Marts

Generated from `src/cocm/marts`; `make docs` writes it anew. Change the definitions there, not this page.

Tables for analysis over a claims history, as plain ANSI SQL (`src/cocm/marts/sql`), the same text on DuckDB and
PostgreSQL. `cocm.marts.build.build_marts(connection, rulebook)` makes them as temporary tables from `claim_line` and
`claim_diagnosis` ([their columns](warehouse.md)) and the tables of decisions below; `cocm plan data-request` and its
siblings read them. Amounts are cents; a month is a `month_index` (`year * 12 + month - 1`), a date a `day_number` (days
since 2000-01-01). Only what is marked may be null, and null means that it is not known.

What a rule decides comes from the rulebook: which codes belong to the model, how many empty months end an episode,
which diagnoses are behavioral, which reason codes speak for a misroute or a duplicate (those that the
[denial playbook](denials.md) gives 30 points or more by themselves).
"""


def marts_page() -> str:
    """The page as Markdown. The same definitions give the same text."""
    parts = [_INTRODUCTION, "## What they are made from", ""]
    parts += ["Each may be absent; what it would tell is then not known.", ""]
    for table in DECISION_TABLES:
        parts += _input(table)
    parts += ["## The marts", ""]
    for mart in MARTS:
        parts += _mart(mart)
    return "\n".join(parts)


def _input(table: Table) -> list[str]:
    return [f"### {table.name}", "", _sentence(table.grain), "", *_columns(table.columns), ""]


def _mart(mart: Mart) -> list[str]:
    return [f"### {mart.name}", "", _sentence(mart.grain), mart.use, "", *_columns(mart.columns), ""]


def _columns(columns: tuple[Column, ...]) -> list[str]:
    lines = ["| column | type | may be null | meaning |", "| --- | --- | --- | --- |"]
    for column in columns:
        null = "yes" if column.may_be_null else ""
        lines.append(f"| `{column.name}` | {column.column_type.value} | {null} | {column.meaning} |")
    return lines


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
