"""`cocm benefits`: one answer or a caseload, a page for the patient, and what changed since last month."""

from __future__ import annotations

import csv
import gzip
import json
import re
import stat
from datetime import date
from pathlib import Path

import pytest
from answers import (
    ACTIVE,
    COINSURANCE,
    COPAY,
    COPAY_BEHAVIORAL,
    DEDUCTIBLE,
    DEDUCTIBLE_OPEN,
    NO_AUTHORIZATION,
    answer,
    dependent,
    entity,
    person,
)
from click.testing import CliRunner, Result

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.benefits.answer import read_answers
from cocm.benefits.compare import ChangeKind, changes
from cocm.benefits.estimate import estimate
from cocm.benefits.estimate_page import Sender, estimate_page
from cocm.benefits.records import MonthBenefits
from cocm.cli import cli
from cocm.rules.rulebook import shipped_rulebook
from cocm.x12.eligibility_reader import read_271

CLEAR = ACTIVE + COPAY + DEDUCTIBLE + NO_AUTHORIZATION
MARCH = Month(2026, 3)
SENDER = Sender("LAKESIDE <FAMILY> MEDICINE", "510-555-0100")


def command(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["benefits", "--month", "2026-03", *arguments])


def saved(folder: Path, content: bytes, name: str = "a.271") -> str:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return str(folder / name)


def read(content: bytes, month: Month = MARCH) -> list[MonthBenefits]:
    policy = shipped_rulebook().pack("cpt").on(month.last_day)
    return [
        one
        for record in read_271(content)
        for one in read_answers(record, month, policy, place_of_service_code="11")
    ]


def page(content: bytes, **rates: int) -> str:
    (benefits,) = read(content)
    policy = shipped_rulebook().pack("cpt").on(date(2026, 3, 31))
    codes = {"99492": 16032, "99493": 14500, "99494": 6100, **rates}
    its_estimate = estimate(benefits, policy, place_of_service_code="11", rates_cents=codes)
    return estimate_page(benefits, its_estimate, SENDER, date(2026, 3, 2))


# The command ------------------------------------------------------------------------------------------------


def test_a_clear_answer_ends_in_status_0_and_one_with_questions_in_1(tmp_path: Path) -> None:
    clear = command(saved(tmp_path, answer(person(benefits=CLEAR))))
    assert clear.exit_code == 0
    assert "copayment $25.00 [doctor's office visit]; deductible left $0.00 of $500.00" in clear.stdout
    unclear = command(saved(tmp_path, answer(person(benefits=ACTIVE + COPAY_BEHAVIORAL))))
    assert unclear.exit_code == 1
    assert "not used: copayment $10.00 for mental health" in unclear.stdout
    assert "ask         What does the member pay in 2026-03" in unclear.stdout


def test_a_refusal_is_named_with_what_to_do(tmp_path: Path) -> None:
    result = command(saved(tmp_path, answer(person(rejection="AAA*N**72*C~", dates=""))))
    assert result.exit_code == 1
    assert "refused     72: the member number is wrong or missing. To do: copy the number" in result.stdout
    assert "in network" not in result.stdout


def test_json_holds_all_people_with_amounts_as_text(tmp_path: Path) -> None:
    path = saved(
        tmp_path, answer(person(benefits=CLEAR), dependent(benefits=ACTIVE + COINSURANCE + DEDUCTIBLE))
    )
    result = command(path, "--json", "--rate", "99492=160.32")
    document = json.loads(result.stdout)
    first, second = document["people"]
    assert first["in_network"]["copayment"] == {"low": "25.00", "high": "25.00"}
    assert first["coverage"] == {
        "state": "whole month",
        "from_date": "2026-03-01",
        "to_date": "2026-03-31",
        "is_dated": True,
        "plan_description": "GOLD HMO",
        "reason": "active, from 2026-01-01",
    }
    assert second["estimate"]["months"][0]["patient_share"] == {"low": "32.06", "high": "32.06"}
    assert document["rulebook_hash"] and document["people"][0]["is_clear"]


