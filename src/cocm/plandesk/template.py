"""An empty plan folder: a CSV file per table with its header, and a README that says what goes where."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write
from cocm.intake.contract import Table
from cocm.plandesk.tables import OPTIONAL, PLAN_TABLES


def write_template(folder: Path) -> tuple[str, ...]:
    """Write the empty tables and the README; their names. Raises `UnusableInput` where one of them stands already."""
    texts = {f"{table.name}.csv": _header(table) for table in PLAN_TABLES.values()}
    texts["README.txt"] = "\n".join(_readme()) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    standing = [name for name in texts if (folder / name).exists()]
    if standing:
        raise UnusableInput(
            f"{folder}: holds {', '.join(standing)} already; name an empty folder, so that nothing is overwritten"
        )
    for name, text in texts.items():
        with atomic_write(folder / name) as out:
            out.write(text.encode())
    return tuple(texts)


def _header(table: Table) -> str:
    return ",".join(column.name for column in table.columns) + "\n"


def _readme() -> Iterator[str]:
    yield "The tables of a health plan, for `cocm plan adjudicate`. Days are YYYY-MM-DD, both ends included."
    for table in PLAN_TABLES.values():
        may = " It may be left out." if table.name in OPTIONAL else ""
        yield f"\n{table.name}.csv: {table.grain}{may}"
        for column in table.columns:
            needed = ", required" if column.required else ""
            example = f" Example: {column.example}." if column.example else ""
            yield f"  {column.name} ({column.form}{needed}): {column.meaning}{example}"
