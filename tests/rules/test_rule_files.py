"""What a rule file may say, and how a mistake in one is told."""

from __future__ import annotations

from datetime import date

import pytest
from small_rulebook import CAP, WriteFiles

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook
from cocm.rules.yaml_reader import read_yaml

ROW = "{effective_from: 2020-01-01, observed: 2024-01-01, value: 4, confidence: stated, source: policy}"


def test_yaml_words_and_numbers_stay_what_they_are(small: WriteFiles) -> None:
    root = small({"plain.yaml": "state: NO\non: true\npos: 02\nat: 10:30\nday: 2026-01-01\nempty:\n"})
    assert read_yaml(root / "plain.yaml") == {
        "state": "NO",
        "on": True,
        "pos": "02",
        "at": "10:30",
        "day": "2026-01-01",
        "empty": None,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "the key 'a' stands twice"),
        ("- 1\n", "expected named fields"),
        ("a: [1\n", "not readable"),
        ("99492: x\n", "the key 99492 is not text; quote it"),
        ("a: !!python/object/apply:os.system [ls]\n", "not readable"),
    ],
)
def test_an_unreadable_file_is_named(small: WriteFiles, text: str, message: str) -> None:
    root = small({"broken.yaml": text})
    with pytest.raises(RulebookError, match=message) as raised:
        read_yaml(root / "broken.yaml")
    assert "broken.yaml" in str(raised.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: limit.cap", "id: limit.cup", "they must agree"),
        ("kind: integer", "kind: number", "kind 'number' is none of"),
        ("severity: block", "severity: stop", "severity 'stop' is none of"),
        ("unit: unit", "units: unit", "unknown field units"),
        ("value: 4", "value: four", "'four' is not a whole number"),
        ("value: 4", "value: true", "True is not a whole number"),
        ("value: 4, ", "", "value is missing"),
        ("value: 4", "value: unknown", "go together"),
        ("confidence: stated", "confidence: sure", "confidence 'sure' is none of"),
        ("effective_from: 2020-01-01", "effective_from: 2020-02-30", "effective_from is '2020-02-30'"),
        ("effective_from: 2020-01-01", "effective_from: 20200101", "expected a date"),
        ("observed: 2024-01-01, ", "", "observed is None"),
        ("source: policy", "source: {ref: pollicy}", "'pollicy' does not stand in sources.yaml"),
        (", source: policy", "", "source is missing"),
        ("none_means: no limit", "label: twice", "stands twice"),
        ("meaning: The most units payable.", "note: nothing", "unknown field note"),
        ("expect: 4", "expect: four", "'four' is not a whole number"),
    ],
)
def test_a_mistake_is_told_with_its_file_and_row(small: WriteFiles, old: str, new: str, message: str) -> None:
    assert old in CAP
    rulebook = Rulebook(base=small({"rules/limit.cap.yaml": CAP.replace(old, new, 1)}))
    with pytest.raises(RulebookError, match=message) as raised:
        rulebook.rule("limit.cap")
    assert "limit.cap.yaml" in str(raised.value)


def test_codes_must_be_quoted(small: WriteFiles) -> None:
    rule = (
        CAP.replace("kind: integer", "kind: text")
        .replace("value: 4", "value: 99494")
        .replace("expect: 4", "expect: a")
    )
    with pytest.raises(RulebookError, match=r'99494 is not text; quote codes, as in "01234"'):
        Rulebook(base=small({"rules/limit.cap.yaml": rule})).rule("limit.cap")
    codes = (
        CAP.replace("kind: integer", "kind: set")
        .replace("value: 4", "value: [99484]")
        .replace("expect: 4", "expect: []")
    )
    with pytest.raises(RulebookError, match="quote codes"):
        Rulebook(base=small({"rules/limit.cap.yaml": codes})).rule("limit.cap")


def test_none_needs_a_meaning(small: WriteFiles) -> None:
    rule = (
        CAP.replace("none_means: no limit", "unit: unit")
        .replace("unit: unit", "", 1)
        .replace("value: 4", "value: none")
    )
    with pytest.raises(RulebookError, match="does not say what `none` means"):
        Rulebook(base=small({"rules/limit.cap.yaml": rule})).rule("limit.cap")


