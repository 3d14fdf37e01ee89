"""Tables and plain values as the bytes of a file; cells that a spreadsheet would run are escaped."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cocm.basics.files import safe_cell


def csv_bytes(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table with its header, in UTF-8."""
    return csv_table(columns, rows).encode()


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table with its header, a line end of one sign after each row."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Plain values as JSON with a line end."""
    return (json.dumps(value, indent=2, default=str) + "\n").encode()
