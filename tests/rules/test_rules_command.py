"""`cocm rules` answers people and programs, and its exit status says whether there is something to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from small_rulebook import ACME, CAP, WriteFiles

from cocm.cli import main
from cocm.cli.rules import command


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(command, [str(arg) for arg in args])


def answer(*args: str | Path) -> dict[str, Any]:
    result = run(*args, "--json")
    carried: dict[str, Any] = json.loads(result.output)
    assert carried["schema_version"] == "1"
    assert len(carried["rulebook_hash"]) == 64
    assert carried["engine_version"]
    return carried


def test_show_names_value_dates_source_and_the_packs_that_were_asked() -> None:
    result = run("show", "limit.addon_units", "--payer", "ca-commercial-carveout", "--on", "2026-03-31")
    assert result.exit_code == 0
    for expected in (
        "limit.addon_units: Add-on units payable in a patient-month [C7]",
        "On 2026-03-31 for ca-commercial-carveout: none (assumed, cpt)",
        "in force    from 2018-01-01",
        "review (an assumed value never blocks)",
        "https://www.ama-assn.org",
        "asked       ca-commercial-carveout: says nothing",
        "asked       cpt: answers",
        "History:",
    ):
        assert expected in result.output


def test_show_as_json_carries_the_whole_citation() -> None:
    shown = answer("show", "codes.short_month", "--payer", "medicare", "--on", "2021-01-01")
    assert (shown["state"], shown["value"], shown["effective_from"]) == ("known", "G2214", "2021-01-01")
    assert shown["source"]["grade"] == "A"
    assert shown["source"]["url"].startswith("https://www.cms.gov/")
    assert [row["value"] for row in shown["history"] if row["payer"] == "medicare"] == [None, "G2214"]
    assert answer("show", "codes.short_month", "--payer", "medicare", "--on", "2020-12-31")["value"] is None


def test_show_as_known_earlier_knows_less() -> None:
    shown = answer(
        "show", "limit.addon_units", "--payer", "medicare", "--on", "2026-03-31", "--known", "2026-11-21"
    )
    assert shown["state"] == "not-defined"
    assert shown["source"] is None


def test_list_shows_every_rule_for_a_payer() -> None:
    listed = answer("list", "--payer", "medicare", "--on", "2026-03-31")
    values = {rule["rule"]: rule["value"] for rule in listed["rules"]}
    assert values["codes.first_month"] == "99492"
    assert values["minutes.roles_counted"] == ["bhcm", "billing_practitioner_as_bhcm"]
    text = run("list", "--payer", "medicare", "--on", "2026-03-31").output
    assert f"{len(values)} rules, pack medicare, on 2026-03-31" in text


def test_packs_are_listed_with_what_they_build_on() -> None:
    packs = {pack["pack"]: pack["builds_on"] for pack in answer("packs")["packs"]}
    assert packs["cpt"] is None and packs["medicare-advantage"] == "medicare"
    assert all(parent in packs for parent in packs.values() if parent)
    assert "medicare-advantage" in run("packs").output


def test_diff_tells_where_two_packs_differ() -> None:
    result = run("diff", "medicare", "ca-commercial-carveout", "--on", "2026-03-31")
    assert result.exit_code == 1
    assert "claim.rendering_role: Who renders on the claim [C1]" in result.output
    found = answer("diff", "medicare", "ca-commercial-carveout", "--on", "2026-03-31")
    by_rule = {row["rule"]: row for row in found["differences"]}
    assert by_rule["claim.rendering_role"]["medicare"]["value"] == "billing_practitioner"
    assert by_rule["claim.rendering_role"]["ca-commercial-carveout"]["value"] == "bhcm"
    assert "time.first_month_min" not in by_rule


def test_a_pack_does_not_differ_from_itself() -> None:
    assert run("diff", "medicare", "medicare", "--on", "2026-03-31").exit_code == 0


def test_audit_lists_what_nobody_has_looked_at() -> None:
    assert run("audit", "--older-than", "90d", "--as-of", "2026-11-22").exit_code == 0
    result = run("audit", "--older-than", "90d", "--as-of", "2027-03-01")
    assert result.exit_code == 1
    assert "limit.addon_units [medicare] = 4, seen 99 days ago" in result.output
    rows = answer("audit", "--older-than", "98", "--as-of", "2027-03-01")["values"]
    limits = [row for row in rows if (row["rule"], row["payer"]) == ("limit.addon_units", "medicare")]
    assert [row["effective_from"] for row in limits] == ["2024-07-01"], "the value that ended is left out"


def test_check_is_clean_for_the_shipped_rules() -> None:
    result = run("check")
    assert (result.exit_code, "nothing to mend" in result.output) == (0, True)


def test_check_reads_an_overlay_and_tells_its_faults(overlay: WriteFiles) -> None:
    ours = overlay(
        {
            "payers/acme/profile.yaml": ACME.replace("parent: cpt", "parent: ctp"),
            "rules/limit.cap.yaml": CAP.replace("value: 4", "value: four"),
        }
    )
    result = run("check", "--rules", ours)
    assert result.exit_code == 1
    assert "its parent 'ctp' has no readable profile" in result.output
    assert "'four' is not a whole number" in result.output
    problems = answer("check", "--rules", ours)
    assert problems["finding_count"] == len(
        [row for row in problems["problems"] if row["severity"] == "block"]
    )


def test_an_overlay_answers_for_its_own_payer(overlay: WriteFiles) -> None:
    contract = (
        "id: codes.short_month\nvalues:\n  - {effective_from: 2026-01-01, observed: 2026-01-05, "
        "value: G2214, confidence: stated, source: {title: Our contract, url: contracts/acme, grade: B}}\n"
    )
    ours = overlay(
        {
            "payers/acme/profile.yaml": ACME.replace("parent: cpt", "parent: ca-commercial-carveout"),
            "payers/acme/rules/codes.short_month.yaml": contract,
        }
    )
    asked = ("show", "codes.short_month", "--payer", "acme", "--rules", ours, "--on")
    assert answer(*asked, "2026-03-31")["value"] == "G2214"
    assert answer(*asked, "2025-12-31")["answered_by"] == "ca-commercial-carveout"


@pytest.mark.parametrize(
    "args",
    [
        ["rules", "show", "limit.addon_unit"],
        ["rules", "show", "limit.addon_units", "--payer", "nobody"],
        ["rules", "diff", "medicare", "nobody"],
    ],
)
def test_unusable_input_ends_with_2_and_says_why(
    args: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["cocm", *args])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("cocm: ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["show", "limit.addon_units", "--on", "31.03.2026"], "write it as YYYY-MM-DD"),
        (["audit", "--older-than", "soon"], "write for example 90d"),
        (["check", "--rules", "no-such-folder"], "does not exist"),
        (["audit"], "Missing option '--older-than'"),
    ],
)
def test_unusable_options_end_with_2(args: list[str], message: str) -> None:
    result = run(*args)
    assert (result.exit_code, message in result.output) == (2, True)


@pytest.mark.parametrize("name", ["list", "packs", "check", "show", "diff", "audit"])
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = run(name, "--help")
    assert result.exit_code == 0
    assert f"cocm rules {name}" in result.output
