"""`cocm edits`: the catalogue on the command line."""

import json

from click.testing import CliRunner

from cocm.cli import cli
from cocm.cli.edits import command
from cocm.edits.discovery import catalogue


def run(*arguments):
    return CliRunner().invoke(command, arguments)


def test_list_names_every_edit_with_its_severity_for_the_payer():
    result = run("list", "--payer", "medicare", "--on", "2026-03-31")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == len(catalogue()) + 1
    assert "addon.over_limit" in result.output and lines[-1].endswith("pack medicare, on 2026-03-31")


def test_severity_follows_the_payers_rules():
    answers = {
        payer: {
            edit["id"]: edit["severity"]
            for edit in json.loads(run("list", "--payer", payer, "--json").output)["edits"]
        }
        for payer in ("medicare", "ca-commercial-carveout")
    }
    assert answers["medicare"]["place.not_credentialed"] == "review"
    assert answers["ca-commercial-carveout"]["place.not_credentialed"] == "block"


def test_show_prints_the_condition_the_rule_the_fix_and_the_cases():
    output = run("show", "addon.over_limit", "--payer", "medicare", "--on", "2026-03-31").output
    assert "trips when  the number of add-on units in the month is more than the payer's limit" in output
    assert "limit.addon_units = 4 [medicare" in output
    assert "five units where four are the limit: fail" in output


def test_show_as_json_carries_what_every_result_carries():
    shown = json.loads(run("show", "consent.missing", "--on", "2026-03-31", "--json").output)
    assert {
        "schema_version",
        "engine_version",
        "rulebook_hash",
        "catalogue_hash",
        "payer",
        "on",
    } <= shown.keys()
    assert shown["facts"] == ["consent_is_required", "has_consent"]


def test_an_unknown_edit_says_where_to_look():
    result = run("show", "no.such")
    assert result.exit_code != 0 and "cocm edits list" in str(result.exception)


def test_facts_are_listed_with_their_sql():
    facts = json.loads(run("facts", "--json").output)["facts"]
    assert {"name": "units", "sql": "l.service_unit_quantity"}.items() <= next(
        fact for fact in facts if fact["name"] == "units"
    ).items()
    assert "addon_units_month" in run("facts").output


def test_the_command_is_part_of_cocm():
    assert CliRunner().invoke(cli, ["edits", "--help"]).exit_code == 0
