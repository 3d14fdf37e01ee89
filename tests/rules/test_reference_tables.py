"""Localities, clinic and outpatient rates, NCCI, diagnosis and adjustment codes answer by date, or say they cannot."""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise

import pytest
from small_rulebook import WriteFiles

from cocm.basics.errors import RulebookError
from cocm.rules import Confidence, Rulebook
from cocm.rules.adjustment_codes import CodeList, adjustment_codes
from cocm.rules.codes import taxonomy_exists_on
from cocm.rules.diagnosis_codes import dotted, icd10cm_code, icd10cm_is_followed
from cocm.rules.editions import edition_in_year, latest_edition
from cocm.rules.facility_rates import clinic_rate, outpatient_payment
from cocm.rules.localities import localities, locality_on
from cocm.rules.ncci import Setting, addon_parents, mue_units, ncci_pair_on, ncci_pairs
from cocm.rules.reference import Editions, reference_tables
from cocm.rules.rulebook import shipped_rulebook

IN_QUARTER = date(2024, 8, 31)


# --- editions


def test_an_edition_of_the_year_is_the_latest_not_after_the_day_else_the_earliest() -> None:
    editions = [date(2025, 4, 1), date(2025, 10, 1), date(2026, 7, 1)]
    assert edition_in_year(editions, date(2025, 3, 31)) == date(2025, 4, 1)
    assert edition_in_year(editions, date(2025, 9, 30)) == date(2025, 4, 1)
    assert edition_in_year(editions, date(2025, 10, 1)) == date(2025, 10, 1)
    assert edition_in_year(editions, date(2026, 12, 31)) == date(2026, 7, 1)
    assert edition_in_year(editions, date(2027, 1, 1)) is None


def test_a_current_edition_goes_on_until_the_next() -> None:
    editions = [date(2025, 10, 1), date(2026, 10, 1)]
    assert latest_edition(editions, date(2024, 1, 1)) == date(2025, 10, 1)
    assert latest_edition(editions, date(2030, 1, 1)) == date(2026, 10, 1)
    assert latest_edition([], date(2030, 1, 1)) is None


# --- the catalogue


def test_the_catalogue_describes_every_table_and_every_column() -> None:
    rulebook = shipped_rulebook()
    tables = reference_tables(rulebook)
    folders = {table.path.partition("/")[0] for table in tables.values()}
    shipped = {
        path.relative_to(rulebook.roots[0]).as_posix()
        for folder in folders
        for path in (rulebook.roots[0] / folder).rglob("*.csv")
    }
    assert shipped == {table.path for table in tables.values()}
    for table in tables.values():
        with rulebook.data_file(table.path).open(encoding="utf-8", newline="") as lines:
            assert next(csv.reader(lines)) == list(table.columns), table.path
        assert "source" in table.columns
        assert (table.editions is Editions.NONE) == (not table.loaded_by)


def test_rows_of_a_table_have_one_value_for_a_key_and_day() -> None:
    rulebook = shipped_rulebook()
    for table in reference_tables(rulebook).values():
        if table.editions is Editions.HISTORY or "effective_from" not in table.columns:
            continue
        with rulebook.data_file(table.path).open(encoding="utf-8", newline="") as lines:
            spans: dict[tuple[str, ...], list[tuple[str, str]]] = {}
            for row in csv.DictReader(lines):
                key = tuple(row[column] for column in table.key)
                spans.setdefault(key, []).append((row["effective_from"], row["effective_to"] or "9999"))
        for key, found in spans.items():
            found.sort()
            for (_, earlier_end), (later_start, _) in pairwise(found):
                assert earlier_end <= later_start, (table.name, key)


def test_no_official_wording_is_shipped() -> None:
    """CPT descriptors and X12's texts are others' property: our tables have no column for them."""
    for table in reference_tables(shipped_rulebook()).values():
        assert not {"description", "descriptor", "rationale", "definition"} & set(table.columns)


