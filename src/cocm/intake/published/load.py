"""Loads a publisher's file into an overlay folder laid out like the rulebook, and tells what it changes."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.errors import PublishedFileError
from cocm.basics.files import atomic_write
from cocm.intake.published.kinds import Kind
from cocm.intake.published.published_table import PublishedTable, ReadingOptions
from cocm.intake.published.source_file import SourceFile, open_source
from cocm.rules.codes import hcpcs_codes
from cocm.rules.reference import Editions, ReferenceTable, reference_tables
from cocm.rules.rulebook import Rulebook
from cocm.rules.table_change import NewEdition, TableChange, TableRow, change, merged

SOURCES_NAME: Final = "sources.yaml"


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """What to load: a kind of file, the file, the overlay it goes into, and what the file does not tell itself."""

    kind: Kind
    path: Path
    overlay: Path
    edition: date | None = None
    member: str | None = None
    setting: str | None = None
    all_codes: bool = False


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """What a file brought: its name, the source it is cited as, and the change of each table."""

    name: str
    source_ref: str
    changes: tuple[TableChange, ...]
    written: tuple[Path, ...]


def load_published(request: LoadRequest, *, is_dry_run: bool) -> LoadedFile:
    """Read the file, compare it with the tables in force and, unless it is a dry run, write the overlay.

    In force are the overlay's tables where it has them, else the rulebook's. A table is written whole, under
    its name at once or not at all; nothing is written unless the whole file could be read. Raises
    `PublishedFileError`.
    """
    overlay = request.overlay.resolve()
    if overlay.is_relative_to(Rulebook().roots[0].resolve()):
        raise PublishedFileError(
            f"{request.overlay}: is the rulebook itself; name a folder of your own, to be used with --rules"
        )
    is_begun = overlay.is_dir() and any(overlay.iterdir())
    rulebook = Rulebook([overlay] if is_begun else [])
    tables = reference_tables(rulebook)
    source = open_source(request.path, request.kind.names, request.member)
    published = _read(request, source, rulebook)
    ref = f"loaded-{request.kind.name}-{published[0].edition}-{_slug(source.table_name)}"
    changes: list[TableChange] = []
    texts: dict[str, str] = {}
    for one in published:
        table = tables[one.table]
        rows = _rows(rulebook, table)
        new = NewEdition(one.edition, one.edition_to, ref, one.rows, one.covers)
        _refuse_contradiction(source, table, one.rows)
        changes.append(change(table, rows, new))
        _refuse_older_history(source, changes[-1])
        texts[table.path] = _csv_text(table, merged(table, rows, new))
    written: list[Path] = []
    if not is_dry_run:
        title = f"{request.kind.title}, {published[0].edition}, loaded from {source.name}, SHA-256 {source.digest}"
        entry = {"title": title, "url": tables[published[0].table].url, "grade": request.kind.grade}
        _cite(overlay / SOURCES_NAME, ref, entry)
        for path, text in texts.items():
            (overlay / path).parent.mkdir(parents=True, exist_ok=True)
            _write(overlay / path, text)
            written.append(overlay / path)
    return LoadedFile(source.name, ref, tuple(changes), tuple(written))


def _read(request: LoadRequest, source: SourceFile, rulebook: Rulebook) -> list[PublishedTable]:
    follows = next(
        table.follows_code
        for table in reference_tables(rulebook).values()
        if table.loaded_by == request.kind.name
    )
    options = ReadingOptions(
        edition=request.edition,
        setting=request.setting,
        follows=(lambda code: True) if request.all_codes else follows,
        model_codes=frozenset(hcpcs_codes(rulebook)),
    )
    published = [_distinct(one) for one in request.kind.read(source, options)]
    for one in published:
        if not one.rows:
            raise PublishedFileError(
                f"{source.name}: none of its codes is one that we follow; is it the right file?"
            )
    return published


def _distinct(published: PublishedTable) -> PublishedTable:
    """The table without rows that stand twice."""
    rows = {tuple(row.items()): row for row in published.rows}
    return replace(published, rows=list(rows.values()))


def _rows(rulebook: Rulebook, table: ReferenceTable) -> list[TableRow]:
    with rulebook.data_file(table.path).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _refuse_contradiction(source: SourceFile, table: ReferenceTable, rows: Sequence[TableRow]) -> None:
    """Two rows of a file that claim the same key and days: one of them would silently win."""
    seen: set[tuple[str, ...]] = set()
    columns = [*table.key, *(name for name in ("effective_from", "effective_to") if name in rows[0])]
    for row in rows:
        key = tuple(row[column] for column in columns)
        if key in seen:
            raise PublishedFileError(
                f"{source.name}: two rows for {' '.join(filter(None, key))} contradict each other; nothing was loaded"
            )
        seen.add(key)


def _refuse_older_history(source: SourceFile, found: TableChange) -> None:
    """The newest edition of a history holds the older ones: an older file would make it forget."""
    in_force = found.compared_with
    if found.table.editions is Editions.HISTORY and in_force is not None and in_force > found.edition:
        raise PublishedFileError(
            f"{source.name}: is of {found.edition}, but the edition of {in_force} is in force and holds its "
            "history; load that edition or a newer one"
        )


def _csv_text(table: ReferenceTable, rows: Sequence[TableRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([row[column] for column in table.columns] for row in rows)
    return text.getvalue()


def _cite(path: Path, ref: str, entry: dict[str, str]) -> None:
    """Write or rewrite one line of the overlay's list of sources; what a person wrote there stays as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    kept = [line for line in lines if not line.startswith(f"{ref}:")]
    _write(path, "\n".join([*kept, f"{ref}: {json.dumps(entry, ensure_ascii=False)}"]) + "\n")


def _write(path: Path, text: str) -> None:
    with atomic_write(path) as out:
        out.write(text.encode("utf-8"))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower().rpartition(".")[0] or name.lower()).strip("-")
