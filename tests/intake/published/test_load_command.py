"""`cocm rules load` shows what changes, writes an overlay that others can use, and never half of one."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from published_samples import MUE, PFS_HEADING, pfs_row

from cocm.cli import main
from cocm.cli.rules import command
from cocm.cli.rules_load import KIND_NAMES
from cocm.intake.published.kinds import KINDS
from cocm.rules.reference import reference_tables
from cocm.rules.rulebook import shipped_rulebook


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(command, ["load", *map(str, args)])


@pytest.fixture
def october(tmp_path: Path) -> Path:
    path = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    path.write_text(
        PFS_HEADING + pfs_row("99492", "2.00", "2.78", "0.44", "0.14") + pfs_row("G0570"), encoding="cp1252"
    )
    return path


def test_every_kind_feeds_a_table_and_has_a_name_on_the_command_line() -> None:
    tables = reference_tables(shipped_rulebook()).values()
    assert set(KIND_NAMES) == set(KINDS) == {table.loaded_by for table in tables if table.loaded_by}
    for kind in KINDS.values():
        name = kind.example.rpartition(" or ")[2].partition(" ")[0]
        assert any(form.search(name) for form in kind.names) or name.endswith(".zip"), kind.name


def test_a_dry_run_shows_the_change_and_writes_nothing(tmp_path: Path, october: Path) -> None:
    result = run("pfs", october, "--into", tmp_path / "ours", "--dry-run")
    assert result.exit_code == 0, result.output
    for expected in (
        "PPRRVU2026_Oct_nonQPP.csv: Relative values of the Medicare physician fee schedule from 2026-10-01, "
        "compared with 2026-07-01",
        "  0 added, 99 removed, 2 changed, 0 as before",
        "more (--json lists all)",
        "dry run: nothing was written",
    ):
        assert expected in result.output
    assert not (tmp_path / "ours").exists()


def test_values_are_shown_old_and_new(tmp_path: Path) -> None:
    path = tmp_path / "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv"
    path.write_text(MUE + "98016,1,2 Date of Service Edit: Policy,x\n", encoding="utf-8")
    result = run("mue", path, "--into", tmp_path / "ours")
    assert "changed  practitioner 99494: units_max 4 -> 3" in result.output
    assert "added    practitioner 98016: units_max 1, adjudication_indicator 2" in result.output
    assert "removed  practitioner 90791" in result.output
    assert f"use it with --rules {tmp_path / 'ours'}" in result.output


def test_json_lists_every_change_and_the_rulebook_it_makes(tmp_path: Path, october: Path) -> None:
    overlay = tmp_path / "ours"
    answer = json.loads(run("pfs", october, "--into", overlay, "--json").output)
    assert (answer["kind"], answer["schema_version"], len(answer["rulebook_hash"])) == ("pfs", "1", 64)
    assert answer["rulebook_hash"] != shipped_rulebook().content_hash
    values, factors = answer["tables"]
    assert (values["table"], values["edition"], values["compared_with"]) == (
        "relative_values",
        "2026-10-01",
        "2026-07-01",
    )
    assert len(values["removed"]) == 99
    (changed,) = [one for one in values["changed"] if one["key"] == {"hcpcs_code": "99492"}]
    assert (changed["before"][0]["work_rvu"], changed["after"][0]["work_rvu"]) == ("1.88", "2.00")
    assert factors["unchanged_count"] == 1
    assert answer["written"] == [
        str(overlay / "fees/relative_values.csv"),
        str(overlay / "fees/conversion_factors.csv"),
    ]


def test_what_a_person_wrote_in_the_overlay_stays_and_a_second_load_changes_nothing(
    tmp_path: Path, october: Path
) -> None:
    overlay = tmp_path / "ours"
    overlay.mkdir()
    mine = '# our own\nour-contract:\n  {title: "Contract", url: "contracts/acme", grade: B}'
    (overlay / "sources.yaml").write_text(mine, encoding="utf-8")
    assert run("pfs", october, "--into", overlay).exit_code == 0
    first = {path: path.read_bytes() for path in overlay.rglob("*") if path.is_file()}
    again = json.loads(run("pfs", october, "--into", overlay, "--json").output)
    assert [(one["added"], one["removed"], one["changed"]) for one in again["tables"]] == [([], [], [])] * 2
    assert {path: path.read_bytes() for path in overlay.rglob("*") if path.is_file()} == first
    sources = (overlay / "sources.yaml").read_text(encoding="utf-8")
    assert sources.startswith(mine + "\nloaded-pfs-2026-10-01-pprrvu2026-oct-nonqpp: {")
    assert "SHA-256" in sources
    assert sources.count("loaded-pfs") == 1
    checked = CliRunner().invoke(command, ["check", "--rules", str(overlay)])
    assert checked.exit_code == 0, checked.output


def test_files_are_for_their_owner_alone(tmp_path: Path, october: Path) -> None:
    overlay = tmp_path / "ours"
    run("pfs", october, "--into", overlay)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in overlay.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert not list(overlay.rglob("*.part"))


def test_a_refused_file_ends_with_2_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "PPRRVU2026_Oct_nonQPP.csv"
    path.write_text(PFS_HEADING + pfs_row("99492", work="much"), encoding="cp1252")
    monkeypatch.setattr(
        "sys.argv", ["cocm", "rules", "load", "pfs", str(path), "--into", str(tmp_path / "ours")]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "row 10, column work_rvu: 'much' is not a number" in capsys.readouterr().err
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["weather", "x.csv", "--into", "ours"], "is not one of"),
        (["pfs", "x.csv"], "Missing option '--into'"),
        (["gpci", "x.csv", "--into", "ours", "--all-codes"], "--all-codes does not go with gpci"),
        (["pfs", "x.csv", "--into", "ours", "--edition", "soon"], "write it as YYYY-MM-DD"),
    ],
)
def test_unusable_options_end_with_2(args: list[str], message: str) -> None:
    result = run(*args)
    assert (result.exit_code, message in result.output) == (2, True), result.output


def test_help_shows_an_example() -> None:
    result = run("--help")
    assert "cocm rules load pfs rvu26d.zip --into our-tables/ --dry-run" in result.output
