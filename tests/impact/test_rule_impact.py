"""Which decisions a rule change turns, and which value turned each."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from importlib import resources
from pathlib import Path

import pytest
from claim_samples import ADD_ON_LINE, FIRST_LINE, make_claim, written
from click.testing import CliRunner, Result
from practice_folder import small_practice

from cocm.basics.errors import UnusableInput
from cocm.cli.rules import command
from cocm.impact.revision import revisions
from cocm.impact.synthetic import synthetic_months
from cocm.impact.turned import Comparison

pytestmark = pytest.mark.once

SHIPPED = Path(str(resources.files("cocm.rulebook")))
AS_OF = ("--as-of", "2026-04-02")
LIMIT = "payers/medicare/rules/limit.addon_units.yaml"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, ["impact", *(str(one) for one in (*arguments, *AS_OF))])


def answer(*arguments: object) -> dict:
    result = run(*arguments, "--json")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.output)


def with_limit(folder: Path, limit: int) -> Path:
    """A copy of the shipped rulebook in which Medicare allows so many add-on units."""
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    path = folder / LIMIT
    path.write_text(path.read_text().replace("value: 4", f"value: {limit}"))
    return folder


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return with_limit(tmp_path_factory.mktemp("rules") / "rulebook", 3)


@pytest.fixture
def march(tmp_path: Path) -> Path:
    """Three Medicare months: with two, four and five add-on units."""
    path = tmp_path / "march.837"
    claims = [
        make_claim(
            number,
            claim_filing_code="MB",
            payer=replace(make_claim().payer, name="MEDICARE"),
            lines=(
                FIRST_LINE,
                replace(ADD_ON_LINE, service_unit_quantity=units, charge_amount_cents=6200 * units),
            ),
        )
        for number, units in enumerate((2, 4, 5), start=1)
    ]
    path.write_bytes(written(claims))
    return path


def test_a_claim_is_turned_by_the_value_that_changed(march: Path, stricter: Path) -> None:
    found = answer("--from", "current", "--to", stricter, "--claims", march)

    (turned,) = (one for one in found["turned"] if one["decision"].startswith("addon.over_limit"))
    assert turned["subject_id"] == f"C-{2:014d}" and turned["pack_id"] == "medicare"
    assert (turned["before"], turned["after"]) == ("in order", "fail (block)")
    (cause,) = turned["causes"]
    assert (cause["rule_id"], cause["old_value"], cause["new_value"]) == ("limit.addon_units", "4", "3")
    assert cause["new_file"] == LIMIT and cause["new_source"]
    assert found["totals"]["decided"] == 3
    assert found["totals"]["amount_before_cents"] == 16032 + 4 * 6200
    assert found["from"]["rulebook_hash"] != found["to"]["rulebook_hash"]


def test_words_tell_claim_edit_value_and_money(march: Path, stricter: Path) -> None:
    result = run("--from", "current", "--to", stricter, "--claims", march)

    assert result.exit_code == 1
    assert f"turned by limit.addon_units ({LIMIT}): 4 -> 3 [" in result.output
    assert "after   fail (block)" in result.output and "$408.32 hang on them" in result.output


def test_the_same_rules_turn_nothing(march: Path) -> None:
    result = run("--from", "current", "--to", SHIPPED, "--claims", march)

    assert result.exit_code == 0 and "0 of 3 decided turn, with 0 decisions" in result.output


def test_a_value_that_only_weighs_more_or_less_is_a_change(march: Path, tmp_path: Path) -> None:
    path = tmp_path / "overlay" / LIMIT
    path.parent.mkdir(parents=True)
    path.write_text((SHIPPED / LIMIT).read_text().replace("confidence: stated", "confidence: assumed"))

    found = answer("--from", "current", "--to", tmp_path / "overlay", "--claims", march)

    (turned,) = (one for one in found["turned"] if one["decision"].startswith("addon.over_limit"))
    assert (turned["before"], turned["after"]) == ("fail (block)", "fail (review)")
    assert "assumed" in turned["causes"][0]["new_value"]


def test_a_practices_months_are_decided_by_both(tmp_path: Path, stricter: Path) -> None:
    practice = small_practice(tmp_path / "practice")
    practice.add_patient("P1", minutes=190)
    practice.add_patient("P2", minutes=75)

    path = practice.write()

    found = answer("--from", "current", "--to", stricter, "--claims", path, "--month", "2026-03")

    turned = {(one["subject_id"].split()[0], one["decision"]): one for one in found["turned"]}
    assert {patient for patient, _ in turned} == {"P1"}
    codes = turned["P1", "codes"]
    assert codes["before"].endswith("x4") and codes["after"].endswith("x3")
    assert codes["amount_after_cents"] < codes["amount_before_cents"]
    assert [cause["rule_id"] for cause in codes["causes"]] == ["limit.addon_units"]


def test_a_practice_needs_its_month(tmp_path: Path) -> None:
    path = small_practice(tmp_path / "practice").write()

    result = run("--from", "current", "--to", SHIPPED, "--claims", path)

    assert isinstance(result.exception, UnusableInput) and "--month" in str(result.exception)


def test_claim_tables_are_compared_on_the_engine(tmp_path: Path, stricter: Path) -> None:
    _write_tables(tmp_path / "tables", units=(2, 4, 5))

    found = answer("--from", "current", "--to", stricter, "--claims", tmp_path / "tables")

    (turned,) = (one for one in found["turned"] if one["decision"].startswith("addon.over_limit"))
    assert (turned["subject_id"], turned["after"]) == ("C-4", "fail (block)")
    assert turned["causes"][0]["rule_id"] == "limit.addon_units"


def _write_tables(folder: Path, units: tuple[int, ...]) -> None:
    import sys

    sys.path.append(str(Path(__file__).parents[1] / "edits"))
    from edit_samples import line, subject

    from cocm.warehouse.rows import subjects_to_rows
    from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE, HISTORY_LINE

    rows = subjects_to_rows(
        [
            subject(line(), line("99494", count, 2), claim_id=f"C-{count}", patient_id=f"P-{count}")
            for count in units
        ]
    )
    folder.mkdir()
    for table in (CLAIM_LINE, CLAIM_DIAGNOSIS, HISTORY_LINE):
        header = ",".join(column.name for column in table.columns)
        body = "\n".join(",".join(map(str, row)) for row in rows[table.name])
        (folder / f"{table.name}.csv").write_text(f"{header}\n{body}\n")


class TestRevisions:
    """Where a rulebook comes from."""

    @pytest.fixture
    def repository(self, tmp_path: Path) -> Path:
        """Two states: four units allowed (tag v1), then three."""
        folder = tmp_path / "repository"
        rulebook = with_limit(folder / "src" / "cocm" / "rulebook", 4)
        self._git(folder, "init", "--quiet")
        self._commit(folder, "four")
        self._git(folder, "tag", "v1")
        path = rulebook / LIMIT
        path.write_text(path.read_text().replace("value: 4", "value: 3"))
        self._commit(folder, "three")
        return folder

    def _commit(self, folder: Path, message: str) -> None:
        self._git(folder, "add", "--all")
        self._git(
            folder, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", message
        )

    def _git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)

    def test_two_states_of_a_repository(self, repository: Path, march: Path) -> None:
        found = answer("--from", "v1", "--to", "HEAD", "--repo", repository, "--claims", march)

        (turned,) = (one for one in found["turned"] if one["decision"].startswith("addon.over_limit"))
        assert turned["causes"][0]["old_value"] == "4"
        backwards = answer("--from", "HEAD", "--to", "v1", "--repo", repository, "--claims", march)
        assert {one["after"] for one in backwards["turned"]} == {"in order"}

    def test_a_repository_of_a_practices_own_rules(self, tmp_path: Path, march: Path) -> None:
        folder = tmp_path / "contracts"
        path = folder / LIMIT
        path.parent.mkdir(parents=True)
        path.write_text((SHIPPED / LIMIT).read_text())
        self._git(tmp_path, "init", "--quiet", str(folder))
        self._commit(folder, "as shipped")
        path.write_text(path.read_text().replace("value: 4", "value: 3"))
        self._commit(folder, "three")

        found = answer("--from", "HEAD~1", "--to", "HEAD", "--repo", folder, "--claims", march)

        assert [one["decision"] for one in found["turned"] if "over_limit" in one["decision"]]

    def test_an_older_rulebook_borrows_what_it_lacks_and_says_so(self, tmp_path: Path, march: Path) -> None:
        older = with_limit(tmp_path / "older", 4)
        (older / "rules" / "consent.form.yaml").unlink()
        for path in older.glob("payers/*/rules/consent.form.yaml"):
            path.unlink()

        found = answer("--from", older, "--to", "current", "--claims", march)

        assert found["from"]["taken_from_the_installed_rulebook"] == ["rules/consent.form.yaml"]
        assert found["turned"] == []

    @pytest.mark.parametrize("name", ["no-such-revision", "--version", "HEAD:x", ""])
    def test_what_is_no_revision_is_named(self, repository: Path, name: str) -> None:
        result = run(f"--from={name}", "--to", "current", "--repo", repository)

        assert isinstance(result.exception, UnusableInput)
        assert "git revision" in str(result.exception)

    def test_without_git_a_folder_still_works(
        self, march: Path, stricter: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", "")

        assert run("--from", "current", "--to", stricter, "--claims", march).exit_code == 1
        result = run("--from", "v1", "--to", "current", "--repo", repository)
        assert isinstance(result.exception, UnusableInput) and "git is not installed" in str(result.exception)

    def test_a_folder_without_rules_is_refused(self, tmp_path: Path) -> None:
        result = run("--from", tmp_path, "--to", "current")

        assert isinstance(result.exception, UnusableInput) and "holds no rulebook" in str(result.exception)


def test_synthetic_months_turn_by_the_value_that_changed_and_by_no_other(stricter: Path) -> None:
    with revisions(("current", str(stricter)), repository=Path()) as (before, after):
        comparison = Comparison(before, after)
        turned = [
            one
            for month in synthetic_months(before.rulebook, per_pack=35)
            for one in comparison.turned(month)
        ]

    assert comparison.totals.subjects >= 35 * 20 and len(turned) > 5
    assert {cause.rule_id for one in turned for cause in one.causes} == {"limit.addon_units"}
    assert all("medicare" in after.rulebook.chain(one.pack_id) for one in turned)
