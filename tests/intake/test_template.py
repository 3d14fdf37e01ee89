"""The commands `cocm tables` and `cocm template`, and the contract they print."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from cocm.basics.errors import TableError, UnusableInput
from cocm.cli.tables import command as tables_command
from cocm.cli.template import command as template_command
from cocm.intake.practice import open_practice
from cocm.intake.tables import TABLES


def test_tables_lists_every_table_and_shows_every_column_of_one() -> None:
    listed = CliRunner().invoke(tables_command, [])
    assert listed.exit_code == 0
    assert all(f"\n{name} " in f"\n{listed.output}" for name in TABLES)
    shown = CliRunner().invoke(tables_command, ["contacts"])
    assert all(f"  {column.name} " in shown.output for column in TABLES["contacts"].columns)
    assert CliRunner().invoke(tables_command, ["nonsense"]).exit_code == 2


def test_tables_as_json_is_the_contract() -> None:
    printed = json.loads(CliRunner().invoke(tables_command, ["--json"]).output)
    assert [table["name"] for table in printed["tables"]] == list(TABLES)
    (contacts,) = json.loads(CliRunner().invoke(tables_command, ["contacts", "--json"]).output)["tables"]
    assert [column["name"] for column in contacts["columns"] if column["required"]] == [
        "contact_id",
        "patient_id",
        "staff_id",
        "started_at",
        "minutes",
        "activity",
    ]


@pytest.mark.parametrize("options", [[], ["--xlsx"]], ids=["csv", "xlsx"])
def test_a_template_has_every_table_and_lacks_only_its_rows(tmp_path: Path, options: list[str]) -> None:
    folder = tmp_path / "new" / "practice"
    done = CliRunner().invoke(template_command, [str(folder), *options])
    assert done.exit_code == 0, done.output
    assert "cocm close" in (folder / "README.md").read_text(encoding="utf-8")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    with open_practice(folder) as source:
        assert source.notes == ()
        assert list(source.patient_groups()) == []
        with pytest.raises(TableError, match="0 rows; the practice table holds exactly one"):
            source.reference  # noqa: B018  # reads the small tables


def test_a_template_workbook_keeps_leading_zeros_and_shows_dates(tmp_path: Path) -> None:
    CliRunner().invoke(template_command, [str(tmp_path / "p"), "--xlsx"])
    sheet = load_workbook(tmp_path / "p" / "practice.xlsx")["patients"]
    formats = {
        sheet.cell(1, place).value: sheet.cell(2, place).number_format
        for place in range(1, sheet.max_column + 1)
    }
    assert formats["postal_code"] == "@"
    assert formats["birth_date"] == "yyyy-mm-dd"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    done = CliRunner().invoke(template_command, [str(tmp_path)])
    assert isinstance(done.exception, UnusableInput)
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]
