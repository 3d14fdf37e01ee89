"""The reference tables as a page to read: what each holds, how new it is, its columns and who publishes it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection

from cocm.rules.reference import CodeRange, Editions, ReferenceTable, reference_tables
from cocm.rules.rulebook import Rulebook

_INTRODUCTION = """\
# Reference tables

Generated from `src/cocm/rulebook/tables.yaml` and the tables it lists; `make docs` writes it anew.

These are our own narrow tables of published facts: codes, dates and numbers, with our own short wording where
a code needs one. No CPT descriptor and no text of X12 or NUCC is in them. Each row names the source it was
read in. For a date of which no edition is at hand the answer is "not known", or the nearest edition's with the
answer saying so.

`cocm rules load KIND FILE --into DIR` reads a publisher's file as downloaded (the archive, or the CSV, text or
XLSX file in it), prints what it changes against the tables in force, and writes the changed tables into a folder
of your own that is laid out like the rulebook; every command takes it with `--rules DIR`. With `--dry-run`
nothing is written. The rulebook itself is never changed. Of a file, the rows of the codes that we follow are
kept; `--all-codes` keeps every code where that makes sense. A table in your folder stands in for the rulebook's
whole table, with the rows the rulebook had when it was loaded: after an update of the program, load again.
"""
_EDITIONS = {
    Editions.YEARLY: "a release holds until the next one, within its calendar year",
    Editions.CURRENT: "an edition holds until the next one",
    Editions.HISTORY: "each row carries its own dates; the newest edition replaces the one before",
    Editions.NONE: "our own table",
}


def reference_page(rulebook: Rulebook) -> str:
    """The page as Markdown. The same rulebook gives the same text."""
    tables = reference_tables(rulebook).values()
    parts = [_INTRODUCTION, _contents(tables), *(_table(rulebook, table) for table in tables)]
    return "\n".join([*parts, _followed(tables)])


def _contents(tables: Collection[ReferenceTable]) -> str:
    lines = [
        "## All tables",
        "",
        "| table | holds | newer edition | published by |",
        "| --- | --- | --- | --- |",
    ]
    for table in tables:
        newer = f"`cocm rules load {table.loaded_by}`" if table.loaded_by else "with the rulebook"
        by = f"[{table.publisher}]({table.url})" if table.url else ""
        lines.append(f"| [{table.name}](#{table.name}) | {table.label} | {newer} | {by} |")
    return "\n".join([*lines, ""])


def _table(rulebook: Rulebook, table: ReferenceTable) -> str:
    with rulebook.data_file(table.path).open(encoding="utf-8", newline="") as rows:
        found = Counter(row["source"] for row in csv.DictReader(rows))
    lines = [
        f"## {table.name}",
        "",
        f"**{table.label}.** {table.grain} Editions: {_EDITIONS[table.editions]}.",
        "",
        f"`{table.path}`, {found.total():,} rows, one for each {' and '.join(table.key)}{_dated(table)}.",
        "",
        "| column | meaning |",
        "| --- | --- |",
        *(f"| `{column}` | {meaning} |" for column, meaning in table.columns.items()),
        "",
    ]
    if found:
        lines += ["| source | rows |", "| --- | --- |"]
        for ref, count in sorted(found.items()):
            source = rulebook.sources[ref]
            title = f"[{source.title}]({source.url.removeprefix('docs/')})"
            lines.append(f"| {title}, grade {source.grade} | {count:,} |")
        lines.append("")
    return "\n".join(lines)


def _dated(table: ReferenceTable) -> str:
    return " and time" if "effective_from" in table.columns else ""


def _followed(tables: Collection[ReferenceTable]) -> str:
    lines = ["## The codes we follow", ""]
    followed: dict[tuple[CodeRange, ...], list[str]] = {}
    for table in tables:
        if table.follows:
            followed.setdefault(table.follows, []).append(f"`{table.name}`")
    for ranges, names in followed.items():
        lines += [f"In {', '.join(names)}:", ""]
        for codes in ranges:
            span = codes.first if codes.first == codes.last else f"{codes.first} to {codes.last}"
            lines.append(f"- {span}: {codes.what}")
        lines.append("")
    lines.append("In `ptp_pairs`: the pairs with a code of the table `hcpcs` on either side.")
    return "\n".join([*lines, ""])
