"""A loaded fee schedule changes the amounts of its own dates, in whichever form CMS publishes it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from published_samples import (
    GPCI,
    OPPS,
    PFS_HEADING,
    load,
    pfs_fixed_row,
    pfs_row,
    workbook,
    zipped,
)

from cocm.basics.errors import PublishedFileError
from cocm.rules import Rulebook
from cocm.rules.check import check_rulebook
from cocm.rules.facility_rates import outpatient_payment
from cocm.rules.fees import FeeResult, allowed_amount_cents
from cocm.rules.localities import locality_on

SEPTEMBER, OCTOBER = date(2026, 9, 30), date(2026, 10, 31)


def allowed(overlay: Path, code: str, day: date, **given: object) -> FeeResult:
    rulebook = Rulebook([overlay] if overlay.is_dir() else [])
    asked = {"is_facility": False} | given
    return allowed_amount_cents(rulebook, code, day, **asked)  # type: ignore[arg-type]  # as the test says


def october(*rows: str) -> bytes:
    return (PFS_HEADING + "".join(rows)).replace("\n", "\r\n").encode("cp1252")


def test_a_quarter_changes_the_amounts_of_its_dates_alone(tmp_path: Path) -> None:
    content = october(
        "00100,,x,J,,0.00,0.00,,0.00,,0.00,0,0,9,XXX,0,0,0,9,9,9,9,9,9,,33.4009,09,0,99,0,0,0\n",
        pfs_row("99492", "2.00", "3.00", "0.44", "0.14"),
        pfs_row("99493", "2.05", "2.15", "0.49", "0.14"),
        pfs_row("99493", "9.99", modifier="26"),
        pfs_row("G0570"),
        ",,,,,\n",
        "A note below the table,,,,\n",
    )
    archive = zipped(
        tmp_path / "rvu26d.zip",
        {
            "RVU26D.pdf": b"x",
            "PPRRVU2026_Oct_nonQPP.csv": content,
            "PPRRVU2026_Oct_nonQPP.txt": b"x",
            "GPCI2026.csv": b"x",
        },
    )
    overlay = tmp_path / "overlay"
    loaded = load("pfs", archive, overlay)

    values, factors = loaded.changes
    assert loaded.name == "rvu26d.zip/PPRRVU2026_Oct_nonQPP.csv"
    assert (values.edition, values.compared_with) == (date(2026, 10, 1), date(2026, 7, 1))
    assert {one.key: one.fields for one in values.changed if one.key == ("99492",)} == {
        ("99492",): {"work_rvu": ("1.88", "2.00"), "pe_rvu_nonfacility": ("2.78", "3.00")}
    }
    assert values.unchanged_count == 1, "99493 is as before; its row with a modifier is passed over"
    assert ("99490",) in {one.key for one in values.removed}
    assert values.added == ()
    assert factors.is_empty

    exact = (Decimal("2.00") + Decimal("3.00") + Decimal("0.14")) * Decimal("33.4009")
    later = allowed(overlay, "99492", OCTOBER)
    assert later.amount_cents == round(exact * 100)
    assert "release of 2026-10-01" in later.basis
    assert allowed(overlay, "99492", SEPTEMBER) == allowed(Path("none"), "99492", SEPTEMBER)
    assert allowed(overlay, "99490", OCTOBER).amount_cents is None, "the release does not list it"
    assert "release of 2026-10-01 does not list it" in allowed(overlay, "99490", OCTOBER).basis
    assert allowed(overlay, "99492", date(2025, 6, 30)).amount_cents == 14524


def test_an_earlier_quarter_fits_between_those_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU2026_Apr_nonQPP.csv"
    text = PFS_HEADING.replace("October Release", "April Release")
    path.write_text(text + pfs_row("99492", "1.00", "1.00", "1.00", "1.00"), encoding="utf-8")
    load("pfs", path, tmp_path / "overlay")
    found = {
        day: allowed(tmp_path / "overlay", "99492", day).amount_cents
        for day in (date(2026, 1, 31), date(2026, 6, 30), date(2026, 7, 1))
    }
    assert found == {date(2026, 1, 31): 10020, date(2026, 6, 30): 10020, date(2026, 7, 1): 16032}


def test_a_new_year_brings_its_conversion_factors(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    for name, factor in (("nonQPP", "33.0000"), ("QPP", "34.0000")):
        path = tmp_path / f"PPRRVU2027_Jan_{name}.csv"
        path.write_text(
            PFS_HEADING.replace("2026", "2027").replace("October", "January")
            + pfs_row("99492", "1", "2", "0", "0", factor=factor),
            encoding="utf-8",
        )
        load("pfs", path, overlay)
    day = date(2027, 2, 28)
    assert allowed(overlay, "99492", day).amount_cents == 9900
    assert allowed(overlay, "99492", day, is_qualifying_apm=True).amount_cents == 10200
    assert allowed(overlay, "99492", date(2026, 12, 31)).amount_cents == 16032


def test_the_workbook_and_the_fixed_width_text_say_the_same(tmp_path: Path) -> None:
    rows: list[list[object]] = [line.split(",") for line in PFS_HEADING.splitlines()]
    rows[1] = ["", "", "A notice"]
    rows.append([99492, None, "x", "A", None, 1.88, 2.87, None, 0.8, None, 0.13, *[0] * 14, 33.4009])
    rows.append([100, None, "x", "J", None, 0, 0, None, 0, None, 0, *[0] * 14, 33.4009])
    book = tmp_path / "PPRRVU2026_Oct_nonQPP.xlsx"
    book.write_bytes(workbook(rows))
    text = tmp_path / "PPRRVU2026_Oct_nonQPP.txt"
    text.write_text(
        "HDR A NOTICE ABOUT, COPYRIGHT\r\n\r\n"
        + pfs_fixed_row("00100", "0.00", "0.00", "0.00", "0.00", "33.4009")
        + pfs_fixed_row("99492", "1.88", "2.87", "0.80", "0.13", "33.4009"),
        encoding="cp1252",
    )
    found = []
    for path in (book, text):
        values, factors = load("pfs", path, tmp_path / path.suffix[1:]).changes
        found.append([(one.key, one.fields) for one in values.changed])
        assert factors.unchanged_count == 1
    assert found[0] == found[1]
    assert found[0][0][1] == {
        "pe_rvu_nonfacility": ("2.78", "2.87"),
        "pe_rvu_facility": ("0.44", "0.80"),
        "mp_rvu": ("0.14", "0.13"),
    }


def test_with_all_codes_every_code_of_the_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    path.write_bytes(october(pfs_row("11721"), pfs_row("99492")))
    assert not any(one.added for one in load("pfs", path, tmp_path / "few").changes)
    load("pfs", path, tmp_path / "all", all_codes=True)
    assert allowed(tmp_path / "all", "11721", OCTOBER).amount_cents == 10354
    assert allowed(tmp_path / "few", "11721", OCTOBER).amount_cents is None


def test_from_2026_a_name_must_tell_whose_factor_it_is(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU2026_Oct.csv"
    path.write_bytes(october(pfs_row("99492")))
    with pytest.raises(PublishedFileError, match=r"name must tell whose it holds \(QPP or nonQPP\)"):
        load("pfs", path, tmp_path / "overlay")
    path.rename(tmp_path / "PPRRVU25_OCT.csv")
    text = PFS_HEADING.replace(" October Release", "") + pfs_row("99492", factor="32.3465")
    (tmp_path / "PPRRVU25_OCT.csv").write_text(text, encoding="utf-8")
    values, factors = load("pfs", tmp_path / "PPRRVU25_OCT.csv", tmp_path / "overlay").changes
    assert (values.edition, factors.is_empty) == (date(2025, 10, 1), True)


def test_two_conversion_factors_in_one_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    path.write_bytes(october(pfs_row("99492"), pfs_row("99493", factor="33.5675")))
    with pytest.raises(PublishedFileError, match=r"one conversion factor .* found 33\.4009, 33\.5675"):
        load("pfs", path, tmp_path / "overlay")


@pytest.mark.parametrize("suffix", ["csv", "txt", "xlsx"])
def test_indices_give_a_locality_its_own_amount(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"GPCI2026.{suffix}"
    if suffix == "csv":
        path.write_text(GPCI, encoding="utf-8")
    elif suffix == "xlsx":
        rows: list[list[object]] = [line.split(",") for line in GPCI.splitlines()]
        rows[3] = ["10112", "AL", 0, "ALABAMA", 0.969, 1, 0.9, 0.5]
        path.write_bytes(workbook(rows))
    else:
        path.write_text(
            "ADDENDUM E. FINAL CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs)\r\n\r\n"
            "Medicare Admi State  Locality     Locality Name    2026 PW GPCI2026 PE GPCI2026 MP GPCI\r\n"
            "10112           AL      00   ALABAMA                    1.000       0.900       0.500\r\n"
            "02102           AK      01   ALASKA*                    1.500       1.081       0.592\r\n"
            "12302           MD      99   REST OF MARYLAND           1.000       1.000       1.000\r\n"
            "*Work GPCI reflects a floor.\r\n",
            encoding="utf-8",
        )
    overlay = tmp_path / "overlay"
    (change,) = load("gpci", path, overlay).changes
    assert (change.edition, change.compared_with) == (date(2026, 1, 1), date(2025, 1, 1))
    found = allowed(overlay, "99492", SEPTEMBER, locality="10112-00")
    exact = (Decimal("1.88") + Decimal("2.78") * Decimal("0.9") + Decimal("0.14") * Decimal("0.5")) * Decimal(
        "33.4009"
    )
    assert (found.amount_cents, found.is_national) == (round(exact * 100), False)
    rest = locality_on(Rulebook([overlay]), "12302-99", SEPTEMBER)
    assert rest is not None
    assert (rest.name, rest.state) == ("Rest of Maryland", "MD")
    alaska = locality_on(Rulebook([overlay]), "02102-01", SEPTEMBER)
    assert alaska is not None
    assert (alaska.name, alaska.work_gpci) == ("Alaska", Decimal("1.500"))
    assert allowed(overlay, "99492", date(2024, 4, 30), locality="10112-00").amount_cents == 14009


def test_a_line_of_indices_that_is_out_of_order_is_named(tmp_path: Path) -> None:
    path = tmp_path / "GPCI2026.txt"
    path.write_text("ADDENDUM E. CY 2026\n10112  AL  00  ALABAMA   1.000   0.900\n", encoding="utf-8")
    with pytest.raises(PublishedFileError, match=r"GPCI2026\.txt, row 2, column line"):
        load("gpci", path, tmp_path / "overlay")


def test_outpatient_payment_of_a_new_year(tmp_path: Path) -> None:
    path = tmp_path / "2027 Addendum B.txt"
    path.write_bytes(OPPS.encode("cp1252"))
    overlay = tmp_path / "overlay"
    (change,) = load("opps", path, overlay).changes
    assert (change.edition, change.compared_with) == (date(2027, 1, 1), date(2025, 1, 1))
    base = outpatient_payment(Rulebook([overlay]), "99492", date(2027, 2, 28))
    addon = outpatient_payment(Rulebook([overlay]), "99494", date(2027, 2, 28))
    assert base is not None
    assert addon is not None
    assert (base.amount_cents, base.minimum_copayment_cents, base.apc) == (9510, 1902, "5822")
    assert (addon.status_indicator, addon.amount_cents, addon.apc) == ("N", None, "")
    earlier = outpatient_payment(Rulebook([overlay]), "99492", date(2025, 2, 28))
    assert earlier is not None
    assert earlier.amount_cents == 9250


@pytest.mark.parametrize(
    ("name", "edition"),
    [
        ("July2026_Addendum_B.csv", date(2026, 7, 1)),
        ("2027 NFRM Addendum B.csv", date(2027, 1, 1)),
        ("2026_oct_web_addendum_b.csv", date(2026, 10, 1)),
    ],
)
def test_the_quarter_of_an_addendum_is_read_from_its_name(tmp_path: Path, name: str, edition: date) -> None:
    path = tmp_path / name
    path.write_text(OPPS.replace("\t", ",").replace("\xff", ""), encoding="utf-8")
    (change,) = load("opps", path, tmp_path / "overlay", dry_run=True).changes
    assert change.edition == edition


def test_a_loaded_overlay_passes_the_check_of_the_rulebook(tmp_path: Path) -> None:
    path = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    path.write_bytes(october(pfs_row("99492")))
    overlay = tmp_path / "overlay"
    load("pfs", path, overlay)
    assert check_rulebook(Rulebook([overlay])) == ()