def test_archives_and_folders_are_read(tmp_path: Path) -> None:
    saved(tmp_path / "in", gzip.compress(answer(person(1, benefits=CLEAR))), "a.gz")
    saved(tmp_path / "in", answer(person(2, benefits=CLEAR)), "b.271")
    document = json.loads(command(str(tmp_path / "in"), "--json").stdout)
    assert [one["member_id"] for one in document["people"]] == ["GHP000000001", "GHP000000002"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\x89PNG" + bytes(300), "begins with ISA"),
        (answer(person(benefits=CLEAR)).replace(b"*271*", b"*270*").replace(b"*HB*", b"*HS*"), "271"),
        (answer(person(benefits=CLEAR))[:-60], "a.271"),
        (answer(person(benefits=ACTIVE + "EB*B**98***27*MUCH~")), "EB07"),
    ],
)
def test_what_cannot_be_read_ends_in_a_named_error_without_its_values(
    tmp_path: Path, content: bytes, message: str
) -> None:
    result = command(saved(tmp_path, content))
    assert isinstance(result.exception, UnusableInput)
    assert message in str(result.exception)
    assert "DAVIS" not in str(result.exception) and "MUCH" not in str(result.exception)


def test_one_bad_file_of_a_folder_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    saved(tmp_path / "in", answer(person(benefits=CLEAR)))
    saved(tmp_path / "in", b"no", "b.271")
    result = command(str(tmp_path / "in"))
    assert result.exit_code == 1
    assert "GHP000000001" in result.stdout and "not used: b.271" in result.stderr


def test_an_answer_is_shown_in_words(tmp_path: Path) -> None:
    path = saved(tmp_path, answer(person(benefits=CLEAR, rejection="AAA*N**72*C~")))
    text = CliRunner().invoke(cli, ["x12", "show", path]).stdout
    assert "service type 98 (doctor's office visit)" in text
    assert "reason 72 (the member number is wrong or missing)" in text
    assert "information B (copayment)" in text


def test_usage_errors(tmp_path: Path) -> None:
    path = saved(tmp_path, answer(person(benefits=CLEAR)))
    assert command(path, "--rate", "99492").exit_code == 2
    assert command(path, "--estimate", str(tmp_path / "x")).exit_code == 2
    assert command(path, "--previous", path).exit_code == 2


# The page ---------------------------------------------------------------------------------------------------


def test_the_page_says_the_same_in_both_languages() -> None:
    text = page(answer(person(benefits=ACTIVE + COPAY + DEDUCTIBLE_OPEN)))
    english, spanish = text.split("<hr>")
    for half in (english, spanish):
        assert "$25.00" in half and "$125.00" in half and "$100.00" in half and "510-555-0100" in half
    assert "between $25.00 and $125.00" in english and "entre $25.00 y $125.00" in spanish
    assert "March 2026" in english and "marzo de 2026" in spanish
    assert "Ariana Davis" in english
    assert "LAKESIDE &lt;FAMILY&gt; MEDICINE" in english


def test_the_page_reckons_with_the_network_it_was_asked_for() -> None:
    segments = ACTIVE + COPAY + DEDUCTIBLE + "EB*A*IND*98*****.4****N~EB*C*IND*30***29*900*****N~"
    (benefits,) = read(answer(person(benefits=segments)))
    policy = shipped_rulebook().pack("cpt").on(date(2026, 3, 31))
    rates = {"99492": 16032, "99493": 14500, "99494": 6100}
    outside = estimate(benefits, policy, place_of_service_code="11", rates_cents=rates, is_in_network=False)
    text = estimate_page(benefits, outside, SENDER, date(2026, 3, 2))
    assert "up to $900.00 toward your deductible" in text and "about $160.32" in text
    assert "$25.00" not in text


def test_the_page_names_no_diagnosis_and_loads_nothing() -> None:
    content = answer(person(benefits=CLEAR)).replace(b"DTP*346", b"HI*ABK:F321~DTP*346")
    text = page(content.replace(b"SE*17", b"SE*18"))
    assert not re.search(r"F32|depress|anxiety|psych|mental|depres|ansiedad|psiqui", text, re.IGNORECASE)
    assert not re.search(r"https?:|src=|@import|url\(", text)


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    text = page(answer(person(benefits=ACTIVE + COPAY_BEHAVIORAL)))
    assert text.count("we do not know yet") == 4 and text.count("todavía no lo sabemos") == 4
    assert "$10.00" not in text
    assert "We are asking your plan." in text