@pytest.mark.parametrize(
    ("catalogue", "message"),
    [
        ("tables: {t: {path: a.csv}}", "columns gives each column its meaning"),
        (
            "tables: {t: {path: a.csv, label: L, grain: G, key: [b], editions: none, columns: {a: x}}}",
            "key lists columns of the table",
        ),
        (
            "tables: {t: {path: a.csv, label: L, grain: G, key: [a], editions: weekly, columns: {a: x}}}",
            "editions is one of yearly, current, history, none",
        ),
        (
            "tables: {t: {path: a.csv, label: L, grain: G, key: [a], editions: none, follows: x, columns: {a: x}}}",
            "follows 'x', which is none of",
        ),
        ('follows: {hcpcs: [{from: "2", to: "11", what: w}]}', "no range of codes of one length"),
        ("follows: {hcpcs: 99492}", "expected a list"),
        ("tables: {t: 1}", "expected named fields"),
        ("tabels: {}", "unknown field tabels"),
    ],
)
def test_a_damaged_catalogue_is_named(small: WriteFiles, catalogue: str, message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        reference_tables(Rulebook(base=small({"tables.yaml": catalogue})))


# --- localities


def test_a_locality_has_its_state_name_and_counties() -> None:
    found = locality_on(shipped_rulebook(), "01182-18", date(2025, 6, 30))
    assert found is not None
    assert (found.state, found.counties) == ("CA", "Los Angeles/Orange")
    assert found.name.startswith("Los Angeles-Long Beach-Anaheim")


def test_localities_of_a_state_on_a_day() -> None:
    rulebook = shipped_rulebook()
    assert len(localities(rulebook, date(2025, 1, 31))) == 109
    assert [one.locality for one in localities(rulebook, date(2020, 1, 31), state="AL")] == ["10112-00"]
    assert len(localities(rulebook, date(2025, 1, 31), state="TX")) == 8
    assert localities(rulebook, date(2026, 1, 31)) == ()


# --- clinics and hospitals


@pytest.mark.parametrize(
    ("code", "day", "cents", "confidence"),
    [
        ("G0512", date(2019, 6, 30), 14596, Confidence.ASSUMED),
        ("G0512", date(2023, 6, 30), 14673, Confidence.STATED),
        ("G0512", date(2024, 3, 8), 14407, Confidence.STATED),
        ("G0512", date(2024, 3, 9), 14647, Confidence.STATED),
        ("G0512", date(2025, 12, 31), 13941, Confidence.STATED),
        ("G0511", date(2025, 9, 30), 5467, Confidence.STATED),
    ],
)
def test_clinics_have_a_national_rate(code: str, day: date, cents: int, confidence: Confidence) -> None:
    found = clinic_rate(shipped_rulebook(), code, day)
    assert found is not None
    assert (found.amount_cents, found.confidence) == (cents, confidence)


def test_a_clinic_rate_ends_with_its_code() -> None:
    assert clinic_rate(shipped_rulebook(), "G0512", date(2026, 1, 1)) is None
    assert clinic_rate(shipped_rulebook(), "G0511", date(2025, 10, 1)) is None


def test_the_outpatient_system_pays_a_class_packages_or_does_not_pay() -> None:
    rulebook = shipped_rulebook()
    base = outpatient_payment(rulebook, "99492", date(2025, 6, 30))
    addon = outpatient_payment(rulebook, "99494", date(2025, 6, 30))
    assert base is not None
    assert addon is not None
    assert (base.status_indicator, base.apc, base.amount_cents, base.minimum_copayment_cents) == (
        "S",
        "5822",
        9250,
        1850,
    )
    assert (addon.status_indicator, addon.apc, addon.amount_cents) == ("N", "", None)
    assert outpatient_payment(rulebook, "99492", date(2026, 1, 31)) is None, "no edition of 2026 is at hand"


# --- NCCI


def test_pairs_that_hold_are_found_in_either_order() -> None:
    rulebook = shipped_rulebook()
    for first, second in (("99484", "99492"), ("99492", "99484")):
        pair = ncci_pair_on(rulebook, first, second, IN_QUARTER)
        assert pair is not None
        assert (pair.column_1_code, pair.column_2_code, pair.allows_modifier) == ("99492", "99484", False)
        assert pair.is_active_on(IN_QUARTER) is True
    assert ncci_pair_on(rulebook, "99492", "90834", IN_QUARTER) is None, "psychotherapy has no pair"


def test_a_modifier_lets_some_pairs_stand() -> None:
    pair = ncci_pair_on(shipped_rulebook(), "99495", "99492", IN_QUARTER)
    assert pair is not None
    assert pair.allows_modifier


def test_before_the_edition_an_undated_pair_is_not_known() -> None:
    pair = ncci_pair_on(shipped_rulebook(), "99492", "99484", date(2022, 6, 30))
    assert pair is not None
    assert pair.is_active_on(date(2022, 6, 30)) is None


def test_a_pair_that_ended_or_never_held_does_not_hold() -> None:
    pairs = ncci_pairs(shipped_rulebook())
    (ended,) = pairs["99492", "0359T"]
    assert ended.effective_to == date(2019, 1, 1)
    assert ended.is_active_on(date(2019, 1, 1)) is False
    assert ended.is_active_on(date(2018, 12, 31)) is None
    never = [pair for pair in pairs["99492", "99091"] if pair.modifier_indicator == "9"]
    assert [pair.is_active_on(date(2018, 1, 1)) for pair in never] == [False]


def test_a_pair_with_dates_is_known_on_every_day(overlay: WriteFiles) -> None:
    rows = (
        "setting,column_1_code,column_2_code,modifier_indicator,effective_from,effective_to,edition,source\n"
        "practitioner,A,B,0,2019-01-01,2020-01-01,2026-10-01,policy\n"
        "practitioner,A,B,1,2021-01-01,,2026-10-01,policy\n"
    )
    rulebook = Rulebook([overlay({"ncci/ptp_pairs.csv": rows})])
    found = {
        day: ncci_pair_on(rulebook, "B", "A", date.fromisoformat(day))
        for day in ("2018-12-31", "2019-01-01", "2020-06-30", "2021-01-01")
    }
    assert [pair and pair.modifier_indicator for pair in found.values()] == [None, "0", None, "1"]


def test_units_have_a_limit_by_setting_and_say_when_the_quarter_is_not_at_hand() -> None:
    rulebook = shipped_rulebook()
    limit = mue_units(rulebook, "99494", IN_QUARTER)
    assert limit is not None
    assert (limit.units_max, limit.adjudication_indicator, limit.is_dated) == (4, "3", True)
    later = mue_units(rulebook, "99494", date(2026, 3, 31))
    assert later is not None
    assert (later.units_max, later.is_dated) == (4, False)
    hospital = mue_units(rulebook, "90832", IN_QUARTER, Setting.OUTPATIENT_HOSPITAL)
    assert hospital is not None
    assert hospital.units_max == 3
    assert mue_units(rulebook, "99999", IN_QUARTER) is None


def test_an_addon_names_the_codes_it_may_stand_beside() -> None:
    parents = addon_parents(shipped_rulebook())
    assert [parent.primary_code for parent in parents["99494"]] == ["99492", "99493"]
    assert {parent.edit_type for parent in parents["99494"]} == {"1"}
    assert "99492" not in parents


# --- diagnosis codes


def test_a_diagnosis_is_a_code_or_a_heading() -> None:
    rulebook = shipped_rulebook()
    day = date(2026, 6, 30)
    code, heading = icd10cm_code(rulebook, "f329", day), icd10cm_code(rulebook, "F32", day)
    assert code is not None
    assert heading is not None
    assert (code.diagnosis_code, code.is_billable, code.is_dated) == ("F32.9", True, True)
    assert (heading.is_billable, heading.label) == (False, "Depressive episode")


def test_another_editions_day_is_answered_from_the_nearest_and_says_so() -> None:
    rulebook = shipped_rulebook()
    for day in (date(2024, 1, 31), date(2026, 10, 1)):
        code = icd10cm_code(rulebook, "F41.1", day)
        assert code is not None
        assert not code.is_dated


def test_absence_means_something_only_where_every_code_is_followed() -> None:
    rulebook = shipped_rulebook()
    day = date(2026, 6, 30)
    assert icd10cm_code(rulebook, "F32.99", day) is None
    assert icd10cm_is_followed(rulebook, "F32.99")
    assert icd10cm_code(rulebook, "E11.9", day) is None
    assert not icd10cm_is_followed(rulebook, "E11.9")


def test_with_all_codes_loaded_absence_means_something_everywhere(overlay: WriteFiles) -> None:
    rows = (
        "diagnosis_code,label,is_billable,effective_from,effective_to,source\n"
        "E11.9,,true,2026-10-01,2027-04-01,policy\n"
        "F32.A,,true,2026-10-01,2027-04-01,policy\n"
    )
    rulebook = Rulebook([overlay({"codes/icd10cm.csv": rows})])
    assert icd10cm_is_followed(rulebook, "E11.99")
    assert icd10cm_code(rulebook, "E11.99", date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("written", "code"), [("F0150", "F01.50"), (" f32.a ", "F32.A"), ("G30", "G30"), ("T1491XA", "T14.91XA")]
)
def test_a_diagnosis_may_be_written_with_or_without_its_dot(written: str, code: str) -> None:
    assert dotted(written) == code


# --- adjustment codes and taxonomies


def test_adjustment_codes_have_dates_and_our_own_words_where_cocm_claims_meet_them() -> None:
    codes = adjustment_codes(shipped_rulebook())
    assert len(codes) == 1581
    misrouted, ended = codes[CodeList.CARC, "109"], codes[CodeList.CARC, "17"]
    assert misrouted.label == "not this payer's claim; send it to the right one"
    assert misrouted.is_valid_on(date(2026, 3, 31))
    assert ended.is_valid_on(date(2009, 6, 30))
    assert not ended.is_valid_on(date(2009, 7, 1))
    assert codes[CodeList.RARC, "N418"].is_valid_on(date(2026, 3, 31))
    assert not codes[CodeList.RARC, "N418"].is_valid_on(date(2007, 7, 31))
    assert codes[CodeList.GROUP, "PR"].is_valid_on(date(1990, 1, 1))


def test_every_label_belongs_to_a_code() -> None:
    rulebook = shipped_rulebook()
    with rulebook.data_file("codes/adjustment_labels.csv").open(encoding="utf-8", newline="") as lines:
        labelled = {(CodeList(row["code_list"]), row["code"]) for row in csv.DictReader(lines)}
    assert labelled <= set(adjustment_codes(rulebook))
    assert len(labelled) > 100


def test_taxonomies_are_not_known_until_the_list_is_loaded(overlay: WriteFiles) -> None:
    assert taxonomy_exists_on(shipped_rulebook(), "207Q00000X", date(2026, 3, 31)) is None
    rows = (
        "taxonomy_code,effective_from,effective_to,source\n"
        "207Q00000X,2026-01-01,,policy\n"
        "999X00000X,2026-01-01,2026-07-01,policy\n"
    )
    rulebook = Rulebook([overlay({"codes/taxonomy_codes.csv": rows})])
    assert taxonomy_exists_on(rulebook, "207Q00000X", date(2026, 7, 1)) is True
    assert taxonomy_exists_on(rulebook, "999X00000X", date(2026, 7, 1)) is False
    assert taxonomy_exists_on(rulebook, "207Q00000X", date(2025, 12, 31)) is None


def test_a_wrong_word_in_a_table_is_named(overlay: WriteFiles) -> None:
    rows = "code_list,code,effective_from,effective_to,edition,source\nCARK,1,,,2026-01-01,policy\n"
    rulebook = Rulebook([overlay({"codes/adjustment_codes.csv": rows})])
    with pytest.raises(RulebookError, match=r"line 2: code_list is 'CARK', not a word of CARC, RARC, GROUP"):
        adjustment_codes(rulebook)
    limits = (
        "setting,hcpcs_code,effective_from,effective_to,units_max,adjudication_indicator,source\n"
        "practitioner,X,2026-01-01,2026-04-01,four,3,policy\n"
    )
    with pytest.raises(RulebookError, match="units_max is 'four', not a whole number"):
        mue_units(Rulebook([overlay({"ncci/mue.csv": limits})]), "X", date(2026, 1, 31))
