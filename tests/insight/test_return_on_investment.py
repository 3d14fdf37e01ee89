"""Return on investment: no claim without its counter-evidence, and the arithmetic on own numbers."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from cocm.cli import cli
from cocm.insight.roi import OwnProgram, applied_savings, own_figures
from cocm.rules import Rulebook
from cocm.rules.insight_tables import study_figures

STUDIES = study_figures(Rulebook())
OWN = OwnProgram(100, 480, 5_200_000, 6_000_000, responders=50, remissions=0)


def test_claims_stand_with_what_speaks_against_them() -> None:
    assert {"for", "against", "cost"} == {one.side for one in STUDIES}
    against = [one for one in STUDIES if one.study == "matched_2023"]
    assert [str(one.amount_from) for one in against] == ["29.35", "-34.11", "-19.91", "91.34"]
    assert against[0].significance == "not significant"
    assert all(
        one.population and one.perspective and one.significance and one.source.title for one in STUDIES
    )


def test_a_studys_saving_on_own_patient_months() -> None:
    applied = {one.study.claim: one for one in applied_savings(STUDIES, OWN)}
    # $3,365 over 48 months, 480 patient-months: ten patients' four years.
    assert applied["Total cost of care was lower"].saving_cents == 3_365_000
    assert applied["Primary care spending"].saving_cents == -3_411 * 480
    assert float(applied["Total cost of care was lower"].ratio or 0) == pytest.approx(33_650 / 52_000)


def test_the_cost_of_an_outcome_and_none_where_there_was_none() -> None:
    figures = {one.name: one for one in own_figures(OWN)}
    assert figures["cost_per_responder"].text == "$1,040.00"
    assert figures["cost_per_remission"].value is None
    assert figures["own_net"].text == "$8,000.00"
    assert "cost_per_day" not in figures


def test_the_command_tells_both_sides_and_asks_for_whole_numbers() -> None:
    told = CliRunner().invoke(cli, ["insight", "roi"])
    assert told.exit_code == 0 and "not significant" in told.output and "for      " in told.output
    asked = ["--patients", "100", "--patient-months", "480", "--cost", "52000"]
    answer = json.loads(CliRunner().invoke(cli, ["insight", "roi", "--json", *asked]).output)
    assert answer["applied"][0]["saving_cents"] == 3_365_000
    assert CliRunner().invoke(cli, ["insight", "roi", "--patients", "1"]).exit_code == 2
    assert CliRunner().invoke(cli, ["insight", "roi", "--cost", "-5"]).exit_code == 2
