"""The instruments' files: what stands in them agrees, wording only where it may be shipped, codes checked."""

import pytest

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.instruments import GivenBy, Licence, instruments
from cocm.rules.suicide_safety import safety_protocol

RULEBOOK = Rulebook()
KNOWN = instruments(RULEBOOK)
VERIFIED = {  # product.md 3.4: checked against a terminology server on 2026-10-09
    "phq-9": ("44249-1", "44261-6"),
    "phq-2": ("55757-9", "55758-7"),
    "phq-a": ("89206-7", "89204-2"),
    "gad-7": ("69737-5", "70274-6"),
    "pcl-5": ("101697-1", "101698-9"),
}


def test_there_are_the_nine_instruments() -> None:
    assert list(KNOWN) == [
        "phq-9",
        "phq-a",
        "phq-2",
        "gad-7",
        "gad-2",
        "pc-ptsd-5",
        "pcl-5",
        "audit-c",
        "asq",
    ]


@pytest.mark.parametrize("name", list(KNOWN))
def test_wording_stands_only_where_its_licence_is_told(name) -> None:
    instrument = KNOWN[name]
    assert instrument.licence is not Licence.RESTRICTED and instrument.licence_words
    beside = RULEBOOK.data_file("care/instruments/LICENCES.md").read_text(encoding="utf-8")
    assert instrument.label in beside


def test_spanish_is_shipped_where_its_official_wording_is_certain_and_nowhere_else() -> None:
    assert {name for name, instrument in KNOWN.items() if "es" in instrument.texts} == {
        "phq-9",
        "phq-2",
        "asq",
    }


@pytest.mark.parametrize("name", VERIFIED)
def test_codes_of_panel_and_total_are_the_verified_ones(name) -> None:
    assert (KNOWN[name].loinc_panel, KNOWN[name].loinc_total) == VERIFIED[name]


def test_no_code_of_an_item_stands_for_another_item_or_for_the_total() -> None:
    """Public code has swapped item codes and used the item-9 code as the total (product.md 3.4)."""
    for name in ("phq-9", "gad-7"):
        codes = [item.loinc for item in KNOWN[name].items]
        assert len(set(codes)) == len(codes) and KNOWN[name].loinc_total not in codes
    assert KNOWN["phq-9"].item("9").loinc == "44260-8" and KNOWN["gad-7"].item("6").loinc == "69689-8"
    shared = ("1", "2")
    assert [KNOWN["phq-2"].item(name).loinc for name in shared] == [
        KNOWN["phq-9"].item(name).loinc for name in shared
    ]


def test_the_suicide_screen_is_asked_face_to_face_only() -> None:
    assert KNOWN["asq"].given_by == {GivenBy.STAFF}


def test_each_item_about_suicide_raises_an_alarm() -> None:
    alarms = {name: [item.item_id for item in found.items if item.alarm] for name, found in KNOWN.items()}
    assert {name: found for name, found in alarms.items() if found} == {
        "phq-9": ["9"],
        "phq-a": ["9", "past_month", "attempt_ever"],
        "asq": ["1", "2", "3", "4", "5"],
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("positive_from: 3", "positive_form: 3", "unknown field"),
        ("instrument: phq-2", "instrument: phq-3", "expected the file's name"),
        ('"2": "Feeling down, depressed, or hopeless"', "", "no text for the items 2"),
        ('"Nearly every day"]', "]", "needs 4 answers"),
        ("  - {from: 3, label: positive}", "  - {from: 9, label: positive}", "bands begin at 0"),
        ('answers: frequency, loinc: "44255-8"', "answers: often", "no answers 'often'"),
        ("status: free,", "status: gratis,", "expected one of"),
        ("status: free,", "status: restricted,", "may not be reproduced"),
        ("ref: hedis-drr-2023", "ref: nobody", "does not stand in sources.yaml"),
        ("frequency: [0, 1, 2, 3]", "frequency: [0, 2, 1, 3]", "rising whole numbers"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(tmp_path, old, new, said) -> None:
    shipped = RULEBOOK.data_file("care/instruments/phq-2.yaml").read_text(encoding="utf-8")
    assert old in shipped
    folder = tmp_path / "care" / "instruments"
    folder.mkdir(parents=True)
    (folder / "phq-2.yaml").write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(RulebookError, match=said):
        instruments(Rulebook([tmp_path]))


def test_a_practices_own_translation_is_laid_over_ours(tmp_path) -> None:
    shipped = RULEBOOK.data_file("care/instruments/gad-2.yaml").read_text(encoding="utf-8")
    start = shipped.index("  en:")
    folder = tmp_path / "care" / "instruments"
    folder.mkdir(parents=True)
    own = shipped + shipped[start:].replace("  en:", "  es:", 1)
    (folder / "gad-2.yaml").write_text(own, encoding="utf-8")
    assert set(instruments(Rulebook([tmp_path]))["gad-2"].texts) == {"en", "es"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("level: 2,", "level: 3,", "in order"),
        ("after_minutes: 0,", "after_minutes: 5,", "at once"),
        ("roles: [manager]", "roles: [chief]", "expected"),
        ("roles: [manager]", "roles: []", "tells nobody"),
        ("ref: phmi-suicide-safety", "ref: nobody", "sources.yaml"),
    ],
)
def test_a_protocol_that_would_tell_nobody_is_refused(tmp_path, old, new, said) -> None:
    shipped = RULEBOOK.data_file("care/safety.yaml").read_text(encoding="utf-8")
    assert old in shipped
    (tmp_path / "care").mkdir()
    (tmp_path / "care" / "safety.yaml").write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(RulebookError, match=said):
        safety_protocol(Rulebook([tmp_path]))


def test_help_in_a_crisis_is_told_in_each_language_with_its_source() -> None:
    lines = safety_protocol(RULEBOOK).crisis
    assert [line.line_id for line in lines] == ["988", "911"]
    assert all(line.labels["es"] and line.words["es"] and line.source.url for line in lines)
