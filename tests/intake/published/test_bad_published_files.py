"""A file that is not as its publisher makes it is refused whole, with its file, row and column named."""

from __future__ import annotations

import struct
from datetime import date
from pathlib import Path

import pytest
from published_samples import (
    MUE,
    OPPS,
    PFS_HEADING,
    PTP_HEADING,
    addon_line,
    icd_order_line,
    load,
    pfs_fixed_row,
    pfs_row,
    workbook,
    zipped,
)

from cocm.basics.errors import FileTooLarge, PublishedFileError, UnusableInput
from cocm.intake.published.source_file import FILE_BYTES_MAX

GOOD = PFS_HEADING + pfs_row("99492")
NAME = "PPRRVU2026_Oct_nonQPP.csv"


def refused(tmp_path: Path, kind: str, name: str, content: str | bytes, **given: object) -> str:
    """The message with which a file is refused; nothing is written."""
    path = tmp_path / name
    path.write_bytes(content.encode("cp1252") if isinstance(content, str) else content)
    with pytest.raises(PublishedFileError) as problem:
        load(kind, path, tmp_path / "overlay", **given)
    assert not (tmp_path / "overlay").exists()
    return str(problem.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            GOOD.replace(",WORK,", ",LABOUR,"),
            f"{NAME}, row 9: the heading lacks work_rvu (a heading such as “WORK RVU”)",
        ),
        (
            PFS_HEADING + pfs_row("99492", work="1.8o"),
            f"{NAME}, row 10, column work_rvu: '1.8o' is not a number such as 1.25",
        ),
        (
            PFS_HEADING + pfs_row("99492", malpractice="0.123"),
            f"{NAME}, row 10, column mp_rvu: '0.123' is not a number with at most 2 decimals",
        ),
        (
            PFS_HEADING + pfs_row("99492", status="active"),
            f"{NAME}, row 10, column status: 'active' is not a status code, one letter",
        ),
        (
            GOOD + pfs_row("9949"[:3] + "!2"),
            "row 11, column hcpcs_code: '994!2' is not a code of five letters",
        ),
        (GOOD + pfs_row("99492", work="3.00"), "two rows for 99492 contradict each other"),
        (PFS_HEADING, f"{NAME}: no row has a code of five letters and digits as its hcpcs_code"),
        (PFS_HEADING + pfs_row("11721"), "found none"),
        ("", f"{NAME}: no heading with the columns HCPCS, MOD"),
        ("a,b,c\n" * 100, f"{NAME}: no heading with the columns HCPCS, MOD"),
        (GOOD + '"not closed\n' + "x" * 200_000, "look for a quotation mark that is not closed"),
    ],
)
def test_a_table_that_is_not_as_published(tmp_path: Path, content: str, message: str) -> None:
    assert message in refused(tmp_path, "pfs", NAME, content)


@pytest.mark.parametrize(
    ("kind", "name", "content", "message"),
    [
        (
            "pfs",
            "PPRRVU2026_Oct_nonQPP.txt",
            "HDR x\n" + pfs_fixed_row("99-92", "1", "1", "1", "1", "33.4009"),
            "row 2, column hcpcs_code: '99-92' is not a code in the first five places",
        ),
        ("pfs", "PPRRVU.csv", GOOD.replace(" October Release", ""), "give it with --edition"),
        (
            "ncci-ptp",
            "ccipra-v323r0-f3.txt",
            PTP_HEADING + "99492\t99484\t\t2018-13-01\t*\t0\tx\r\n",
            "row 7, column effective_from: '2018-13-01' is not a date",
        ),
        (
            "ncci-ptp",
            "ccipra-v323r0-f3.txt",
            PTP_HEADING + "99492\t99484\t\t20180101\t*\t7\tx\r\n",
            "column modifier_indicator: '7' is not 0, 1 or 9",
        ),
        (
            "ncci-ptp",
            "ccipra-v323r0-f3.txt",
            PTP_HEADING + "99492\t?\t\t20180101\t*\t0\tx\r\n",
            "column column_2_code: '?' is not a HCPCS code",
        ),
        (
            "ncci-ptp",
            "ccipra-v323r0-f1.txt",
            PTP_HEADING + "11042\t11043\t\t20180101\t*\t0\tx\r\n",
            "none of its codes is one that we follow",
        ),
        (
            "mue",
            "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
            MUE.replace("\ufeff", "").replace("99494,3", "99494,three"),
            "column units_max: 'three' is not a whole number",
        ),
        (
            "mue",
            "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv",
            MUE.replace("\ufeff", "").replace("3 Date", "Date"),
            "column adjudication_indicator",
        ),
        (
            "addon",
            "AOC_V2026Q4-F-MCR.txt",
            addon_line("1", "99494", "99492", "2018399"),
            "row 1, column effective_from: '2018399' is not a year and a day of the year",
        ),
        (
            "addon",
            "AOC_V2026Q4-F-MCR.txt",
            addon_line("1", "99494", "99492", "2018001") + "out of order\r\n",
            "row 2, column addon_code: 'ut of' is not a code in places 2 to 6",
        ),
        ("addon", "AOC_V2026Q4-F-MCR.txt", "nothing here\r\n", "is not a code in places 2 to 6 of any line"),
        ("addon", "AOC_V2026Q4-F-MCR.txt", addon_line("1", "99494", "?", "2018001"), "column primary_code"),
        ("opps", "2027 Addendum B.txt", OPPS.replace("\tS\t", "\tsep\t"), "column status_indicator: 'sep'"),
        (
            "opps",
            "2027 Addendum B.txt",
            OPPS.replace("$95.10", "about 95"),
            "column payment_rate: 'about 95'",
        ),
        ("icd10cm", "icd10cm_order_2027.txt", "", "the file is empty"),
        (
            "icd10cm",
            "icd10cm_order_2027.txt",
            icd_order_line(1, "F32A", 1, "x") + "00002 F32.B   1 x\r\n",
            "row 2, column diagnosis_code: 'F32.B' is not a code without its dot",
        ),
        (
            "icd10cm",
            "icd10cm_order_2027.txt",
            icd_order_line(1, "F32A", 7, "x"),
            "column is_billable: '7' is not 0 or 1",
        ),
        (
            "icd10cm",
            "icd10cm_codes_2027.txt",
            "F32A    x\n?\n",
            "row 2, column diagnosis_code: '?' is not a code without its dot at the beginning",
        ),
        ("icd10cm", "icd10cm_order.txt", icd_order_line(1, "F32A", 1, "x"), "give it with --edition"),
        (
            "icd10cm",
            "icd10cm_order_2027.xlsx",
            workbook([["F32A"]]),
            "expected a text file, found a workbook",
        ),
        (
            "taxonomy",
            "nucc_taxonomy_261.csv",
            "Code,Grouping\n207Q00000X,x\n",
            "the heading lacks classification (a heading such as “Classification”)",
        ),
        ("mue", "mue.xlsx", b"not a workbook", "cannot be read as an XLSX workbook"),
        ("pfs", "PPRRVU.pdf", b"%PDF", "expected a file ending in .zip, .csv, .txt, .xlsx, .tsv"),
        ("pfs", "rvu26d.zip", b"not an archive", "rvu26d.zip: not a readable archive"),
    ],
)
def test_each_kind_names_what_is_wrong(
    tmp_path: Path, kind: str, name: str, content: str | bytes, message: str
) -> None:
    assert message in refused(tmp_path, kind, name, content)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PublishedFileError, match="no such file"):
        load("pfs", tmp_path / "rvu26d.zip", tmp_path / "overlay")


