"""Every edit's answer on a claim agrees with the check of the claim, and says what decided it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from edit_samples import line, subject

from cocm.edits.check import check_claim, judge_claim, judge_claims
from cocm.edits.discovery import catalogue
from cocm.edits.edit import Grain, Verdict
from cocm.edits.subject import EditSubject, Evidence
from cocm.edits.verdicts import claim_answers

SUBJECTS = {
    "clean": subject(),
    "too many units": subject(line(), line("99494", units=9, number=2)),
    "add-on alone": subject(line("99494")),
    "no evidence": subject(evidence=Evidence()),
    "a void": subject(frequency_code="8", payer_claim_control_number="ICN1"),
    "no line of the service": subject(line("99213"), line("90834", 1, 2)),
    "two months": subject(line(), line("90834", 1, 2), line("99494", 1, 3, day=date(2026, 4, 30))),
    "another payer's": subject(line(), line("99494", number=2), pack_id="ca-commercial-carveout"),
}


@pytest.mark.parametrize("checked", SUBJECTS.values(), ids=SUBJECTS)
def test_the_answers_are_those_of_the_check(checked: EditSubject) -> None:
    answers, result = claim_answers(checked), check_claim(checked)
    assert Counter(answer.verdict for answer in answers) == Counter(
        {verdict: count for verdict, count in result.counts.items() if count}
    )
    told = [
        (answer.entry.id, answer.claim_line_number, answer.severity, answer.verdict)
        for answer in answers
        if answer.verdict in (Verdict.FAIL, Verdict.NO_DATA)
    ]
    found = [
        (finding.edit_id, finding.claim_line_number, finding.severity, finding.verdict)
        for finding in result.findings
    ]
    assert sorted(told, key=str) == sorted(found, key=str)


def test_claims_judged_together_get_what_each_gets_by_itself() -> None:
    together = [*SUBJECTS.values(), *reversed(SUBJECTS.values())]
    for checked, judged in zip(together, judge_claims(together), strict=True):
        assert judged == judge_claim(checked)
        by_itself = check_claim(checked)
        assert judged.counts == by_itself.counts
        assert judged.findings == tuple(replace(found, claim_id="") for found in by_itself.findings)
    assert judge_claims([]) == []


def test_each_edit_answers_once_and_for_each_line_where_it_is_about_lines() -> None:
    answers = claim_answers(SUBJECTS["too many units"])
    times = Counter(answer.entry.id for answer in answers)
    assert times == {entry.id: 2 if entry.edit.grain is Grain.LINE else 1 for entry in catalogue()}


def test_what_passes_says_which_facts_made_it_pass() -> None:
    passed = [answer for answer in claim_answers(SUBJECTS["clean"]) if answer.verdict is Verdict.PASS]
    assert passed and all(answer.because for answer in passed)
    assert any(answer.rules and answer.readings for answer in passed)


def test_failures_come_first() -> None:
    verdicts = [answer.verdict for answer in claim_answers(SUBJECTS["add-on alone"])]
    order = [Verdict.FAIL, Verdict.NO_DATA, Verdict.PASS, Verdict.NOT_APPLICABLE]
    assert verdicts == sorted(verdicts, key=order.index)
    assert verdicts[0] is Verdict.FAIL