def test_a_person_who_is_not_covered_gets_no_amounts() -> None:
    text = page(answer(person(benefits="EB*6**30~", dates="DTP*357*D8*20260131~")))
    assert "not covered in March 2026" in text and "no tiene cobertura en marzo de 2026" in text
    assert "<table>" not in text


def test_coverage_for_a_part_of_the_month_is_said_with_its_days() -> None:
    text = page(answer(person(benefits=CLEAR, dates="DTP*356*D8*20250101~DTP*357*D8*20260315~")))
    assert "from March 1, 2026 to March 15, 2026 only" in text
    assert "del 1 de marzo de 2026 al 15 de marzo de 2026" in text


def test_the_english_reads_at_a_sixth_graders_level() -> None:
    body = page(answer(person(benefits=ACTIVE + COPAY + DEDUCTIBLE_OPEN))).split("<hr>")[0].split("</h1>")[1]
    paragraphs = re.findall(r"<p[^>]*>([^<]+)</p>", body)
    sentences = [one for text in paragraphs for one in re.split(r"(?<=[.?])\s", text) if one]
    words = [word for text in sentences for word in re.findall(r"[A-Za-z']+", text)]
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", word.lower().removesuffix("e")))) for word in words)
    grade = 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59
    assert grade <= 6, grade


def test_pages_are_written_for_those_who_were_answered(tmp_path: Path) -> None:
    path = saved(tmp_path, answer(person(1, benefits=CLEAR), person(2, rejection="AAA*N**72*C~", dates="")))
    folder = tmp_path / "letters"
    result = command(path, "--estimate", str(folder), "--practice", "Lakeside", "--phone", "510-555-0100")
    assert result.exit_code == 1
    (written,) = folder.iterdir()
    assert written.name == "estimate-00001.html"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600


# The caseload -----------------------------------------------------------------------------------------------


def changed(before: str, now: str) -> dict[ChangeKind, tuple[str, str]]:
    """What changed for one person between February and March."""
    old, new = read(answer(before, day="20260202"), Month(2026, 2)), read(answer(now))
    return {one.kind: (one.before, one.now) for one in changes(old, new)}


def test_nothing_changes_where_nothing_changed() -> None:
    assert changed(person(benefits=CLEAR), person(benefits=CLEAR)) == {}


@pytest.mark.parametrize(
    ("before", "now", "kind", "words"),
    [
        (
            person(benefits=CLEAR),
            person(benefits=CLEAR, dates="DTP*356*D8*20250101~DTP*357*D8*20260315~"),
            ChangeKind.COVERAGE_ENDED,
            ("whole month", "2026-03-01 to 2026-03-15"),
        ),
        (
            person(benefits="EB*6**30~", dates=""),
            person(benefits=CLEAR),
            ChangeKind.COVERAGE_BEGAN,
            ("not covered", "whole month"),
        ),
        (
            person(benefits=CLEAR),
            person(benefits=CLEAR.replace("*25*", "*40*")),
            ChangeKind.COST_SHARE,
            ("copayment $25.00", "copayment $40.00"),
        ),
        (
            person(benefits=ACTIVE + COPAY + DEDUCTIBLE),
            person(benefits=ACTIVE + COPAY + DEDUCTIBLE_OPEN),
            ChangeKind.DEDUCTIBLE_YEAR,
            ("$0.00", "$100.00"),
        ),
        (
            person(benefits=CLEAR),
            person(benefits=CLEAR, member_id="NEW1"),
            ChangeKind.MEMBER_NUMBER,
            ("GHP000000001", "NEW1"),
        ),
        (
            person(benefits=CLEAR),
            person(benefits=ACTIVE + entity("I3", "BAY GROUP", "B1") + COPAY + DEDUCTIBLE + NO_AUTHORIZATION),
            ChangeKind.ROUTE,
            ("payer GHP01", "delegated group B1"),
        ),
        (
            person(benefits=CLEAR),
            person(benefits=CLEAR + "EB*R**30*C1~" + entity("PRP", "STEEL PLAN", "S1")),
            ChangeKind.OTHER_PAYER,
            ("none", "STEEL PLAN"),
        ),
        (
            person(benefits=CLEAR),
            person(rejection="AAA*N**75*C~", dates=""),
            ChangeKind.REFUSED,
            ("", "the member was not found"),
        ),
    ],
)
def test_each_change_is_found_with_what_it_was_and_is(
    before: str, now: str, kind: ChangeKind, words: tuple[str, str]
) -> None:
    assert changed(before, now)[kind] == words


