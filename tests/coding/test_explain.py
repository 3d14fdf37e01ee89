"""Proposals as plain values and as sentences."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from case_samples import CONSENT, EPISODE, case_file, contact, lines_of, policy

from cocm.care.records import Answer, Outcome
from cocm.coding.explain import proposal_as_json, proposal_in_words, time_proposal_as_json
from cocm.coding.proposal import propose
from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes

CASE = case_file(
    contact("BEFORE", "2026-02-10 09:00"),
    contact("A", "2026-03-05 09:00", 40.5),
    contact("B", "2026-03-06 09:00", 4, outcome=Outcome.ATTEMPT),
    contact("C", "2026-03-09 09:00", 50, billed_elsewhere_code="90834", billed_elsewhere_seconds=2400),
    measures=(),
    episode=replace(EPISODE, consent=replace(CONSENT, given=Answer.UNKNOWN, consent_date=None)),
)


def test_a_proposal_is_plain_json_with_its_rules_cited() -> None:
    plain = proposal_as_json(propose(CASE, policy()))
    assert json.loads(json.dumps(plain)) == plain
    assert plain["lines"] == [{"hcpcs_code": "99493", "units": 1}]
    assert plain["month"] == "2026-03"
    assert plain["expected_payment"] == "144.96"
    assert plain["next_tier"] == {"hcpcs_code": "99494", "units": 1, "minutes_short": 26}
    assert (
        plain["ledger"]["counted_seconds"] + plain["ledger"]["excluded_seconds"]
        == plain["ledger"]["logged_seconds"]
    )
    assert plain["ledger"]["remainder_seconds"] == 30
    reasons = {item["reason"]: item for entry in plain["ledger"]["entries"] for item in entry["exclusions"]}
    assert reasons["attempt"]["cite"].startswith("minutes.attempts_count = false")
    assert reasons["billed_elsewhere"]["cite"] is None
    assert [item["gap"] for item in plain["missing"]] == ["consent", "scale"]
    assert plain["missing"][0]["is_no_data"]
    assert any(
        cite.startswith("time.later_month_min = 31") for item in plain["reasons"] for cite in item["cites"]
    )


def test_no_rate_is_null_in_json() -> None:
    assert proposal_as_json(propose(CASE, policy("ca-commercial-carveout")))["expected_payment"] is None


def test_minutes_alone_as_json() -> None:
    proposal = propose_for_minutes(92, MonthKind.FIRST, policy())
    plain = time_proposal_as_json(proposal)
    assert {line["hcpcs_code"]: line["units"] for line in plain["lines"]} == lines_of(proposal)
    assert {item["hcpcs_code"] for item in plain["rejected"]} == {"G2214", "99493", "99484"}
    assert [item["hcpcs_code"] for item in plain["rejected"] if item["is_offered"]] == ["99484"]
    assert all(item["reason"]["cites"] for item in plain["rejected"])


def test_sentences_tell_what_is_missing_and_never_ask_for_minutes() -> None:
    sentences = proposal_in_words(propose(CASE, policy()))
    text = "\n".join(sentences)
    assert "50 min 30 s of 94 min 30 s count: 99493 x 1." in sentences
    assert "No data: the record does not say whether the patient has consented." in text
    assert "Noted: no validated scale in the month." in text
    assert "Not counted, 40 min: reported with another code (C)." in sentences
    assert (
        "Care due: no contact with the patient in the last two weeks; no symptom scale this month."
        in sentences
    )
    assert "add minutes" not in text


def test_sentences_name_nobody() -> None:
    text = "\n".join(proposal_in_words(propose(CASE, policy())))
    assert CASE.patient.last_name not in text
    assert str(CASE.patient.birth_date) not in text


def test_a_cite_is_of_the_value_in_force() -> None:
    plain = proposal_as_json(propose(replace(CASE, history=()), policy("medicare", date(2026, 3, 31))))
    assert "[medicare, from" in plain["reasons"][0]["cites"][0]
