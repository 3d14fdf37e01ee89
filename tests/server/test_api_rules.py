"""The rules as a service say what the commands say, and keep nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from api_rows import CLAIM, ApiClient, token_of
from click.testing import CliRunner
from databases import ONE_ENGINE
from django.apps import apps

from cocm.cli import cli
from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE


@pytest.fixture
def api(world) -> ApiClient:
    """An administrator's, who sees no patient."""
    return ApiClient(token_of(world, MemberRole.ADMINISTRATOR))


def printed(*arguments: str) -> dict[str, Any]:
    """What a command prints as JSON."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code in (0, 1), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def given(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    for name in ("schema_version", "engine_version", "rulebook_hash", "catalogue_hash", "as_of_date"):
        assert found[name]
    return found


@pytest.mark.parametrize(
    ("payer", "minutes", "kind"), [("medicare", 92, "first"), ("ca-commercial-carveout", 131, "later")]
)
def test_codes_are_those_of_the_command(api, payer: str, minutes: int, kind: str) -> None:
    item = {"payer": payer, "month": "2026-03", "month_kind": kind, "minutes": minutes}
    [answer] = given(api.post("codes", {"items": [item]}))["items"]
    told = printed(
        "codes", "--payer", payer, "--month", "2026-03", "--minutes", str(minutes),
        "--first" if kind == "first" else "--later", "--json",
    )  # fmt: skip
    for name in ("lines", "rejected", "reasons", "reviews", "next_tier", "has_no_data"):
        assert answer[name] == told[name]


def test_rules_and_edits_are_those_of_the_commands(api) -> None:
    question = {
        "items": [
            {"rule": "limit.addon_units", "payer": "medicare", "on": "2026-03-31"},
            {"edit": "consent.missing", "payer": "medicare", "on": "2026-03-31"},
        ]
    }
    rule, edit = given(api.post("explain", question))["items"]
    told = printed(
        "rules", "show", "limit.addon_units", "--payer", "medicare", "--on", "2026-03-31", "--json"
    )
    assert {name: rule[name] for name in told if name in rule} == {n: v for n, v in told.items() if n in rule}
    assert rule["value"] == 4 and rule["source"]["url"].startswith("https://") and rule["history"]
    told = printed("edits", "show", "consent.missing", "--payer", "medicare", "--on", "2026-03-31", "--json")
    assert {name: edit[name] for name in ("title", "rules", "fix", "cases")} == {
        name: told[name] for name in ("title", "rules", "fix", "cases")
    }


def test_a_claim_file_is_checked_as_the_command_checks_it(api, tmp_path: Path) -> None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "x12"))
    from claim_samples import ENVELOPE, make_claim, written

    path = tmp_path / "march.837"
    path.write_bytes(written([make_claim(1), make_claim(2)], ENVELOPE))
    told = printed("check", str(path), "--payer", "medicare", "--as-of", "2026-04-02", "--json")
    question = {"x12": path.read_text(), "payer": "medicare", "as_of_date": "2026-04-02"}
    answer = given(api.post("check", question))
    for claim, line in zip(answer["claims"], told["claims"], strict=True):
        assert claim["verdict"] == line["verdict"] and claim["counts"] == line["counts"]
        assert [one["edit_id"] for one in claim["findings"]] == [one["edit_id"] for one in line["findings"]]
    assert answer["totals"]["claims_checked"] == told["totals"]["claims_checked"] > 0


def test_a_claim_as_an_object_gets_every_edits_answer(api) -> None:
    [claim] = given(api.post("check", {"claims": [CLAIM], "as_of_date": "2026-04-02", "every_edit": True}))[
        "claims"
    ]
    assert claim["verdict"] == "no_data" and claim["claim_line_numbers"] == [1, 2]
    by_verdict = dict.fromkeys(claim["counts"], 0)
    for edit in claim["edits"]:
        by_verdict[edit["verdict"]] += 1
    assert by_verdict == claim["counts"]
    unknown = {finding["edit_id"]: finding for finding in claim["findings"]}["consent.missing"]
    assert unknown["verdict"] == "no_data" and None in unknown["facts"].values() and unknown["citations"]


def test_what_the_practice_knows_decides(api) -> None:
    known = CLAIM | {
        "evidence": {
            "month_kind": "later",
            "minutes_counted": 40,
            "episode_start_date": "2026-01-05",
            "first_service_date": "2026-01-05",
            "consent": {"given": "no"},
        },
        "history": [
            {
                "claim_id": "C-0",
                "service_date": "2026-02-28",
                "hcpcs_code": "99492",
                "billing_npi": "1234567893",
                "status": "paid",
            }
        ],
    }
    [claim] = given(api.post("check", {"claims": [known], "as_of_date": "2026-04-02"}))["claims"]
    failed = {one["edit_id"] for one in claim["findings"] if one["verdict"] == "fail"}
    assert claim["verdict"] == "fail" and "consent.missing" in failed


def test_other_services_are_left_alone(api) -> None:
    other = CLAIM | {"lines": [CLAIM["lines"][0] | {"hcpcs_code": "99213"}]}
    [claim] = given(api.post("check", {"claims": [other]}))["claims"]
    assert claim["verdict"] == "not_applicable" and claim["lines_left_alone"] == 1 and not claim["findings"]


PLAN = {
    "entity_id": "plan",
    "entities": [
        {"entity_id": "plan", "name": "Sierra Crest", "kind": "medical", "payer_identifier": "SC001"},
        {"entity_id": "bha", "name": "Quiet Water", "kind": "behavioral_administrator"},
    ],
    "delegations": [
        {"side": "behavioral", "entity_id": "bha", "effective_from": "2024-01-01", "source": "contract 7"}
    ],
}


def test_a_line_goes_to_whom_the_rule_and_the_plan_say(api) -> None:
    item = {"payer": "medicare", "hcpcs_code": "99493", "service_date": "2026-03-31"}
    [bare] = given(api.post("route", {"items": [item]}))["items"]
    assert bare["side"] == "medical" and bare["entity"]["kind"] == "medical" and bare["rule"]["source"]
    therapy = item | {"payer": "ca-commercial-carveout", "hcpcs_code": "90834", "biller": "behavioral"}
    ours, theirs = given(api.post("route", {"items": [item, therapy], "plan": PLAN}))["items"]
    assert ours["entity"]["payer_identifier"] == "SC001"
    assert theirs["entity"]["entity_id"] == "bha" and "contract 7" in theirs["cites"][-1]


MONTH = {"payer": "cpt", "month": "2026-03", "month_kind": "first", "minutes": 9}
LINE = {"payer": "cpt", "hcpcs_code": "99493", "service_date": "2026-02-28"}


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("codes", {"items": [MONTH | {"payer": "nobody"}]}, "items.0.payer"),
        ("codes", {"items": [MONTH | {"month": "2026-13"}]}, "items.0.month"),
        ("codes", {"items": [MONTH | {"minutes": "9"}]}, "items.0.minutes"),
        ("codes", {"items": [MONTH | {"unheard_of": 1}]}, "items.0.unheard_of"),
        ("codes", {"items": []}, "items"),
        ("explain", {"items": [{"rule": "no.such.rule"}]}, "items.0.rule"),
        ("explain", {"items": [{"edit": "no.such.edit"}]}, "items.0.edit"),
        ("explain", {"items": [{}]}, "items.0"),
        ("check", {"claims": [CLAIM], "x12": "ISA"}, ""),
        ("check", {"claims": [CLAIM | {"patient_birth_date": "2026-05-01"}]}, "claims.0.patient_birth_date"),
        ("check", {"claims": [CLAIM | {"payer": "nobody"}]}, "claims.0.payer"),
        ("route", {"items": [LINE | {"service_date": "2026-02-30"}]}, "items.0.service_date"),
        ("route", {"items": [LINE], "plan": PLAN | {"entity_id": "none"}}, "plan"),
    ],
)
def test_a_wrong_question_names_its_field_and_what_is_expected(api, path: str, body: Any, field: str) -> None:
    answer = api.post(path, body)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json()["errors"]], answer.json()
    assert all(error["expected"] for error in answer.json()["errors"])


def test_what_is_no_claim_file_is_told(api) -> None:
    answer = api.post("check", {"x12": "no claims at all"})
    assert answer.status_code == 422 and "x12" in answer.json()["detail"]


def test_nothing_of_a_question_is_stored_or_logged(api, world, caplog) -> None:
    caplog.set_level("DEBUG")
    tables = [model for model in apps.get_models() if model._meta.label != "api.TokenUse"]

    def counts() -> dict[str, int]:
        with world.inside(world.practice):
            return {model._meta.label: model.objects.count() for model in tables}

    before = counts()
    claim = CLAIM | {"claim_id": "QUILLFEATHER", "patient_birth_date": "1961-02-03"}
    given(api.post("check", {"claims": [claim]}))
    api.post("check", {"claims": [claim | {"payer": "nobody"}]})
    assert counts() == before
    ours = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not any("QUILLFEATHER" in text or "1961-02-03" in text for text in ours)
