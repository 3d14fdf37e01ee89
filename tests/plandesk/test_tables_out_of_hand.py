"""A plan's table that no reader can hold is refused by the name of its file, with what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from plan_samples import RULEBOOK, plan_folder

from cocm.basics.errors import TableError
from cocm.plandesk.folder import read_plan


@pytest.mark.parametrize("opened_by", ["", '"'], ids=["plain", "open quotation"])
def test_a_cell_beyond_all_measure_is_refused_with_its_line(tmp_path: Path, opened_by: str) -> None:
    folder = plan_folder(tmp_path)
    members = folder / "members.csv"
    line = members.read_text(encoding="utf-8").count("\n") + 1
    with members.open("a", encoding="utf-8") as out:
        out.write(opened_by + "A" * 200_000 + "\n")
    with pytest.raises(
        TableError, match=rf"members\.csv: the cell that reaches line {line} is longer than 131,072"
    ):
        read_plan(folder, RULEBOOK)


def test_a_workbook_of_another_encoding_is_told_as_that(tmp_path: Path) -> None:
    folder = plan_folder(tmp_path)
    members = folder / "members.csv"
    members.write_bytes(members.read_text(encoding="utf-8").encode("utf-16"))
    with pytest.raises(TableError, match=r"members\.csv: not a CSV file in UTF-8"):
        read_plan(folder, RULEBOOK)
