"""The reviewers' practice set holds no answers, comes out the same again, and is scored by what the rules decide."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner
from openpyxl import load_workbook

from cocm.basics.errors import CocmError, UnusableInput
from cocm.basics.money import plain_dollars
from cocm.basics.months import Month
from cocm.cli import cli
from cocm.rules import Rulebook
from cocm.sandbox.case_drafts import THEMES
from cocm.sandbox.case_sheet import ANSWER_COLUMNS, as_csv, as_workbook, read_answers
from cocm.sandbox.cases import Cases, CaseSet, make_cases
from cocm.sandbox.score import key_of, score, score_text

RULEBOOK = Rulebook()
SET = CaseSet("ca-commercial-carveout", Month(2026, 3), 5, 26)


@pytest.fixture(scope="module")
def cases() -> Cases:
    """A set in which every situation comes up."""
    return make_cases(SET, RULEBOOK)


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _answered(cases: Cases) -> list[dict[str, str]]:
    """The sheet as somebody fills it in who knows every rule."""
    rows = _rows(as_csv(cases))
    for row, case in zip(rows, cases.cases, strict=True):
        key = key_of(case)
        row["answer"] = key.answer
        row["reason_code"] = f"CO-{min(key.reason_codes)}" if key.reason_codes else ""
        row["entity"] = key.entity.lower()
        row["member_owes"] = plain_dollars(key.member_owes_cents) if key.answer == "pay" else ""
    return rows


def _written(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_every_theme_comes_up_equally_often_and_with_different_answers(cases: Cases) -> None:
    themes = Counter(case.draft.theme for case in cases.cases)
    assert set(themes) == set(THEMES) and max(themes.values()) - min(themes.values()) <= 1
    assert {key_of(case).answer for case in cases.cases} == {"pay", "deny", "forward", "wait"}


def test_sheet_holds_no_answers_and_is_labelled(cases: Cases, tmp_path: Path) -> None:
    for row in _rows(as_csv(cases)):
        assert not any(row[column] for column in ANSWER_COLUMNS)
        assert "SANDBOX" in row["biller"] and row["lines"] and row["benefit"] and row["contracts"]
    made = as_workbook(cases)
    with time_machine.travel("2031-07-01"):
        assert as_workbook(cases) == made  # no time of writing stands in it
    (tmp_path / "cases.xlsx").write_bytes(made)
    book = load_workbook(tmp_path / "cases.xlsx")
    assert "Synthetic" in str(book["README"]["A1"].value)
    cells = [
        tuple("" if cell.value is None else str(cell.value) for cell in row) for row in book["cases"].rows
    ]
    assert cells == [tuple(row) for row in csv.reader(io.StringIO(as_csv(cases).decode("utf-8-sig")))]
    book.close()


def test_same_set_comes_out_the_same_and_another_seed_does_not(cases: Cases) -> None:
    assert as_csv(make_cases(CaseSet.parse(SET.name), RULEBOOK)) == as_csv(cases)
    other = make_cases(CaseSet(SET.pack_id, SET.month, 6, SET.count), RULEBOOK)
    assert as_csv(other) != as_csv(cases)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_who_knows_the_rules_has_every_point(cases: Cases, tmp_path: Path, ending: str) -> None:
    rows = _answered(cases)
    path = tmp_path / f"cases.{ending}"
    if ending == "csv":
        _written(path, rows)
    else:
        path.write_bytes(as_workbook(cases))
        book = load_workbook(path)
        for number, row in enumerate(rows, 2):
            for place, name in enumerate(row, 1):
                book["cases"].cell(number, place, row[name])
        book.save(path)
        book.close()
    scored = score(cases, read_answers(path))
    assert not scored.problems
    assert [case.case_id for case in scored.cases if not case.is_right] == []
    assert scored.points == scored.points_possible > SET.count


def test_the_known_mistakes_are_named_and_explained_by_rule_date_and_source(
    cases: Cases, tmp_path: Path
) -> None:
    rows = _answered(cases)
    for row in rows:
        row |= {"answer": "deny", "reason_code": "109", "entity": "", "member_owes": ""}
    scored = score(cases, read_answers(_written(tmp_path / "a.csv", rows)))
    text = "\n".join(score_text(scored))
    assert "beware       plans are known to err here: sent to the behavioral administrator" in text
    assert "called a duplicate of the psychotherapy of the month" in text
    assert "claim.benefit_side = medical [ca-commercial-carveout, from 2018-01-01, secondary: " in text
    assert "codes.addon = 99494 [" in text and "Synthetic" in text
    assert all(case.why for case in scored.cases)
    denials = [case for case in scored.cases if case.key.answer == "deny"]
    assert {case.points for case in denials} == {1} and scored.points == len(denials)


def test_every_situation_that_invites_a_mistake_is_answered_against_it(cases: Cases) -> None:
    """What the plans of the seeds denied, the rules pay or hand on."""
    tempting = [case for case in cases.cases if case.draft.tempts]
    assert len(tempting) >= 8
    assert {key_of(case).answer for case in tempting} <= {"pay", "forward"}


def test_wrong_rows_are_told_and_earn_nothing(cases: Cases, tmp_path: Path) -> None:
    rows = _answered(cases)
    rows[0]["answer"] = "approve"
    rows[1]["member_owes"] = "twenty"
    rows[2]["case_id"] = "K999"
    rows[4] = dict(rows[3])
    scored = score(cases, read_answers(_written(tmp_path / "a.csv", rows)))
    told = "\n".join(scored.problems)
    assert "row 2, column answer: expected one of pay, deny, forward, wait" in told
    assert "row 3, column member_owes: expected dollars" in told
    assert "case 'K999': is not of the set" in told
    assert "row 6, column case_id: each case once" in told
    assert scored.cases[0].points == 0 and scored.cases[4].given is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("case_id,answer\nK001,pay\n", "must name set"),
        ("set,case_id,answer\n", "holds 0 sets"),
        ("set,case_id,answer\na,K001,pay\nb,K002,pay\n", "holds 2 sets"),
        ("\x00\x01", "must name"),
    ],
)
def test_file_that_is_no_sheet_is_refused(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(content)
    with pytest.raises(UnusableInput, match=told):
        read_answers(path)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nonsense",
        "medicare:2026-03:1:0",
        "medicare:2026-03:1:501",
        "medicare:2026-13:1:5",
        "medicare:1800-01:1:5",
        "=1+1",
    ],
)
def test_set_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(UnusableInput, match="expected the name that `cocm sandbox cases` wrote"):
        CaseSet.parse(name)


def test_payer_without_the_codes_is_refused() -> None:
    with pytest.raises(UnusableInput, match="no code of a first month"):
        make_cases(CaseSet("ny-ccmp", Month(2026, 3), 1, 5), RULEBOOK)
    with pytest.raises(CocmError):
        make_cases(CaseSet("no-such-payer", Month(2026, 3), 1, 5), RULEBOOK)


def test_commands_write_and_score(tmp_path: Path) -> None:
    out = tmp_path / "reviewers"
    arguments = ["sandbox", "cases", "--out", str(out), "--payer", "medicare", "--count", "6", "--seed", "3"]
    shown = CliRunner().invoke(cli, [*arguments, "--json"])
    assert shown.exit_code == 0
    document = json.loads(shown.output)
    assert document["set"] == "medicare:2026-03:3:6" and len(document["cases"]) == 6
    assert "Synthetic" in document["synthetic"] and document["rulebook_hash"]
    answer = CliRunner().invoke(cli, ["sandbox", "score", str(out / "cases.csv"), "--json"])
    assert answer.exit_code == 1
    scored = json.loads(answer.output)
    assert scored["points"] == 0 and all(case["why"] for case in scored["cases"])
    again = CliRunner().invoke(cli, arguments)  # somebody may have written answers into the files
    assert isinstance(again.exception, UnusableInput) and "perhaps with answers" in str(again.exception)
    text = CliRunner().invoke(cli, ["sandbox", "score", str(out / "cases.xlsx")])
    assert text.exit_code == 1 and "your answer  none" in text.output
