"""`cocm check` on the command line: words for a biller, JSON for programs, an exit status for scripts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

sys.path.append(str(Path(__file__).parents[1] / "x12"))

from claim_samples import FIRST_LINE, make_claim, written

from cocm.basics.errors import UnusableInput
from cocm.cli.check import command

AS_OF = ("--as-of", "2026-04-02")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(one) for one in (*arguments, *AS_OF)])


@pytest.fixture
def march(tmp_path: Path) -> Path:
    """One month billed twice, and another patient's."""
    path = tmp_path / "march.837"
    claims = [make_claim(1), make_claim(2, member_id="GHP000000001"), make_claim(3, lines=(FIRST_LINE,))]
    path.write_bytes(written(claims))
    return path


def test_a_biller_reads_what_is_wrong_why_and_what_to_do(march: Path) -> None:
    result = run(march)

    assert result.exit_code == 1
    assert "claim C-00000000000001, 2026-03, payer GHP01, line 1, 2: FAIL" in result.output
    assert "[duplicate.already_billed]" in result.output
    for word in ("why ", "rule ", "to do ", "same patient and month in these files: C-00000000000002"):
        assert word in result.output
    assert "NO DATA" in result.output and "no data is never clean" in result.output
    assert "the number of minutes counted in the month" in result.output
    assert "no pack is certain" in result.output and "--payer" in result.output


def test_names_and_birth_dates_stay_out_of_the_answer(march: Path) -> None:
    for output in (run(march).output, run(march, "--json").output):
        assert "DAVIS" not in output and "1988" not in output and "ELM STREET" not in output


def test_json_carries_what_every_result_carries(march: Path) -> None:
    answer = json.loads(run(march, "--json").output)

    assert {"schema_version", "engine_version", "rulebook_hash", "catalogue_hash"} <= answer.keys()
    assert answer["as_of_date"] == "2026-04-02"
    assert [claim["verdict"] for claim in answer["claims"]] == ["fail", "fail", "no_data"]
    finding = answer["claims"][0]["findings"][0]
    assert {"edit_id", "claim_line_number", "explanation", "citations", "fix", "rules"} <= finding.keys()
    assert answer["totals"]["counts"]["no_data"] > 0 and answer["totals"]["claims_checked"] == 3
    assert answer["files"][0]["problems"] == []


def test_no_data_alone_is_not_clean_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "one.837"
    path.write_bytes(written([make_claim(1)]))

    assert run(path).exit_code == 1
    assert run(path, "--failures-only").exit_code == 0


def test_repair_writes_a_mended_copy_and_checks_it(tmp_path: Path, march: Path) -> None:
    faulty, out = tmp_path / "faulty.837", tmp_path / "mended.837"
    faulty.write_bytes(march.read_bytes().replace(b"F321", b"F32.1", 1))

    result = run(faulty, "--repair", out)

    assert out.read_bytes() == march.read_bytes()
    assert "HI01-2: 'F32.1' is now 'F321' (the dot of a diagnosis code)" in result.output
    assert "mended.837: claim" in result.output and faulty.read_bytes() != out.read_bytes()
    answer = json.loads(run(faulty, "--repair", out, "--json").output)
    assert [repair["new"] for repair in answer["repair"]["repairs"]] == ["F321"]


def test_a_repair_never_writes_over_its_source_or_mixes_files(tmp_path: Path, march: Path) -> None:
    for arguments in ((march, "--repair", march), (march, march, "--repair", tmp_path / "out.837")):
        result = run(*arguments)
        assert isinstance(result.exception, UnusableInput)
    assert isinstance(run(march, "--repair", tmp_path / "no" / "out.837").exception, UnusableInput)


def test_a_file_that_cannot_be_checked_ends_in_2(tmp_path: Path, march: Path) -> None:
    bad = tmp_path / "bad.837"
    bad.write_bytes(b"hello")

    assert isinstance(run(bad).exception, UnusableInput)
    result = run(bad, march)
    assert result.exit_code == 2 and "bad.837: NOT CHECKED" in result.output
    assert "C-00000000000003" in result.output
