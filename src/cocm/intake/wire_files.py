"""X12 files as they lie on disk: plain, compressed with gzip, or members of a ZIP archive; opened with limits.

What an archive holds is streamed and never written to disk, so memory stays flat and no member's name becomes a path.
A compressed file that grows past its limits (a "bomb") ends in an `ArchiveTooLarge` when the limit is passed, not
after it was unpacked.
"""

from __future__ import annotations

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, cast

from cocm.basics.errors import ArchiveError, ArchiveTooLarge

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GIGABYTE: Final = 1_000_000_000
NAME_CHARACTERS_MAX: Final = 200

_GZIP_MARK: Final = b"\x1f\x8b"
_ZIP_MARKS: Final = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_ARCHIVE_MARKS: Final = (
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
_MARK_BYTES: Final = 6
_ENCRYPTED_FLAG: Final = 0x1
_COMPRESSIONS_READ: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What the standard library raises for an archive whose directory is damaged.
_DAMAGE: Final = (zipfile.BadZipFile, NotImplementedError, ValueError, OverflowError, struct.error)
_BESIDE_THE_FILES: Final = ("__MACOSX/", ".DS_Store")
# Below so many bytes no ratio is asked for: a few kilobytes of blanks are no bomb.
_RATIO_FROM_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class ExpansionLimits:
    """What compressed files may grow to. `bytes_max` holds for all members of one archive together.

    Real 837 and 835 files shrink to a tenth, files of one repeated claim to a hundredth; deflate's own limit is
    about 1,000.
    """

    bytes_max: int = 20 * GIGABYTE
    ratio_max: int = 400
    members_max: int = 10_000


DEFAULT_LIMITS: Final = ExpansionLimits()


class WireFile(NamedTuple):
    """One X12 file: its name for messages (`claims.zip/june.837`) and its bytes, to be read once and in order."""

    name: str
    stream: BinaryIO


def open_x12_files(path: Path, *, limits: ExpansionLimits = DEFAULT_LIMITS) -> Iterator[WireFile]:
    """The X12 files at a path, one after the other; each stream is closed when the next is asked for.

    What a file is decides its first bytes, not its name. Raises `ArchiveError` naming the file or member for an
    archive that is damaged, encrypted, nested or has members whose names play tricks (before any member is
    handed out), `ArchiveTooLarge` while reading, and `OSError` where the path cannot be opened.
    """
    with path.open("rb") as stream:
        mark = stream.read(_MARK_BYTES)
        stream.seek(0)
        if mark.startswith(_ZIP_MARKS):
            yield from _members(path, stream, limits)
        elif mark.startswith(_GZIP_MARK):
            with gzip.GzipFile(fileobj=stream, mode="rb") as unpacked:
                bounded = _Bounded(path.name, cast(BinaryIO, unpacked), stream, _Budget(limits))
                with closing(_looked_into(path.name, bounded)) as reader:
                    yield WireFile(path.name, reader)
        elif mark.startswith(_OTHER_ARCHIVE_MARKS):
            raise ArchiveError(
                f"{path.name}: not a kind of archive that is read here; unpack it, or send .gz or .zip"
            )
        else:
            yield WireFile(path.name, stream)


def _members(path: Path, stream: BinaryIO, limits: ExpansionLimits) -> Iterator[WireFile]:
    """The members of a ZIP archive in their order."""
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = [info for info in archive.infolist() if not _is_beside(info)]
            _refuse_members(path.name, infos, limits)
            budget = _Budget(limits)
            for info in infos:
                name = f"{path.name}/{info.filename}"
                with _opened(archive, info, name) as member:
                    bounded = _Bounded(name, member, None, budget, packed_bytes=info.compress_size)
                    with closing(_looked_into(name, bounded)) as reader:
                        yield WireFile(name, reader)
    except _DAMAGE as problem:
        raise ArchiveError(
            f"{path.name}: the archive is damaged ({problem}); ask the sender for it again"
        ) from None


def _is_beside(info: zipfile.ZipInfo) -> bool:
    """Folders, and what a Mac adds to an archive."""
    name = info.filename
    return (
        name.endswith("/")
        or name.startswith(_BESIDE_THE_FILES[0])
        or (PurePosixPath(name).name == _BESIDE_THE_FILES[1])
    )


def _opened(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> BinaryIO:
    try:
        return cast(BinaryIO, archive.open(info))
    except (*_DAMAGE, RuntimeError, OSError) as problem:
        raise ArchiveError(f"{name}: cannot be opened ({problem}); ask the sender for it again") from None


def _refuse_members(archive_name: str, infos: list[zipfile.ZipInfo], limits: ExpansionLimits) -> None:
    """Raise for an archive whose list of members already shows that it must not be read."""
    if not infos:
        raise ArchiveError(f"{archive_name}: the archive is empty; expected X12 files in it")
    if len(infos) > limits.members_max:
        raise ArchiveTooLarge(
            f"{archive_name}: {len(infos)} members; at most {limits.members_max} are read. Split the archive"
        )
    seen: set[str] = set()
    for info in infos:
        name = f"{archive_name}/{_printable(info.filename)}"
        _refuse_name(info, name)
        if info.filename in seen:
            raise ArchiveError(f"{name}: two members of one name; which one is meant cannot be told")
        seen.add(info.filename)
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise ArchiveError(f"{name}: the member is encrypted; unpack it with its password first")
        if info.compress_type not in _COMPRESSIONS_READ:
            raise ArchiveError(
                f"{name}: a compression that is not read here; expected stored or deflated members"
            )


def _refuse_name(info: zipfile.ZipInfo, name: str) -> None:
    """Nothing is unpacked to disk, but a name that plays tricks tells that the archive is not what it seems."""
    given = info.orig_filename
    parts = given.replace("\\", "/").split("/")
    if (
        not info.filename
        or ".." in parts
        or given.startswith(("/", "\\"))
        or given[1:2] == ":"
        or "\\" in given
        or not given.isprintable()
        or len(given) > NAME_CHARACTERS_MAX
    ):
        raise ArchiveError(
            f"{name}: the member's name leads out of the archive or hides something; expected a plain relative name"
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise ArchiveError(f"{name}: the member is a link to another file; expected the file itself")


def _printable(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:NAME_CHARACTERS_MAX]


def _looked_into(name: str, bounded: _Bounded) -> BinaryIO:
    """The stream, unless its first bytes show an archive inside the archive."""
    reader = io.BufferedReader(bounded)
    mark = reader.peek(_MARK_BYTES)[:_MARK_BYTES]
    if mark.startswith((_GZIP_MARK, *_ZIP_MARKS, *_OTHER_ARCHIVE_MARKS)):
        reader.close()
        raise ArchiveError(f"{name}: an archive inside an archive is not read; unpack the outer one first")
    return cast(BinaryIO, reader)


@dataclass(slots=True)
class _Budget:
    """How much has come out of one archive so far."""

    limits: ExpansionLimits
    bytes_read: int = 0


class _Bounded(io.RawIOBase):
    """A decompressing stream that stops at its limits, and names the file where the packed bytes are damaged."""

    def __init__(
        self, name: str, source: BinaryIO, packed: BinaryIO | None, budget: _Budget, packed_bytes: int = 0
    ) -> None:
        self._name = name
        self._source = source
        self._packed = packed
        self._packed_bytes = packed_bytes
        self._budget = budget
        self._bytes_read = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        try:
            data = self._source.read(len(view))
        except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as problem:
            raise ArchiveError(
                f"{self._name}: the compressed data is damaged or cut off after {self._bytes_read:,} bytes "
                f"({problem}); ask the sender for it again"
            ) from None
        self._bytes_read += len(data)
        self._budget.bytes_read += len(data)
        self._refuse_growth()
        view[: len(data)] = data
        return len(data)

    def _refuse_growth(self) -> None:
        limits = self._budget.limits
        if self._budget.bytes_read > limits.bytes_max:
            raise ArchiveTooLarge(
                f"{self._name}: unpacks to more than {limits.bytes_max:,} bytes; unpack it yourself if it is sound"
            )
        if self._bytes_read < _RATIO_FROM_BYTES:
            return
        packed_bytes = self._packed.tell() if self._packed is not None else self._packed_bytes
        if self._bytes_read > limits.ratio_max * max(packed_bytes, 1):
            raise ArchiveTooLarge(
                f"{self._name}: grows to more than {limits.ratio_max} times its packed size, as no X12 file does; "
                "it may be a trap. Unpack it yourself if it is sound"
            )
