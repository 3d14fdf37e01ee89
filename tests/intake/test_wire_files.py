"""X12 files out of .gz and .zip: the same bytes as plain, and every trick refused by name in bounded memory."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from pathlib import Path

import pytest

from cocm.basics.errors import ArchiveError, ArchiveTooLarge
from cocm.intake.wire_files import ExpansionLimits, open_x12_files

CONTENT = b"ISA*00*" + bytes(range(32, 127)) * 3


def read_all(path: Path, **options: ExpansionLimits) -> dict[str, bytes]:
    return {name: stream.read() for name, stream in open_x12_files(path, **options)}


def zipped(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_plain_file_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "claims.837"
    path.write_bytes(CONTENT)
    assert read_all(path) == {"claims.837": CONTENT}


def test_an_empty_file_is_handed_out_for_the_reader_to_refuse(tmp_path: Path) -> None:
    path = tmp_path / "empty.837"
    path.write_bytes(b"")
    assert read_all(path) == {"empty.837": b""}


@pytest.mark.parametrize("name", ["claims.837.gz", "claims.837"])
def test_gzip_is_known_by_its_first_bytes_not_its_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(CONTENT) + gzip.compress(b"more"))
    assert read_all(path) == {name: CONTENT + b"more"}


def test_each_member_of_an_archive_in_its_order_without_a_macs_extras(tmp_path: Path) -> None:
    members = {"b/two.837": b"ISA2", "a.837": CONTENT, "__MACOSX/._a.837": b"x", "b/.DS_Store": b"y"}
    path = zipped(tmp_path / "month.zip", members)
    assert list(read_all(path).items()) == [("month.zip/b/two.837", b"ISA2"), ("month.zip/a.837", CONTENT)]


@pytest.mark.parametrize(
    "name", ["../up.837", "/etc/x.837", "a/../../b.837", "C:x.837", "a\\b.837", "bell\x07.837", "x" * 201]
)
def test_a_member_whose_name_plays_tricks_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "month.zip", {"good.837": CONTENT, name: CONTENT})
    with pytest.raises(ArchiveError, match=r"month.zip/.*name"):
        read_all(path)


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "month.zip"
    link = zipfile.ZipInfo("claims.837")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(ArchiveError, match="link"):
        read_all(path)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "month.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.837", CONTENT)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.837", b"other")
    with pytest.raises(ArchiveError, match="two members"):
        read_all(path)


def test_an_encrypted_member_is_refused_before_any_other_is_handed_out(tmp_path: Path) -> None:
    path = zipped(tmp_path / "month.zip", {"a.837": CONTENT, "secret.837": CONTENT})
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 8] |= 1
    path.write_bytes(content)
    handed_out = []
    with pytest.raises(ArchiveError, match=r"secret.837.*encrypted"):
        handed_out.extend(name for name, _ in open_x12_files(path))
    assert not handed_out


@pytest.mark.parametrize("inner", [gzip.compress(CONTENT), b"PK\x03\x04rest", b"7z\xbc\xaf\x27\x1crest"])
@pytest.mark.parametrize("outer", ["gz", "zip"])
def test_an_archive_inside_an_archive_is_refused(tmp_path: Path, inner: bytes, outer: str) -> None:
    path = tmp_path / f"month.{outer}"
    if outer == "gz":
        path.write_bytes(gzip.compress(inner))
    else:
        zipped(path, {"inner.837": inner})
    with pytest.raises(ArchiveError, match="inside an archive"):
        read_all(path)


@pytest.mark.parametrize("cut", [5, -4, -40])
@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_damaged_or_cut_file_is_named(tmp_path: Path, kind: str, cut: int) -> None:
    path = tmp_path / f"month.{kind}"
    if kind == "gz":
        path.write_bytes(gzip.compress(CONTENT)[:cut])
    else:
        path.write_bytes(zipped(tmp_path / "whole.zip", {"a.837": CONTENT}).read_bytes()[:cut])
    with pytest.raises(ArchiveError, match=f"month.{kind}"):
        read_all(path)


def test_a_member_whose_name_is_no_text_is_damage(tmp_path: Path) -> None:
    path = zipped(tmp_path / "month.zip", {"a\N{LATIN SMALL LETTER E WITH ACUTE}.837": CONTENT})
    path.write_bytes(path.read_bytes().replace(b"\xc3\xa9", b"\x97\xff"))
    with pytest.raises(ArchiveError, match=r"month.zip: the archive is damaged"):
        read_all(path)


def test_a_member_whose_bytes_were_changed_fails_its_checksum(tmp_path: Path) -> None:
    path = zipped(tmp_path / "month.zip", {"a.837": CONTENT}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"ISA*00*", b"ISA*01*"))
    with pytest.raises(ArchiveError, match=r"month.zip/a.837"):
        read_all(path)


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compressions_that_cannot_be_read_in_small_steps_are_refused(
    tmp_path: Path, compression: int
) -> None:
    path = zipped(tmp_path / "month.zip", {"a.837": CONTENT}, compression)
    with pytest.raises(ArchiveError, match="compression"):
        read_all(path)


def test_other_archives_and_empty_ones_are_refused_by_name(tmp_path: Path) -> None:
    other, empty = tmp_path / "month.7z", zipped(tmp_path / "empty.zip", {})
    other.write_bytes(b"7z\xbc\xaf\x27\x1c\x00\x04")
    with pytest.raises(ArchiveError, match=r"month.7z: not a kind"):
        read_all(other)
    with pytest.raises(ArchiveError, match=r"empty.zip: the archive is empty"):
        read_all(empty)


def bomb(path: Path, megabytes: int, kind: str) -> Path:
    if kind == "zip":
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open("a.837", "w") as member,
        ):
            for _ in range(megabytes):
                member.write(b" " * 1_000_000)
        return path
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    with path.open("wb") as out:
        for _ in range(megabytes):
            out.write(packer.compress(b" " * 1_000_000))
        out.write(packer.flush())
    return path


@pytest.mark.parametrize("kind", ["gz", "zip"])
def test_a_bomb_is_stopped_early_in_bounded_memory(tmp_path: Path, kind: str) -> None:
    path = bomb(tmp_path / f"bomb.{kind}", 60, kind)
    count = 0
    with pytest.raises(ArchiveTooLarge, match="times its packed size"):
        for _, stream in open_x12_files(path):
            while chunk := stream.read(65_536):
                assert len(chunk) <= 65_536
                count += len(chunk)
    assert count < 30_000_000  # the packed side is read some kilobytes ahead


def test_the_absolute_limit_holds_for_all_members_together(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 10
    path = zipped(tmp_path / "month.zip", {"a.837": noise, "b.837": noise, "c.837": noise})
    assert len(read_all(path, limits=ExpansionLimits(bytes_max=3 * len(noise)))) == 3
    with pytest.raises(ArchiveTooLarge, match=r"month.zip/c.837"):
        read_all(path, limits=ExpansionLimits(bytes_max=2 * len(noise) + 1))
    with pytest.raises(ArchiveTooLarge, match="3 members"):
        read_all(path, limits=ExpansionLimits(members_max=2))


def test_a_stream_can_be_wrapped_like_any_other(tmp_path: Path) -> None:
    path = zipped(tmp_path / "month.zip", {"a.837": CONTENT})
    for _, stream in open_x12_files(path):
        assert io.TextIOWrapper(stream, encoding="ascii").read() == CONTENT.decode()
