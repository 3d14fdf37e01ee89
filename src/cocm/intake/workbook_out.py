"""A workbook as bytes: the same content gives the same bytes, whenever it is written."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from openpyxl import Workbook

_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first time that an archive can hold."""
_PROPERTIES: Final = "docProps/core.xml"
_WRITTEN_AT: Final = re.compile(rb"<dcterms:(created|modified)\b[^>]*>[^<]*</dcterms:\1>")


def workbook_bytes(book: Workbook) -> bytes:
    """The workbook's file, in which no time stands at which it was made."""
    out = io.BytesIO()
    book.save(out)
    same = io.BytesIO()
    with zipfile.ZipFile(out) as made, zipfile.ZipFile(same, "w", zipfile.ZIP_DEFLATED) as written:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == _PROPERTIES:
                content = _WRITTEN_AT.sub(b"", content)
            kept = zipfile.ZipInfo(entry.filename, _EARLIEST)
            kept.compress_type = zipfile.ZIP_DEFLATED
            written.writestr(kept, content)
    return same.getvalue()
