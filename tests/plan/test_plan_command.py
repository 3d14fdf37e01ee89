"""`cocm plan`: template and adjudicate, from the command line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from claim_samples import PAYER, written
from click.testing import CliRunner, Result
from plan_samples import TABLES, claim, plan_folder

from cocm.basics.errors import CocmError
from cocm.cli import cli


def _run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["plan", *map(str, arguments)])


def _file(folder: Path, *numbers: int) -> Path:
    path = folder / "march.837"
    path.write_bytes(written([claim(number) for number in numbers]))
    return path


def test_paid_claims_are_clean_and_remembered_in_the_plans_folder(tmp_path: Path) -> None:
    plan, out = plan_folder(tmp_path / "plan"), tmp_path / "out"
    arguments = ("adjudicate", _file(tmp_path, 1, 2), "--plan", plan, "--out", out, "--as-of", "2026-04-06")
    result = _run(*arguments)
    assert result.exit_code == 0
    assert "2 claims: 2 paid" in result.output
    assert (plan / "state.sqlite").exists()
    assert {"remittance.835", "trace.json", "trace.txt", "summary.json"} <= {
        one.name for one in out.iterdir()
    }
    assert "decided before, as of 2026-04-06" in _run(*arguments).output


def test_a_payer_id_that_was_missing_is_told_and_what_to_do_once_it_is_listed(tmp_path: Path) -> None:
    plan = plan_folder(tmp_path / "plan")
    path = tmp_path / "march.837"
    path.write_bytes(written([claim(1, payer=replace(PAYER, identifier="OTHER7")), claim(2)]))
    arguments = ("adjudicate", path, "--plan", plan, "--out", tmp_path / "out", "--as-of", "2026-04-06")
    first = _run(*arguments)
    assert first.exit_code == 1
    assert (
        "1 claim (payer id OTHER7). Where such an id is the plan's own, list it in plan.csv" in first.output
    )
    plan_folder(plan, plan=[{**TABLES["plan"][0], "other_payer_identifiers": "OTHER7"}])
    again = _run(*arguments)
    assert "decided before" in again.output
    assert "OTHER7 is the plan's own by now: claims that are sent again in a new file" in again.output


def test_findings_are_exit_status_one_and_json_counts_them(tmp_path: Path) -> None:
    plan = plan_folder(tmp_path / "plan")
    result = _run(
        "adjudicate", _file(tmp_path, 1, 9, 77), "--plan", plan, "--out", tmp_path / "out", "--as-of", "2026-04-06",
        "--json",
    )  # fmt: skip
    assert result.exit_code == 1
    answer = json.loads(result.output)
    counts = (answer["claims_paid"], answer["claims_forwarded"], answer["claims_denied"])
    assert counts == (1, 1, 1)
    assert answer["rulebook_hash"]
    assert answer["decided_before"] is None


@pytest.mark.parametrize(
    ("kept_until", "ending", "told"),
    [
        (b"GS*", b"", "1 interchange"),
        (b"HL*1**", b"SE*6*0001~GE*1*1~IEA*1*000000001~", "1 transaction"),
    ],
)
def test_a_file_refused_for_its_form_is_not_clean(
    tmp_path: Path, kept_until: bytes, ending: bytes, told: str
) -> None:
    """There is no claim in it that could be rejected."""
    path = _file(tmp_path, 1)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(kept_until)] + ending)
    arguments = ("--plan", plan_folder(tmp_path / "plan"), "--out", tmp_path / "out", "--as-of", "2026-04-06")
    result = _run("adjudicate", path, *arguments)
    assert result.exit_code == 1
    assert "0 claims" in result.output
    assert f"Refused for its form, with all that is in it: {told}" in result.output


def test_rehearsal_with_mistakes_denies(tmp_path: Path) -> None:
    plan, errs = plan_folder(tmp_path / "plan"), tmp_path / "errs.csv"
    errs.write_text("mistake,rate_percent\nroute_by_diagnosis,100\n")
    state = tmp_path / "rehearsal.sqlite"
    result = _run(
        "adjudicate", _file(tmp_path, 1), "--plan", plan, "--out", tmp_path / "out", "--as-of", "2026-04-06",
        "--errs", errs, "--state", state,
    )  # fmt: skip
    assert result.exit_code == 1
    assert "1 denied" in result.output
    assert state.exists()
    assert not (plan / "state.sqlite").exists()


def test_template_then_an_empty_plan_is_refused_by_name(tmp_path: Path) -> None:
    assert _run("template", tmp_path / "new").exit_code == 0
    result = _run("adjudicate", _file(tmp_path, 1), "--plan", tmp_path / "new", "--out", tmp_path / "out")
    assert isinstance(result.exception, CocmError)
    assert "plan.csv holds no plan" in str(result.exception)


@pytest.mark.parametrize("command", ["adjudicate", "template"])
def test_help_has_an_example(command: str) -> None:
    result = _run(command, "--help")
    assert result.exit_code == 0
    assert f"cocm plan {command}" in result.output


def test_no_name_of_a_patient_stands_in_trace_or_lists(tmp_path: Path) -> None:
    plan, out = plan_folder(tmp_path / "plan"), tmp_path / "out"
    result = _run(
        "adjudicate", _file(tmp_path, 1, 9, 77), "--plan", plan, "--out", out, "--as-of", "2026-04-06"
    )
    told = [
        result.output,
        *((out / name).read_text() for name in ("trace.json", "trace.txt", "forwarded.csv")),
    ]
    for text in told:
        assert "ARIANA" not in text.upper()
        assert "GHP0000000" not in text
        assert "1988-02-29" not in text


def test_late_payment_and_rejected_claims_are_told_in_words(tmp_path: Path) -> None:
    plan, path = plan_folder(tmp_path / "plan"), _file(tmp_path, 1)
    arguments = ("adjudicate", path, "--plan", plan, "--out", tmp_path / "out", "--as-of", "2026-05-16")
    told = _run(*arguments, "--received", "2026-04-06").output
    assert "Paid after the payer's clock: 1 claim, interest $0." in told
    assert "Rejected claims" not in told
    path.write_bytes(path.read_bytes().replace(b"*UN*1*", b"*UN*0*", 1))
    told = _run(*arguments, "--out", tmp_path / "second").output
    assert "1 rejected" in told and "`cocm x12 check march.837` names each fault" in told


def _summary(out: Path) -> dict[str, object]:
    told: dict[str, object] = json.loads((out / "summary.json").read_bytes())
    return told


def test_answers_of_another_file_are_not_overwritten_and_nothing_is_decided(tmp_path: Path) -> None:
    plan, out = plan_folder(tmp_path / "plan"), tmp_path / "out"
    common = ("--plan", plan, "--out", out, "--as-of", "2026-04-06")
    assert _run("adjudicate", _file(tmp_path, 1, 9), *common).exit_code == 1
    held = {path.name: path.read_bytes() for path in out.iterdir()}
    state = (plan / "state.sqlite").read_bytes()
    second = tmp_path / "second.837"
    second.write_bytes(written([claim(2)]))
    refused = _run("adjudicate", second, *common)
    assert "holds the answers of another run, as of 2026-04-06; name another folder" in str(refused.exception)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == held
    assert (plan / "state.sqlite").read_bytes() == state
    again = _run("adjudicate", tmp_path / "march.837", *common)
    assert "decided before" in again.output
    assert {path.name: path.read_bytes() for path in out.iterdir()} == held


def test_a_file_that_stands_in_the_out_folder_is_not_overwritten(tmp_path: Path) -> None:
    plan, out = plan_folder(tmp_path / "plan"), tmp_path / "out"
    out.mkdir()
    (out / "remittance.835").write_text("of another system")
    result = _run("adjudicate", _file(tmp_path, 1), "--plan", plan, "--out", out, "--as-of", "2026-04-06")
    assert "holds remittance.835 already" in str(result.exception)
    assert (out / "remittance.835").read_text() == "of another system"
    assert not (plan / "state.sqlite").exists() or "decided before" not in result.output
    good = tmp_path / "good"
    result = _run("adjudicate", _file(tmp_path, 1), "--plan", plan, "--out", good, "--as-of", "2026-04-06")
    assert "decided before" not in result.output


def test_a_test_file_answered_again_leaves_no_answer_of_before(tmp_path: Path) -> None:
    """Its sender marks it as a test: it is not remembered, and may come out otherwise with other tables."""
    plan, out, path = tmp_path / "plan", tmp_path / "out", _file(tmp_path, 1, 9)
    path.write_bytes(path.read_bytes().replace(b"*0*P*:", b"*0*T*:"))
    arguments = ("adjudicate", path, "--plan", plan, "--out", out, "--as-of", "2026-04-06")
    plan_folder(plan)
    _run(*arguments)
    assert {"remittance.835", "pended.csv"} <= {one.name for one in out.iterdir()}
    plan_folder(plan, fees=[row for row in TABLES["fees"] if row["hcpcs_code"] != "99492"], delegations=[])
    _run(*arguments)
    names = {one.name for one in out.iterdir()}
    assert "remittance.835" not in names
    assert names == set(_summary(out)["files"])  # type: ignore[call-overload]


def test_options_that_change_nothing_on_a_file_decided_before_are_named(tmp_path: Path) -> None:
    plan, mistakes = plan_folder(tmp_path / "plan"), tmp_path / "mistakes.csv"
    mistakes.write_text("mistake,rate_percent\nroute_by_diagnosis,100\n")
    arguments = ("adjudicate", _file(tmp_path, 1), "--plan", plan, "--out", tmp_path / "out", "--as-of")
    _run(*arguments, "2026-04-06")
    told = _run(*arguments, "2026-04-09", "--received", "2026-04-02", "--errs", mistakes).output
    assert "--received 2026-04-02 has no effect: it came in on 2026-04-06" in told
    assert "--errs has no effect: it was decided without mistakes" in told
    assert "has no effect" not in _run(*arguments, "2026-04-09", "--received", "2026-04-06").output


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (("--as-of", "2026-03-31"), "--as-of 2026-03-31: lies before 2026-04-02, the day on which march.837"),
        (
            ("--as-of", "2026-04-06", "--received", "2026-03-29"),
            "--received 2026-03-29: lies before 2026-03-31, the day of a service",
        ),
        (
            ("--as-of", "2026-04-06", "--received", "2025-04-06"),
            "--received 2025-04-06: lies before 2026-03-31, the day of a service",
        ),
    ],
)
def test_a_day_that_cannot_be_decides_nothing_and_is_not_remembered(
    tmp_path: Path, days: tuple[str, ...], told: str
) -> None:
    arguments = ("adjudicate", _file(tmp_path, 1), "--plan", plan_folder(tmp_path / "plan"))
    refused = _run(*arguments, "--out", tmp_path / "out", *days)
    assert told in str(refused.exception)
    right = _run(*arguments, "--out", tmp_path / "out", "--as-of", "2026-04-06", "--received", "2026-04-01")
    assert right.exit_code == 0
    assert "decided before" not in right.output
