"""Small tables are read by their headings, and refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cocm.basics.errors import TableError
from cocm.intake.small_table import small_table_rows

COLUMNS = ("claim_id", "confirmed_by")


def table(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"claim_id,confirmed_by\nC-1,Dana\n",
        b"\xef\xbb\xbfconfirmed_by,note,claim_id\r\n Dana ,x,C-1\r\n",
        b"Claim ID;Confirmed By\nC-1;Dana\n",
        b'"claim_id"\t"confirmed_by"\n"C-1"\tDana\n',
        b"claim_id,confirmed_by\nC-1,Dana,more\n",
    ],
    ids=["plain", "other order", "semicolons", "tabs", "a cell too many"],
)
def test_rows_come_by_the_columns_asked_for(tmp_path: Path, content: bytes) -> None:
    rows = list(small_table_rows(table(tmp_path, content), COLUMNS))
    assert rows == [(2, {"claim_id": "C-1", "confirmed_by": "Dana"})]


def test_rows_keep_their_numbers_and_short_ones_have_empty_cells(tmp_path: Path) -> None:
    content = b"claim_id,confirmed_by\n\n,\nC-1\n"
    rows = list(small_table_rows(table(tmp_path, content), COLUMNS))
    assert rows == [(4, {"claim_id": "C-1", "confirmed_by": ""})]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "column claim_id, confirmed_by is missing"),
        (b"claim_id\nC-1\n", "column confirmed_by is missing"),
        (b"claim_id,confirmed_by,Claim-ID\n", "column claim_id is there more than once"),
        ("claim_id,confirmed_by\nC,José\n".encode("cp1252"), "not a CSV file in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(tmp_path: Path, content: bytes, told: str) -> None:
    with pytest.raises(TableError, match=f"index: .*{told}"):
        list(small_table_rows(table(tmp_path, content), COLUMNS, "index"))
