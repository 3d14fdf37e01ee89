"""Loaded coding edits and code lists answer by date, and a file replaces only what it speaks about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from published_samples import MUE, PTP_HEADING, addon_line, icd_order_line, load, workbook, zipped

from cocm.basics.errors import PublishedFileError
from cocm.rules import Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.codes import taxonomy_exists_on
from cocm.rules.diagnosis_codes import icd10cm_code, icd10cm_is_followed
from cocm.rules.ncci import Setting, addon_parents, mue_units, ncci_pair_on, ncci_pairs

NOVEMBER = date(2026, 11, 30)


# --- pairs


def pairs_file(tmp_path: Path, name: str, *rows: str) -> Path:
    path = tmp_path / name
    path.write_bytes((PTP_HEADING + "".join(f"{row}\r\n" for row in rows)).encode("cp1252"))
    return path


def test_pairs_get_their_dates_and_other_ranges_stay(tmp_path: Path) -> None:
    path = pairs_file(
        tmp_path,
        "ccipra-v323r0-f3.TXT",
        "99484\t99999\t\t20180101\t20201231\t1\tx",
        "99492\t90785\t*\t\t*\t0\tx",
        "99492\t99484\t\t20180101\t*\t0\tx",
        "99493\t11042\t\t20261001\t20261001\t9\tx",
        "99498\t11042\t\t20261001\t*\t0\tx",
    )
    overlay = tmp_path / "overlay"
    (change,) = load("ncci-ptp", path, overlay).changes
    assert (change.edition, change.compared_with) == (date(2026, 10, 1), date(2024, 7, 1))
    assert ("practitioner", "99492", "90785") in {one.key for one in change.added}
    assert not any("11042" in one.key and "99498" in one.key for one in change.added), "no code of the model"

    rulebook = Rulebook([overlay])
    pair = ncci_pair_on(rulebook, "99484", "99492", date(2019, 6, 30))
    assert pair is not None
    assert pair.is_active_on(date(2019, 6, 30)) is True, "its first day is known now"
    assert ncci_pair_on(rulebook, "99484", "99999", date(2020, 12, 31)) is not None
    assert ncci_pair_on(rulebook, "99484", "99999", date(2021, 1, 1)) is None
    assert ncci_pair_on(rulebook, "99493", "11042", NOVEMBER) is None, "indicator 9 never held"
    old_pair = ncci_pair_on(rulebook, "99492", "90785", date(2017, 12, 31))
    assert old_pair is not None
    outside = {key for key in ncci_pairs(Rulebook()) if key[0] > "99498" or key[0] < "99484"}
    assert outside
    assert outside <= ncci_pairs(rulebook).keys(), "the file does not speak about them"
    assert ncci_pairs(rulebook, Setting.OUTPATIENT_HOSPITAL) == ncci_pairs(
        Rulebook(), Setting.OUTPATIENT_HOSPITAL
    )


def test_pairs_in_a_workbook_within_an_archive(tmp_path: Path) -> None:
    rows: list[list[object]] = [line.split("\t") for line in PTP_HEADING.splitlines()]
    rows.append([99492, 99484, None, 20180101, "*", 0, "x"])
    archive = zipped(
        tmp_path / "medicare-ncci-2027q1-hospital-ptp-edits.zip", {"pairs_ptp.xlsx": workbook(rows)}
    )
    (change,) = load("ncci-ptp", archive, tmp_path / "overlay").changes
    assert change.edition == date(2027, 1, 1)
    pair = ncci_pair_on(
        Rulebook([tmp_path / "overlay"]), "99492", "99484", NOVEMBER, Setting.OUTPATIENT_HOSPITAL
    )
    assert pair is not None
    assert pair.effective_from == date(2018, 1, 1)


def test_a_setting_or_quarter_that_no_name_tells_must_be_given(tmp_path: Path) -> None:
    path = pairs_file(tmp_path, "pairs.txt", "99492\t99484\t\t20180101\t*\t0\tx")
    with pytest.raises(PublishedFileError, match="give it with --setting"):
        load("ncci-ptp", path, tmp_path / "overlay")
    with pytest.raises(PublishedFileError, match="give it with --edition YYYY-MM-DD"):
        load("ncci-ptp", path, tmp_path / "overlay", setting="practitioner")
    (change,) = load(
        "ncci-ptp", path, tmp_path / "overlay", setting="practitioner", edition=date(2026, 10, 1)
    ).changes
    assert change.edition == date(2026, 10, 1)


def test_an_older_quarter_of_a_history_is_refused(tmp_path: Path) -> None:
    row = "99492\t99484\t\t20180101\t*\t0\tx"
    with pytest.raises(
        PublishedFileError, match="is of 2024-04-01, but the edition of 2024-07-01 is in force"
    ):
        load("ncci-ptp", pairs_file(tmp_path, "ccipra-v301r0-f3.txt", row), tmp_path / "overlay")


# --- units


def test_units_of_a_quarter(tmp_path: Path) -> None:
    path = tmp_path / "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    path.write_text(MUE, encoding="utf-8")
    overlay = tmp_path / "overlay"
    (change,) = load("mue", path, overlay).changes
    assert [one.fields for one in change.changed] == [{"units_max": ("4", "3")}]
    assert not any("00100" in one.key for one in change.added), "not a code we follow"
    rulebook = Rulebook([overlay])
    limit, before = mue_units(rulebook, "99494", NOVEMBER), mue_units(rulebook, "99494", date(2024, 8, 31))
    assert limit is not None
    assert before is not None
    assert (limit.units_max, limit.is_dated, limit.effective_to) == (3, True, date(2027, 1, 1))
    assert (before.units_max, before.is_dated) == (4, True)
    assert mue_units(rulebook, "90832", NOVEMBER) is None, "the new quarter does not list it"
    assert mue_units(rulebook, "90832", NOVEMBER, Setting.OUTPATIENT_HOSPITAL) is not None


def test_units_of_hospitals_are_told_by_the_heading(tmp_path: Path) -> None:
    path = tmp_path / "mue.csv"
    path.write_text(MUE.replace("Practitioner", "Outpatient Hospital"), encoding="utf-8")
    (change,) = load("mue", path, tmp_path / "overlay", edition=date(2026, 10, 1)).changes
    assert {one.key[0] for one in change.removed} == {"outpatient_hospital"}
    path.write_text(MUE.replace("Practitioner", "DME Supplier"), encoding="utf-8")
    with pytest.raises(PublishedFileError, match="DME Supplier Services MUE Values” is neither"):
        load("mue", path, tmp_path / "overlay", edition=date(2026, 10, 1))


# --- add-ons


def test_addons_from_the_fixed_width_text_and_from_the_workbook(tmp_path: Path) -> None:
    text = tmp_path / "AOC_V2026Q4-F-MCR.txt"
    text.write_text(
        "A notice about copyright\r\n\r\n"
        + addon_line("1", "99494", "99492", "2018001")
        + addon_line("1", "99494", "99493", "2018001", "2026365")
        + addon_line("2", "0054T", "CCCCC", "2013091")
        + addon_line("3", "G0506", "CCCCC", "2017001"),
        encoding="cp1252",
    )
    heading = "AOC_Edit_Type,Add-On_Code,AOC_DelDT,Primary_Code,Primary_Code_DelDT,AOC_Edit_EffDT,AOC_Edit_DelDT,Notes"
    rows: list[list[object]] = [["A notice"], list(heading.split(","))]
    rows.append([1, 99494, None, 99492, None, 2018001, None, "x"])
    rows.append([1, 99494, None, 99493, 2027001, 2018001, 2026365, "x"])
    rows.append([3, "G0506", None, "CCCCC", None, 2017001, None, "x"])
    book = tmp_path / "AOC_V2026Q4-MCR.xlsx"
    book.write_bytes(workbook(rows))
    found = []
    for path in (text, book):
        overlay = tmp_path / path.suffix[1:]
        (change,) = load("addon", path, overlay).changes
        assert change.edition == date(2026, 10, 1)
        parents = addon_parents(Rulebook([overlay]))
        assert parents.keys() == {"99494", "G0506"}
        found.append([(one.primary_code, one.effective_from, one.effective_to) for one in parents["99494"]])
    assert found[0] == found[1]
    assert found[0] == [("99492", date(2018, 1, 1), None), ("99493", date(2018, 1, 1), date(2027, 1, 1))]


# --- diagnosis codes


def test_the_order_file_of_a_new_fiscal_year(tmp_path: Path) -> None:
    lines = (
        icd_order_line(1, "E119", 1, "Type 2 diabetes mellitus without complications"),
        icd_order_line(2, "F32", 0, "Depressive episode"),
        icd_order_line(3, "F32A", 1, "Depression, unspecified"),
        icd_order_line(4, "F32B", 1, "A new code"),
    )
    archive = zipped(
        tmp_path / "icd10cm-code-descriptions-2027.zip",
        {
            "icd10cm_order_2027.txt": "".join(lines).encode(),
            "icd10cm_codes_2027.txt": b"F32A    Depression, unspecified\n",
            "icd10cm_order_addenda_2027.txt": b"x",
        },
    )
    overlay = tmp_path / "overlay"
    loaded = load("icd10cm", archive, overlay)
    (change,) = loaded.changes
    assert loaded.name.endswith("/icd10cm_order_2027.txt")
    assert (change.edition, change.compared_with) == (date(2026, 10, 1), date(2026, 4, 1))
    assert [one.key for one in change.added] == [("F32.B",)]
    assert change.changed == ()
    rulebook = Rulebook([overlay])
    new = icd10cm_code(rulebook, "F32.B", NOVEMBER)
    assert new is not None
    assert (new.is_billable, new.is_dated) == (True, True)
    assert icd10cm_code(rulebook, "F32.B", date(2026, 9, 30)) is None
    assert icd10cm_code(rulebook, "F32.9", NOVEMBER) is None, "the new year does not list it"
    assert icd10cm_code(rulebook, "F32.9", date(2026, 9, 30)) is not None
    assert not icd10cm_is_followed(rulebook, "E11.9")


def test_the_list_of_billable_codes_leaves_the_headings(tmp_path: Path) -> None:
    path = tmp_path / "icd10cm-codes-April-2026.txt"
    path.write_text(
        "E119    Diabetes\nF32A    Depression, unspecified\nF329    Other words\n", encoding="utf-8"
    )
    overlay = tmp_path / "overlay"
    (change,) = load("icd10cm", path, overlay, all_codes=True).changes
    assert change.edition == date(2026, 4, 1)
    assert [one.key for one in change.added] == [("E11.9",)]
    assert [one.key for one in change.changed] == [("F32.9",)]
    rulebook = Rulebook([overlay])
    heading = icd10cm_code(rulebook, "F32", date(2026, 6, 30))
    assert heading is not None
    assert not heading.is_billable
    assert icd10cm_code(rulebook, "F33.1", date(2026, 6, 30)) is None
    assert icd10cm_is_followed(rulebook, "E11.9")


# --- taxonomy, adjustment codes


def test_the_taxonomy_list_brings_codes_and_no_text(tmp_path: Path) -> None:
    path = tmp_path / "nucc_taxonomy_261.csv"
    path.write_text(
        "\ufeffCode,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\r\n"
        '207Q00000X,x,x,,"some text, which is NUCC\'s",,x,Individual\r\n'
        "261QF0400X,x,x,x,x,,x,Non-Individual\r\n",
        encoding="utf-8",
    )
    overlay = tmp_path / "overlay"
    (change,) = load("taxonomy", path, overlay).changes
    assert (change.edition, change.compared_with, len(change.added)) == (date(2026, 7, 1), None, 2)
    rulebook = Rulebook([overlay])
    assert taxonomy_exists_on(rulebook, "207Q00000X", NOVEMBER) is True
    assert taxonomy_exists_on(rulebook, "207Q99999X", NOVEMBER) is False
    assert taxonomy_exists_on(rulebook, "207Q00000X", date(2026, 6, 30)) is None
    assert "some text" not in (overlay / "codes/taxonomy_codes.csv").read_text(encoding="utf-8")

    newer = tmp_path / "nucc_taxonomy_270.csv"
    newer.write_text(
        "Code,Grouping,Classification,Specialization,Definition,Effective Date,Deactivation Date\n"
        "207Q00000X,x,x,,x,20020101,\n261QF0400X,x,x,,x,20020101,20261231\n",
        encoding="utf-8",
    )
    (change,) = load("taxonomy", newer, overlay).changes
    assert [one.key for one in change.removed] == [("261QF0400X",)]
    rulebook = Rulebook([overlay])
    assert taxonomy_exists_on(rulebook, "261QF0400X", date(2026, 12, 31)) is True
    assert taxonomy_exists_on(rulebook, "261QF0400X", date(2027, 1, 1)) is False


def test_adjustment_codes_with_dates_in_columns_or_in_words(tmp_path: Path) -> None:
    columns = tmp_path / "carc.csv"
    columns.write_text(
        "Code,Description,Start Date,Last Modified,Stop Date,Notes\n"
        '109,"some text, which is X12\'s",01/01/1995,01/29/2012,,\n'
        "299,x,07/01/2020,,11/01/2026,\n"
        "999,x,03/01/2026,,,\n",
        encoding="utf-8",
    )
    words = tmp_path / "rarc.csv"
    words.write_text(
        "Remark Code,Description\n"
        "N418,some text Start: 08/01/2007 | Last Modified: 07/01/2008\n"
        "N999,some text Start: 03/01/2026 | Stop: 10/01/2026\n",
        encoding="utf-8",
    )
    overlay = tmp_path / "overlay"
    with pytest.raises(PublishedFileError, match="give it with --edition"):
        load("carc-rarc", columns, overlay)
    for path in (columns, words):
        load("carc-rarc", path, overlay, edition=date(2026, 11, 1))
    codes = adjustment_codes(Rulebook([overlay]))
    assert {key for key in codes if key[0] is not CodeList.GROUP} == {
        (CodeList.CARC, "109"),
        (CodeList.CARC, "299"),
        (CodeList.CARC, "999"),
        (CodeList.RARC, "N418"),
        (CodeList.RARC, "N999"),
    }
    assert (CodeList.GROUP, "CO") in codes, "a list that no file held stays"
    assert codes[CodeList.CARC, "109"].label.startswith("not this payer's"), "our own words stay ours"
    assert codes[CodeList.CARC, "299"].is_valid_on(date(2026, 10, 31))
    assert not codes[CodeList.CARC, "299"].is_valid_on(date(2026, 11, 1))
    assert not codes[CodeList.RARC, "N999"].is_valid_on(date(2026, 10, 1))
    assert "some text" not in (overlay / "codes/adjustment_codes.csv").read_text(encoding="utf-8")