def test_a_word_must_be_one_of_the_choices(small: WriteFiles) -> None:
    rule = (
        CAP.replace("kind: integer", "kind: set\n    choices: [bhcm, consultant]")
        .replace("value: 4", "value: [bhcm, nurse]")
        .replace("expect: 4", "expect: [bhcm]")
    )
    with pytest.raises(RulebookError, match="nurse is none of bhcm, consultant"):
        Rulebook(base=small({"rules/limit.cap.yaml": rule})).rule("limit.cap")


def test_a_source_may_stand_beside_its_value(small: WriteFiles) -> None:
    inline = 'source: {title: Letter of the payer, url: "letters/7", grade: B, at: page 2}'
    rule = CAP.replace("source: policy", inline)
    value = (
        Rulebook(base=small({"rules/limit.cap.yaml": rule}))
        .pack("cpt")
        .on(date(2026, 1, 1))
        .value("limit.cap")
    )
    assert value.source is not None
    assert (value.source.title, value.source.grade, value.locator) == ("Letter of the payer", "B", "page 2")


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ("label: Acme\n", "id is None"),
        ('id: acme\nlabel: Acme\nline_of_business: commercial\nclaim_filing_code: "CI"\n', "needs a parent"),
        (
            'id: acme\nlabel: Acme\nparent: cpt\nline_of_business: other\nclaim_filing_code: "CI"\n',
            "is none of",
        ),
        (
            "id: acme\nlabel: Acme\nparent: cpt\nline_of_business: commercial\nclaim_filing_code: 12\n",
            "not text",
        ),
        ("id: acme\ncolour: red\n", "unknown field colour"),
    ],
)
def test_a_broken_profile_is_told(small: WriteFiles, profile: str, message: str) -> None:
    with pytest.raises(RulebookError, match=message):
        Rulebook(base=small({"payers/acme/profile.yaml": profile})).pack("acme")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: " + "[" * 100_000, "more than 50 deep"),
        ("a: " + "{a: " * 60 + "}" * 60, "more than 50 deep"),
        ("- " * 1_000 + "a\n", "more than 50 deep"),
        ("".join(" " * level + "a:\n" for level in range(60)), "line 51: .* more than 50 deep"),
        ("a: " + "x" * 300_000, "larger than 262144 bytes"),
    ],
    ids=["lists", "fields", "dashes", "indentation", "size"],
)
def test_a_file_that_would_break_the_reader_is_refused(small: WriteFiles, text: str, message: str) -> None:
    root = small({"hostile.yaml": text})
    with pytest.raises(RulebookError, match=message):
        read_yaml(root / "hostile.yaml")


def test_brackets_in_texts_are_not_nesting(small: WriteFiles) -> None:
    root = small({"plain.yaml": "a: '" + "[" * 100 + "'\nb: >\n  " + "{ " * 100 + "\n"})
    assert read_yaml(root / "plain.yaml")["a"] == "[" * 100


@pytest.mark.parametrize(
    ("unit", "value", "message"),
    [
        ("unit", "-1", "-1 is no number of units; expected 0 or more"),
        ("minute", "0", "0 is no number of minutes; expected from 1 to 44640"),
        ("minute", "-30", "-30 is no number of minutes"),
        ("minute", "44641", "44641 is no number of minutes"),
        ("percent", "101", "101 is no number of percents; expected from 0 to 100"),
    ],
)
def test_a_number_out_of_its_units_range_is_refused(
    small: WriteFiles, unit: str, value: str, message: str
) -> None:
    text = CAP.replace("unit: unit", f"unit: {unit}").replace("value: 4", f"value: {value}")
    with pytest.raises(RulebookError, match=message):
        Rulebook(base=small({"rules/limit.cap.yaml": text})).rule("limit.cap")


def test_an_overlay_cannot_set_a_time_of_no_minutes(overlay: WriteFiles) -> None:
    folder = overlay(
        {
            "payers/medicare/rules/time.addon_full.yaml": "id: time.addon_full\nvalues:\n  - {effective_from: "
            "2020-01-01, observed: 2024-01-01, value: 0, confidence: assumed, source: {title: A, url: B, grade: B}}\n"
        }
    )
    with pytest.raises(RulebookError, match=r"time\.addon_full\.yaml: value 1: 0 is no number of minutes"):
        Rulebook([folder]).override("medicare", "time.addon_full")
