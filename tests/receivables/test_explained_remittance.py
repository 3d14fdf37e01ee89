"""Twelve denial stories: each remittance names the right cause and action, on any 835 with nothing else of ours."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from remittance_maker import Decided, Line, remittance, reversed_of

from cocm.cli.explain import command
from cocm.receivables.explain import Explained, ExplainedLine, explain_files
from cocm.rules import Rulebook
from cocm.rules.denial_causes import DenialAction

RULEBOOK = Rulebook()
BASE = 18000


def explained(
    tmp_path: Path, *lines: Line, payer_id: str | None = None, status: str = "4"
) -> list[ExplainedLine]:
    path = tmp_path / "era.835"
    path.write_bytes(remittance(Decided("C-1", lines, status=status)))
    (claim,) = explain_files([path], RULEBOOK, Explained(), payer_id=payer_id)
    return list(claim.lines)


STORIES = [
    (
        "routed to the administrator",
        "99492",
        ("CO", "109"),
        ("N418",),
        "misrouted_to_administrator",
        "escalate",
    ),
    (
        "sent to the behavioral plan",
        "99493",
        ("CO", "301"),
        ("N130",),
        "plan_points_to_behavioral_side",
        "escalate",
    ),
    ("called a duplicate of therapy", "99493", ("OA", "18"), ("N522",), "called_duplicate", "appeal"),
    ("an add-on whose base is missing", "99494", ("CO", "107"), ("N122",), "addon_without_base", "correct"),
    ("the first-month code twice", "99492", ("CO", "119"), ("N435",), "first_month_code_repeated", "correct"),
    ("too many add-on units", "99494", ("CO", "222"), ("N362",), "units_above_limit", "correct"),
    ("the provider's type", "99493", ("CO", "170"), ("N95",), "provider_type_refused", "correct"),
    ("the place of service", "99493", ("CO", "58"), ("M77",), "place_of_service", "correct"),
    ("notes wanted", "99493", ("CO", "252"), ("N706",), "records_wanted", "send_records"),
    ("the diagnosis", "99493", ("CO", "11"), ("M76",), "diagnosis_refused", "correct"),
    ("authorization", "99493", ("CO", "197"), ("M62",), "authorization_missing", "authorize"),
    ("filed late", "99493", ("CO", "29"), ("N211",), "filed_late", "appeal"),
    ("no longer a member", "99493", ("CO", "27"), ("N30",), "coverage_not_in_force", "verify_eligibility"),
    ("consent not shown", "99493", ("CO", "252"), ("N3",), "consent_not_shown", "send_records"),
]


@pytest.mark.parametrize(
    ("code", "adjustment", "remarks", "cause", "action"),
    [story[1:] for story in STORIES],
    ids=[story[0] for story in STORIES],
)
def test_a_denial_names_its_cause_and_action(
    tmp_path: Path, code: str, adjustment: tuple[str, str], remarks: tuple[str, ...], cause: str, action: str
) -> None:
    (line,) = explained(tmp_path, Line(code, BASE, ((*adjustment, BASE),), remarks))
    likeliest = line.causes[0].cause
    assert (likeliest.cause_id, likeliest.fix.action) == (cause, DenialAction(action))
    assert line.line.at_stake_cents == BASE
    assert likeliest.fix.steps and likeliest.source.title


def test_a_reason_109_asks_about_eligibility_before_it_escalates(tmp_path: Path) -> None:
    (line,) = explained(tmp_path, Line("99493", BASE, (("CO", "109", BASE),)))
    assert line.rule_out_first == ("coverage_not_in_force", "other_payer_first")
    advice = line.causes[0].cause.unlike_general_advice
    assert advice is not None and advice[0].startswith("Bill the behavioral administrator")


def test_a_share_on_a_denied_line_counts_among_what_is_at_stake(tmp_path: Path) -> None:
    (line,) = explained(tmp_path, Line("99493", BASE, (("CO", "109", 15000), ("PR", "3", 3000))))
    assert line.line.at_stake_cents == BASE
    assert "cost_share_wrong" in {ranked.cause.cause_id for ranked in line.causes}


def test_a_paid_line_with_a_deductible_is_no_denial(tmp_path: Path) -> None:
    assert not explained(tmp_path, Line("99493", BASE, (("CO", "45", 3000), ("PR", "1", 15000))), status="1")


def test_codes_outside_the_playbook_have_no_cause_and_stay_on_the_list(tmp_path: Path) -> None:
    (line,) = explained(tmp_path, Line("99493", BASE, (("CO", "ZZ9", BASE),)))
    assert line.causes == () and line.line.at_stake_cents == BASE
    assert line.said == (("CO-ZZ9", "not a code of the list"),)


@pytest.mark.parametrize(
    ("payer_id", "reason", "deadline"),
    [
        ("medicare", "109", date(2026, 4, 20).toordinal() + 120),
        ("medicare", "107", date(2026, 3, 31).toordinal() + 365),
        ("ca-commercial-carveout", "109", None),
        (None, "109", None),
    ],
)
def test_the_deadline_is_the_payers_or_unknown(
    tmp_path: Path, payer_id: str | None, reason: str, deadline: int | None
) -> None:
    (line,) = explained(tmp_path, Line("99494", BASE, (("CO", reason, BASE),)), payer_id=payer_id)
    assert (line.deadline.day.toordinal() if line.deadline.day else None) == deadline
    assert line.deadline.why


def test_the_command_reads_any_remittance(tmp_path: Path) -> None:
    denied = Decided("C-1", (Line("99492", BASE, (("CO", "109", BASE),), ("N418",)),), status="4")
    paid = Decided("C-2", (Line("99493", BASE, (("CO", "45", 3000),)),), payer_number="ICN2")
    other = Decided("VISIT", (Line("99213", 9000),), payer_number="ICN3")
    path = tmp_path / "era.835"
    path.write_bytes(remittance(denied, paid, reversed_of(paid), other))
    shown = CliRunner().invoke(command, [str(path)])
    assert shown.exit_code == 1
    assert "Do not: Bill the behavioral administrator instead" in " ".join(shown.output.split())
    assert (
        "3 claims of Collaborative Care: 1 not paid in full, $180.00 at stake; 1 claim of other"
        in shown.output
    )
    one = CliRunner().invoke(command, [str(path), "--claim", "C-2", "--json"])
    document = json.loads(one.output)
    assert one.exit_code == 0 and [claim["lines"] for claim in document["claims"]] == [[], []]
