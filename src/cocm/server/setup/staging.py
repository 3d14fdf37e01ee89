"""Uploads that wait to be looked at: bounded, in the organization's own rows, gone after a while.

Nothing of an upload lies in a file of its own but while it is read, in a folder that only the server's user can open.
"""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Final, Protocol
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.intake.headers import column_name
from cocm.intake.practice import CSV_ENDINGS, PracticeSource, open_practice
from cocm.intake.tables import TABLES
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.setup.aims_sheet import AIMS_FILE, AimsSheet, is_aims_workbook
from cocm.server.setup.models import StagedFile, StagedImport

UPLOAD_BYTES_MAX: Final = 20 * 1024**2
UNPACKED_BYTES_MAX: Final = 100 * 1024**2
WORKBOOK_PARTS_MAX: Final = 1_000
KEPT_FOR: Final = timedelta(hours=24)
WAITING_MAX: Final = 5
"""Uploads of one organization that may wait at once; the oldest goes first."""
WORKBOOK_NAME: Final = "workbook.xlsx"


class Upload(Protocol):
    """An uploaded file, as Django gives it."""

    name: str | None
    size: int | None

    def read(self) -> bytes: ...


@transaction.atomic
def stage(*, actor: Actor, uploads: Sequence[Upload]) -> StagedImport:
    """Keep an upload to look at. Raises `UnusableInput` naming the file that cannot be one."""
    actor.require(Permission.DATA_IMPORT)
    if sum(upload.size or 0 for upload in uploads) > UPLOAD_BYTES_MAX:
        raise UnusableInput(f"more than {UPLOAD_BYTES_MAX // 1024**2} MB at once; bring the tables in parts")
    contents: dict[str, bytes] = {}
    for upload in uploads:
        name, content = plain_name(upload.name or ""), upload.read()
        if name in contents:
            raise UnusableInput(f"{name}: the table is there twice; give each once")
        if name == WORKBOOK_NAME:
            _check_workbook(upload.name or "", content)
            name = _kind_of_workbook(content)
        contents[name] = content
    if not contents:
        raise UnusableInput("no file was chosen")
    if len(contents) > 1 and (WORKBOOK_NAME in contents or AIMS_FILE in contents):
        raise UnusableInput("give either one workbook or CSV files, not both")
    now = timezone.now()
    forget_old(actor=actor)
    waiting = StagedImport.objects.of(actor).order_by("-uploaded_at")
    for old in waiting[WAITING_MAX - 1 :]:
        old.delete()
    staged = StagedImport(
        organization_id=actor.organization_id,
        uploaded_by_id=actor.user_id,
        uploaded_at=now,
        expires_at=now + KEPT_FOR,
    )
    staged.save(force_insert=True)
    StagedFile.objects.bulk_create(
        StagedFile(
            organization_id=actor.organization_id,
            staged=staged,
            name=name,
            content=zlib.compress(content, 6),
        )
        for name, content in contents.items()
    )
    return staged


def plain_name(given: str) -> str:
    """The table's own file name for an uploaded one. Raises `UnusableInput` where it is none of the tables."""
    path = Path(given)
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return WORKBOOK_NAME
    shown = "".join(sign if sign.isprintable() else "?" for sign in path.name)[:60]
    if ending not in CSV_ENDINGS:
        raise UnusableInput(f"{shown}: bring CSV files or one workbook (.xlsx)")
    table = column_name(path.stem)
    if table not in TABLES:
        raise UnusableInput(
            f"{shown}: none of the tables; name the file after its table: {', '.join(TABLES)}"
        )
    return f"{table}{ending}"


def _check_workbook(given: str, content: bytes) -> None:
    """Refuse by its table of contents what no workbook of a practice is."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in Path(given).name)[:60]
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as problem:
        raise UnusableInput(
            f"{shown}: not an XLSX workbook; save it as one in a spreadsheet program"
        ) from problem
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise UnusableInput(f"{shown}: an archive, but not an XLSX workbook")
    unpacked = sum(part.file_size for part in parts)
    if unpacked > UNPACKED_BYTES_MAX or len(parts) > WORKBOOK_PARTS_MAX:
        raise UnusableInput(
            f"{shown}: unpacks to {unpacked // 1024**2} MB in {len(parts)} parts; at most "
            f"{UNPACKED_BYTES_MAX // 1024**2} MB in {WORKBOOK_PARTS_MAX} are read"
        )


def _kind_of_workbook(content: bytes) -> str:
    """The name a workbook waits under: a caseload sheet's, or that of the practice's tables."""
    with tempfile.TemporaryDirectory(prefix="cocm-import-") as folder:
        path = Path(folder) / WORKBOOK_NAME
        path.write_bytes(content)
        return AIMS_FILE if is_aims_workbook(path) else WORKBOOK_NAME


def forget_old(*, actor: Actor) -> None:
    """Remove what waited too long."""
    StagedImport.objects.of(actor).filter(expires_at__lt=timezone.now()).delete()


def waiting(*, actor: Actor) -> list[StagedImport]:
    """The uploads that wait, the latest first."""
    found = StagedImport.objects.of(actor).filter(expires_at__gte=timezone.now())
    return list(found.select_related("uploaded_by").prefetch_related("files").order_by("-uploaded_at"))


def staged_or_none(*, actor: Actor, staged_id: UUID, for_update: bool = False) -> StagedImport | None:
    """One upload that still waits. `for_update`: nobody else imports it at the same time."""
    found = StagedImport.objects.of(actor).filter(pk=staged_id, expires_at__gte=timezone.now())
    return (found.select_for_update() if for_update else found).first()


def discard(*, actor: Actor, staged: StagedImport) -> None:
    """Throw an upload away; nothing of it was saved."""
    actor.require(Permission.DATA_IMPORT)
    staged.delete()


def is_sheet(staged: StagedImport) -> bool:
    """Whether the upload is a caseload sheet and no tables."""
    return staged.files.filter(name=AIMS_FILE).exists()


def opened_sheet(staged: StagedImport) -> AimsSheet:
    """The upload's caseload sheet, read. Raises `TableError` for a workbook that cannot be read as one."""
    with _unpacked(staged) as folder:
        return AimsSheet(folder / AIMS_FILE)


@contextmanager
def opened(staged: StagedImport) -> Iterator[PracticeSource]:
    """The upload's tables. Raises `TableError` for files that cannot be read as them."""
    with _unpacked(staged) as folder, open_practice(folder, is_partial=True) as source:
        yield source


@contextmanager
def _unpacked(staged: StagedImport) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="cocm-import-") as folder:
        path = Path(folder)
        for file in staged.files.all():
            (path / file.name).write_bytes(zlib.decompress(bytes(file.content)))
        yield path
