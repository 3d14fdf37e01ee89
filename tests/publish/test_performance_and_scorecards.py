"""Rates by payer over many practices, scorecards by provider, and the evidence of a process, worked out by hand."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from history_samples import History, received, refused, repeated, worked_history
from plan_samples import plan_folder

from cocm.basics.months import Month
from cocm.cli import cli
from cocm.marts.build import build_marts
from cocm.marts.inputs import MEMBER_SPAN
from cocm.plan.records import PlanBook
from cocm.plandesk.folder import read_plan
from cocm.publish.counts import Scope
from cocm.publish.html import as_html
from cocm.publish.page import as_markdown
from cocm.publish.performance import RATES, payer_performance, performance_page
from cocm.publish.rows import RowFigure
from cocm.publish.sb1320 import Evidence, sb1320_evidence, sb1320_page, tallies
from cocm.publish.scorecard import scorecard_page, scorecards
from cocm.rules import Rulebook
from cocm.rules.statute_evidence import sb1320_items
from cocm.warehouse.engine import SqlEngine

RULEBOOK = Rulebook()
FIRST, LAST = Month(2026, 1), Month(2026, 3)
SCOPE = Scope("GHP", FIRST, LAST)


def engine_of(history: History) -> SqlEngine:
    engine = SqlEngine(history.connection())
    build_marts(engine, RULEBOOK)
    return engine


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["plan", *map(str, arguments)])


def by_measure(figures: tuple[RowFigure, ...], row: str) -> dict[str, RowFigure]:
    return {one.measure: one for one in figures if one.row == row}


def two_payers() -> History:
    """GHP: 30 claims of three practices, 12 denied. SMALL: 12 claims of one practice, one of them denied."""
    history = History()
    for number in range(42):
        payer = "GHP" if number < 30 else "SMALL"
        claim_id, person = f"C{number}", f"P{number}"
        npi = f"{1 + number % 3}" * 10 if payer == "GHP" else "9" * 10
        history.claim(
            claim_id, person, date(2026, 1, 31), "99492", payer_id=payer, billing_npi=npi, billing_tin=npi[:9]
        )
        received(history, claim_id, date(2026, 2, 1))
        is_denied = number < 12 or number == 30
        history.decide(claim_id, 1, "denied" if is_denied else "paid", date(2026, 2, 1 + number % 7))
        if is_denied:
            refused(history, claim_id, 1, "CO", "109", 10_000)
    return history


def test_rates_stand_with_their_counts() -> None:
    figures = payer_performance(engine_of(two_payers()), ("GHP", "SMALL"), FIRST, LAST)
    found = by_measure(figures, "GHP")
    denial = found["claim_denial_rate"]
    assert (denial.value, denial.numerator, denial.denominator) == (Decimal("40.0"), 12, 30)
    assert found["claim_approval_rate"].value == Decimal("60.0")
    assert found["claim_rejection_rate"].value == Decimal("0.0")
    assert found["practices"].value == 3
    # Paid are claims 12 to 29; the days are their number modulo seven: 5 6 0 1 2 3 4 5 6 0 1 2 3 4 5 6 0 1.
    assert found["days_to_pay_median"].value == 3
    assert found["days_to_pay_90th_percentile"].value == 6


def test_one_denied_person_hides_all_rates_of_the_division_and_no_sum_gives_it_away() -> None:
    figures = payer_performance(engine_of(two_payers()), ("GHP", "SMALL"), FIRST, LAST)
    found = by_measure(figures, "SMALL")
    for name in ("claim_approval_rate", "claim_denial_rate", "claim_rejection_rate", "line_denial_rate"):
        assert found[name].is_hidden
        assert (found[name].value, found[name].numerator, found[name].denominator) == (None, None, None)
    assert found["claims"].value == 12
    assert "all" not in {one.row for one in figures}


def test_the_page_tells_unit_numerator_and_denominator_and_quotes_others_with_theirs() -> None:
    figures = payer_performance(engine_of(two_payers()), ("GHP", "SMALL"), FIRST, LAST)
    page = performance_page(figures, RULEBOOK, months="2026", made_of="a sample")
    text = as_markdown(page)
    assert "| Denial rate (claims)<br>claim\\_denial\\_rate | claim | denied | paid, denied |" in text
    assert "| Denial rate (lines)<br>line\\_denial\\_rate | service line | denied | paid, denied |" in text
    for percent, counted in (
        ("5 %", "services"),
        ("32 %", "services"),
        ("20 %", "claims"),
        ("8 %", "claims"),
    ):
        assert f"| {percent} | {counted} |" in text
    html = as_html(page)
    assert "12 of 30" in html and "<script" not in html and html.count("<figure>") == 2


def test_a_provider_stands_beside_all_providers() -> None:
    history = repeated(worked_history(), 20)
    cards = {card.billing_npi: card for card in scorecards(engine_of(history), RULEBOOK, SCOPE)}
    assert set(cards) == {"1111111111", "3333333333"}
    card = cards["1111111111"]
    assert (card.own["claims"].value, card.of_all["claims"].value) == (120, 140)
    assert (card.own["claim_rejection_rate"].numerator, card.own["claim_rejection_rate"].denominator) == (
        20,
        120,
    )
    assert card.own["routed_rate"].value == Decimal("12.5")  # 20 of 160 lines
    assert card.of_all["routed_rate"].value == Decimal("11.1")
    assert [(one.code, one.lines) for one in card.reasons] == [("CO-109", 20), ("OA-18", 20)]
    assert "12.5 %" in as_html(scorecard_page(card, RULEBOOK, months="2026", made_of="a sample"))


def test_a_small_provider_is_hidden_and_so_is_the_one_beside_it() -> None:
    history = two_payers()
    for number in range(5):
        history.claim(f"D{number}", f"Q{number}", date(2026, 1, 31), "99492", billing_npi="7777777777")
    cards = {card.billing_npi: card for card in scorecards(engine_of(history), RULEBOOK, SCOPE)}
    assert cards["7777777777"].own["lines"].is_hidden
    assert sum(card.own["lines"].is_hidden for card in cards.values()) > 1
    assert cards["7777777777"].of_all["lines"].value == 35
    own = scorecards(engine_of(history), RULEBOOK, SCOPE, hides_small=False)
    assert {card.billing_npi: card.own["lines"].value for card in own}["7777777777"] == 5


def test_every_rate_of_the_page_has_its_definition() -> None:
    page = performance_page((), RULEBOOK, months="2026", made_of="nothing")
    assert all(name.replace("_", "\\_") in as_markdown(page) for name in RATES)


def test_a_line_is_evidence_of_its_clocks() -> None:
    """Thirty days to pay or contest from 2026 on; ten working days to forward, not counting weekends."""
    history = History()
    for claim_id, day, answer in (
        ("C1", date(2026, 3, 4), "paid"), ("C2", date(2026, 3, 5), "paid"), ("C3", date(2026, 2, 16), "forwarded"),
        ("C4", date(2026, 2, 17), "forwarded"),
    ):  # fmt: skip
        history.claim(claim_id, claim_id, date(2026, 1, 31), "99492")
        received(history, claim_id, date(2026, 2, 2))  # a Monday
        history.decide(claim_id, 1, answer, day)
    history.claim("C5", "C5", date(2026, 1, 31), "99492")
    found = {one.claim_id: one for one in sb1320_evidence(engine_of(history), RULEBOOK, SCOPE).lines}
    assert {name: one.is_answered_in_time for name, one in found.items()} == {
        "C1": "yes", "C2": "no", "C3": "yes", "C4": "yes", "C5": "not known",
    }  # fmt: skip
    assert found["C1"].payment_due_date == date(2026, 3, 4)
    assert (found["C3"].is_forwarded_in_time, found["C4"].is_forwarded_in_time) == ("yes", "no")
    assert found["C3"].forward_by_date == date(2026, 2, 16)
    assert found["C5"].days_to_first_answer is None


def test_no_clock_is_claimed_where_none_is_known() -> None:
    history = History()
    history.claim("C1", "P1", date(2025, 12, 31), "99492")
    received(history, "C1", date(2026, 1, 2))
    history.decide("C1", 1, "paid", date(2026, 1, 3))
    scope = Scope("GHP", Month(2025, 12), Month(2025, 12))
    (line,) = sb1320_evidence(engine_of(history), RULEBOOK, scope).lines
    assert (line.payment_due_date, line.is_answered_in_time) == (None, "not known")


def test_answers_of_few_persons_are_hidden_on_the_page() -> None:
    evidence = sb1320_evidence(engine_of(worked_history()), RULEBOOK, SCOPE)
    assert {count for _, _, count in tallies(evidence, hides_small=True)} == {"<11"}
    told = {(question, answer): count for question, answer, count in tallies(evidence, hides_small=False)}
    assert told["First answer", "denied"] == "2"
    assert told["Refused at first and paid in the end", "yes"] == "2"
    assert told["Appeal", "granted"] == "1"
    owed = {
        answer: count for (question, answer), count in told.items() if question.startswith("The member owes")
    }
    assert owed == {"something": "3", "nothing": "3", "was not paid": "3"}
    assert (
        told["The member's share was changed after the first answer", "yes"] == "1"
    )  # C2: 40.00, then 10.00


def test_what_the_member_pays_is_told_by_the_plans_own_benefits(tmp_path: Path) -> None:
    book = read_plan(plan_folder(tmp_path / "plan"), RULEBOOK).book
    evidence = sb1320_evidence(engine_of(worked_history()), RULEBOOK, SCOPE)

    def told(evidence: Evidence, book: PlanBook | None) -> str:
        page = sb1320_page(evidence, RULEBOOK, months="", made_of="", hides_small=True, book=book)
        return "\n".join(row for row in as_markdown(page).splitlines() if "What the member pays" in row)

    without = told(evidence, None)
    assert "not established" in without and "deductible" not in without
    own = told(evidence, book)
    assert "deductible $100.00 a year, coinsurance 20 percent, at most $2,000.00 a year out of pocket" in own
    assert "Medical benefit" in own and "HMO" in own and "the plan's own tables" in own
    assert (
        "not established" not in own and "copayment" not in own
    )  # the administrator's side is not the model's
    for other in ("OTHER", "MIND1"):  # a stranger, and the plan's own administrator
        assert told(replace(evidence, payer_id=other), book) == without


def test_both_readings_of_the_act_stand_with_their_sources() -> None:
    readings = [one for one in sb1320_items(RULEBOOK) if one.is_reading]
    assert [one.item for one in readings] == ["to_review", "to_reimburse"]
    assert all(one.rule_ids for one in sb1320_items(RULEBOOK) if not one.is_reading)


@pytest.mark.once
def test_the_commands_write_what_they_say(tmp_path: Path) -> None:
    repeated(worked_history(), 20).write(tmp_path / "history")
    for name, files in (
        ("performance", ["performance.html", "performance.csv", "performance.json"]),
        ("scorecards", ["scorecards.json", "GHP-1111111111.html", "GHP-3333333333.html"]),
        ("sb1320", ["sb1320.html", "lines.csv", "summary.json"]),
    ):
        result = run(name, tmp_path / "history", "--out", tmp_path / name, "--as-of", "2026-06-01", "--json")
        assert result.exit_code == 0, result.output
        answer: dict[str, Any] = json.loads(result.output)
        assert answer["files"] == files and answer["as_of_date"] == "2026-06-01"
        assert sorted(one.name for one in (tmp_path / name).iterdir()) == sorted(files)
        assert "Example:" in run(name, "--help").output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "sb1320" / "lines.csv").read_text())))
    assert len(rows) == 180 and "person_id" not in rows[0]
    assert {row["reasons"] for row in rows} == {"", "CO-109", "OA-18", "OA-B11"}
    of_payer = list(csv.DictReader(io.StringIO((tmp_path / "performance" / "performance.csv").read_text())))
    assert ("claim_denial_rate", "40.0", "40", "100") in {
        (row["measure"], row["value"], row["numerator"], row["denominator"]) for row in of_payer
    }


def test_evidence_is_of_one_payer(tmp_path: Path) -> None:
    two_payers().write(tmp_path / "history")
    result = run("sb1320", tmp_path / "history", "--out", tmp_path / "out")
    assert "several payers (GHP, SMALL)" in str(result.exception)
    assert not (tmp_path / "out").exists()


def test_an_id_leads_out_of_no_folder_and_starts_no_formula(tmp_path: Path) -> None:
    history = History()
    for number in range(12):
        history.add(MEMBER_SPAN, person_id=f"P{number}", payer_id="../=x", product="=1+1", from_day_number=0)
        history.claim(
            f"=C{number}", f"P{number}", date(2026, 1, 31), "99492", payer_id="../=x", billing_npi="../../1"
        )
    history.write(tmp_path / "history")
    result = run("scorecards", tmp_path / "history", "--out", tmp_path / "out" / "cards")
    assert result.exit_code == 0, result.output
    assert [path.parent for path in tmp_path.rglob("*.html")] == [tmp_path / "out" / "cards"]
    assert run("sb1320", tmp_path / "history", "--out", tmp_path / "sb").exit_code == 0
    rows = list(csv.reader(io.StringIO((tmp_path / "sb" / "lines.csv").read_text())))
    assert rows[1][0].startswith("'=C")