def test_an_archive_must_hold_one_file_that_fits(tmp_path: Path) -> None:
    none = zipped(tmp_path / "none.zip", {"GPCI2026.csv": b"x"})
    with pytest.raises(PublishedFileError, match=r"no member is named as this .*; it holds GPCI2026\.csv"):
        load("pfs", none, tmp_path / "overlay")
    both = zipped(
        tmp_path / "both.zip",
        {NAME: GOOD.encode("cp1252"), "PPRRVU2026_Oct_QPP.csv": GOOD.encode("cp1252")},
    )
    with pytest.raises(PublishedFileError, match="all fit; say which with --member NAME"):
        load("pfs", both, tmp_path / "overlay")
    with pytest.raises(PublishedFileError, match="has no member 'PPRRVU'"):
        load("pfs", both, tmp_path / "overlay", member="PPRRVU")
    assert load("pfs", both, tmp_path / "overlay", member=NAME).name == f"both.zip/{NAME}"


def claim_size(archive: Path, size: int) -> None:
    """Rewrite the unpacked size that the archive's directory states for its only member."""
    content = bytearray(archive.read_bytes())
    entry = content.rindex(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = struct.pack("<L", size)
    archive.write_bytes(content)


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "rvu26d.zip", {NAME: GOOD.encode("cp1252")})
    claim_size(archive, FILE_BYTES_MAX + 1)
    with pytest.raises(FileTooLarge, match=r"536,870,913 bytes unpacked; at most 536,870,912 are read"):
        load("pfs", archive, tmp_path / "overlay")


def test_an_archive_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "rvu26d.zip", {NAME: (GOOD + " " * 100_000).encode("cp1252")})
    claim_size(archive, 2000)
    with pytest.raises(PublishedFileError, match="cannot be read"):
        load("pfs", archive, tmp_path / "overlay")


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    book = tmp_path / "PPRRVU2026_Oct_nonQPP.xlsx"
    book.write_bytes(workbook([["HCPCS"]]))
    claim_size(book, 2 * 1024**3)
    with pytest.raises(FileTooLarge, match="the workbook unpacks to"):
        load("pfs", book, tmp_path / "overlay")


def test_a_sparse_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with path.open("wb") as out:
        out.truncate(FILE_BYTES_MAX + 1)
    with pytest.raises(FileTooLarge):
        load("pfs", path, tmp_path / "overlay")


def test_the_rulebook_itself_is_never_written(tmp_path: Path) -> None:
    import cocm.rulebook

    path = tmp_path / NAME
    path.write_text(GOOD, encoding="cp1252")
    (folder,) = cocm.rulebook.__path__
    with pytest.raises(UnusableInput, match="is the rulebook itself"):
        load("pfs", path, Path(folder))
    with pytest.raises(UnusableInput, match="is the rulebook itself"):
        load("pfs", path, Path(folder) / "fees")


def test_utf_16_and_code_pages_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-8-sig", "utf-8", "cp1252"):
        path = tmp_path / encoding / NAME
        path.parent.mkdir()
        path.write_text(GOOD, encoding=encoding)
        changes = load("pfs", path, tmp_path / "overlay", dry_run=True, edition=date(2026, 10, 1)).changes
        assert [one.key for one in changes[0].changed] == [("99492",)]
