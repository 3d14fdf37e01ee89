"""Tables for tests of imports: an organization's own rows as the contract's CSV files, and uploads of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from server_world import MONTH, MONTHS, PATIENTS

from cocm.synth.practice import SynthRequest, write_practice


def practice_files(folder: Path) -> dict[str, str]:
    """The tables that the demonstration's practice was made from, by table name."""
    write_practice(SynthRequest(folder, PATIENTS, MONTHS, 1, MONTH))
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.csv"))}


def upload(name: str, text: str | bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


def with_cell(text: str, row: int, column: str, value: str) -> str:
    """A table with one cell changed; rows as a spreadsheet numbers them."""
    rows = list(csv.reader(io.StringIO(text)))
    rows[row - 1][rows[0].index(column)] = value
    return written(rows)


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def written(rows: list[list[str]]) -> str:
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()


def a_staged_import(world) -> object:
    """An upload of the practice's that waits."""
    from cocm.server.setup.staging import stage

    with world.inside(world.practice):
        text = "staff_id,last_name,first_name,role\nBHCM-0777,New,Nora,bhcm\n"
        return stage(actor=world.practice, uploads=[upload("staff.csv", text)])


def uploads(tables: Mapping[str, str]) -> list[SimpleUploadedFile]:
    return [upload(f"{name}.csv", text) for name, text in tables.items()]