def test_a_deductible_that_was_used_up_is_no_new_year() -> None:
    kinds = changed(
        person(benefits=ACTIVE + COPAY + DEDUCTIBLE_OPEN), person(benefits=ACTIVE + COPAY + DEDUCTIBLE)
    )
    assert kinds == {}


def test_a_new_payer_is_seen_because_the_person_is_known_by_name_and_birth_date() -> None:
    old = read(answer(person(benefits=CLEAR), day="20260202"), Month(2026, 2))
    new = read(answer(person(benefits=CLEAR, member_id="SHP9"), payer="SILVER HEALTH PLAN*****PI*SHP01"))
    kinds = [(one.kind, one.before, one.now) for one in changes(old, new)]
    assert kinds[:2] == [
        (ChangeKind.PAYER, "GHP01", "SHP01"),
        (ChangeKind.MEMBER_NUMBER, "GHP000000001", "SHP9"),
    ]


def test_a_person_with_two_payers_is_compared_payer_by_payer() -> None:
    silver = "SILVER HEALTH PLAN*****PI*SHP01"
    old = read(answer(person(benefits=CLEAR), day="20260202"), Month(2026, 2))
    old += read(answer(person(benefits=ACTIVE), day="20260202", payer=silver), Month(2026, 2))
    new = read(answer(person(benefits=ACTIVE), payer=silver)) + read(answer(person(benefits=CLEAR)))
    assert changes(old, new) == ()
    assert [one.kind for one in changes(old, new[:1])] == [ChangeKind.MISSING]
    assert [one.kind for one in changes(old[:1], new)] == [ChangeKind.NEW_PERSON]


def test_a_batch_writes_a_table_the_changes_and_a_summary(tmp_path: Path) -> None:
    saved(
        tmp_path / "feb",
        answer(person(1, benefits=CLEAR), person(3, name="KIM*JO", benefits=CLEAR), day="20260202"),
    )
    saved(
        tmp_path / "mar",
        answer(
            person(1, benefits=CLEAR.replace("*25*", "*40*")),
            person(2, name="=LEE*SAM", birth="19700101", benefits=ACTIVE + COPAY_BEHAVIORAL),
        ),
    )
    out = tmp_path / "out"
    result = command(str(tmp_path / "mar"), "--batch", str(out), "--previous", str(tmp_path / "feb"))
    assert result.exit_code == 1
    lines = [line.split(None, 1) for line in result.stdout.splitlines()]
    assert (
        ["2", "people"] in lines and ["1", "clear"] in lines and ["1", "something to ask the plan"] in lines
    )
    assert (
        ["1", "another cost share"] in lines
        and ["1", "new in the batch"] in lines
        and ["1", "not in this batch"] in lines
    )
    with (out / "benefits.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["last_name"] for row in rows] == ["DAVIS", "'=LEE"]
    assert (rows[0]["copayment_low"], rows[0]["is_clear"], rows[1]["to_ask"][:20]) == (
        "40.00",
        "true",
        "What does the member",
    )
    with (out / "changes.csv").open(newline="") as stream:
        assert [row["change"] for row in csv.DictReader(stream)] == [
            "another cost share",
            "new in the batch",
            "not in this batch",
        ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--rate", "99439=66"),
        ("--rate", "99492=-5"),
        ("--rate", "99492=0"),
        ("--place", "ZZ"),
        ("--place", "1"),
    ],
)
def test_a_rate_or_place_that_cannot_be_meant_is_refused(tmp_path: Path, option: str, value: str) -> None:
    path = saved(tmp_path, answer(person(benefits=ACTIVE + COPAY)))
    result = command(path, option, value)
    assert result.exit_code == 2 and option in result.output


@pytest.mark.parametrize("statement", ["EB*B*IND*98***27*-25*****Y~", "EB*A*IND*98*****150****Y~"])
def test_a_share_that_nobody_can_owe_is_asked_about_and_never_shown(tmp_path: Path, statement: str) -> None:
    path = saved(tmp_path, answer(person(benefits=ACTIVE + statement)))
    result = command(path)
    assert result.exit_code == 1 and "copayment and coinsurance not said" in result.output
    assert "-$" not in result.output
