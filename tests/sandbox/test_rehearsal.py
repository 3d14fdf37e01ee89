"""A rehearsed month adds up, shows what the check and the rules are worth, and is no evidence about any payer."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cocm.basics.months import Month
from cocm.cli import cli
from cocm.plan.mistakes import Mistake
from cocm.rules import Rulebook
from cocm.sandbox.rehearsal import DEFAULT_RATES, Lane, Rehearsal, RehearsalRequest, rehearse
from cocm.sandbox.rehearsal_report import report_text

pytestmark = pytest.mark.once
RULEBOOK = Rulebook()
MARCH = Month(2026, 3)


@pytest.fixture(scope="module")
def rehearsal() -> Rehearsal:
    """A small practice whose claims all have faults, before a plan that errs on every third."""
    rates = dict.fromkeys(Mistake, 33)
    return rehearse(
        RehearsalRequest(1, 24, MARCH, 4, rates, coding_percent=40, formatting_percent=20), RULEBOOK
    )


def _lane(rehearsal: Rehearsal, name: str, *, errs: bool) -> Lane:
    return next(lane for lane in rehearsal.lanes if lane.errs is errs and lane.name.startswith(name))


def test_every_claim_and_every_cent_is_somewhere(rehearsal: Rehearsal) -> None:
    assert rehearsal.claims > 10 and rehearsal.faults and rehearsal.repairs
    for lane in rehearsal.lanes:
        assert lane.held + lane.sent == rehearsal.claims
        assert lane.held_cents + lane.sent_cents == rehearsal.charge_cents
        assert lane.rejected + lane.denied + lane.pended + lane.paid == lane.sent
        assert lane.misrouted <= lane.denied and lane.paid_amount_cents <= lane.sent_cents
        assert 0 <= lane.denied_permille <= 1_000


def test_check_mends_form_and_holds_what_would_be_denied(rehearsal: Rehearsal) -> None:
    raw, checked = (_lane(rehearsal, f"sent {name}", errs=False) for name in ("raw", "after the check"))
    assert raw.rejected > 0 and checked.rejected == 0
    assert checked.held > 0 and sum(rehearsal.held_for.values()) >= checked.held
    assert checked.denied < raw.denied


def test_rules_make_no_mistake_and_a_plan_that_errs_does(rehearsal: Rehearsal) -> None:
    for name in ("sent raw", "sent after the check"):
        right, wrong = (_lane(rehearsal, name, errs=errs) for errs in (False, True))
        assert not right.mistakes and right.misrouted == right.wrong_shares == 0
        assert wrong.mistakes and wrong.denied > right.denied and wrong.paid < right.paid
        assert not any(cause.startswith("mistake") for cause in right.denied_for)


def test_a_plan_told_to_make_no_mistake_is_the_plan_with_the_rules_on() -> None:
    request = RehearsalRequest(1, 6, MARCH, 2, dict.fromkeys(DEFAULT_RATES, 0))
    erring, by_rules = (
        [lane for lane in rehearse(request, RULEBOOK).lanes if lane.errs is errs] for errs in (True, False)
    )
    for one, other in zip(erring, by_rules, strict=True):
        assert (one.paid, one.denied, one.pended, one.paid_amount_cents, one.member_share_cents) == (
            other.paid, other.denied, other.pended, other.paid_amount_cents, other.member_share_cents,
        )  # fmt: skip


def test_reasons_stand_in_words(rehearsal: Rehearsal) -> None:
    lane = _lane(rehearsal, "sent raw", errs=False)
    lane = replace(lane, denied_for=Counter({"add-on": 2}))
    text = "\n".join(report_text(replace(rehearsal, lanes=(lane,)), RULEBOOK))
    assert "     2  the base code that the add-on belongs to is not payable" in text
    assert "several reasons stands under each" in text


def test_report_is_the_same_again_in_text_json_and_on_a_page(tmp_path: Path) -> None:
    arguments = ["sandbox", "report", "--practices", "1", "--patients", "5", "--seed", "3"]
    shown = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path)])
    assert shown.exit_code == 0
    assert "1 synthetic practice of 5 patients" in shown.output
    page = (tmp_path / "rehearsal.html").read_text()
    document = json.loads((tmp_path / "rehearsal.json").read_text())
    again = CliRunner().invoke(cli, [*arguments, "--json"])
    assert json.loads(again.stdout) == document
    for text in (shown.output, page):
        assert "Synthetic" in text and "It says nothing about how often any payer errs" in text
        plain = re.sub(r"<[^>]+>", " ", text)
        for percent in (5, 8, 20, 32):
            assert re.search(rf"\b{percent} %", plain)
        assert "10,294 services" in plain and "81,433 services" in plain
        assert "Inspector General" in plain
    assert {(one["percent"], one["of"]) for one in document["published"]} == {
        (20, "claims"), (8, "claims"), (5, "services"), (32, "services"),
    }  # fmt: skip
    assert document["rulebook_hash"] and document["mistake_rates_percent"]["route_by_diagnosis"] == 15
    assert len(document["lanes"]) == 4 and "<script" not in page
