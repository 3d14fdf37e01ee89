"""Every key insight of the design studio that a plan can honor: it holds by the rules, and a plan that errs breaks it.

Each insight is a function over a plan at work. It is run twice: the plan that decides by the rules passes, the plan
that makes the mistake named beside it fails the very same assertions.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from plan_samples import LATER_LINE, TABLES, THERAPIST, Answers, Desk, Mistake, claim, line, therapy

NO_CARVE_OUT = TABLES["delegations"][1:]
A_DATED_RULE = re.compile(r"\[[a-z0-9-]+, from \d{4}-\d{2}-\d{2}, (stated|secondary): .+\]")


def claim_goes_to_the_medical_plan_whatever_its_diagnosis(desk: Desk) -> None:
    """CoCM claims are medical benefits: with a behavioral, a mixed or a substance diagnosis they are decided here."""
    diagnoses = (("F32.1", "F41.1"), ("F32.1", "E11.9"), ("F10.20", "F41.1"))
    for number, codes in enumerate(diagnoses, 1):
        answer = desk.take(claim(number, diagnosis_codes=codes))
        assert [one.status_code for one in answer.claims] == ["1"], codes
        assert answer.trace[0]["lines"][0]["route"]["side"] == "medical"


def treatment_outside_the_model_is_no_duplicate(desk: Desk) -> None:
    """Psychotherapy by another practice, before or after the claim, leaves both of them paid."""
    assert desk.take(therapy(1)).claims[0].status_code == "1"
    assert desk.take(claim(1)).claims[0].status_code == "1"
    assert desk.take(claim(2)).claims[0].status_code == "1"
    assert desk.take(therapy(2, 502)).claims[0].status_code == "1"


def true_duplicate_is_told_from_an_allowed_combination(desk: Desk) -> None:
    """Of two claims beside psychotherapy only the repeated month is refused, with both claims in view."""
    desk.take(therapy(1))
    assert desk.take(claim(1, lines=(LATER_LINE,))).claims[0].status_code == "1"
    again = desk.take(claim(501, member_id="GHP000000001", lines=(LATER_LINE,)))
    assert again.codes() == [[("OA", "18")]]


def member_owes_what_the_medical_benefit_says(desk: Desk) -> None:
    """Deductible and coinsurance of the medical benefit, never the behavioral copayment."""
    answer = desk.take(claim(1))
    groups = {code for codes in answer.codes() for group, code in codes if group == "PR"}
    assert groups == {"1", "2"}
    assert answer.claims[0].patient_responsibility_amount_cents == 10_000 + 1_000 + 2_400


def member_owes_nothing_while_nothing_is_decided_against_the_claim(desk: Desk) -> None:
    """A claim that is right is paid at once: no share is put on the member by a refusal."""
    answer = desk.take(claim(1))
    assert answer.claims[0].status_code == "1" and answer.claims[0].paid_amount_cents > 0


def place_of_service_is_the_practitioners_own_and_the_denial_says_so(desk: Desk) -> None:
    """Where the practice is enrolled the claim is paid; elsewhere it is refused for the place and for nothing else."""
    assert desk.take(claim(1)).claims[0].status_code == "1"
    elsewhere = desk.take(claim(2, place_of_service_code="22"))
    assert elsewhere.codes()[0] == [("CO", "5")]
    assert elsewhere.claims[0].lines[0].remark_codes == ("M77",)


def minutes_that_a_claim_cannot_hold_are_not_held_against_it(desk: Desk) -> None:
    """Time stands in the notes and not on an 837P: unknown minutes neither deny nor pend a claim."""
    answer = desk.take(claim(1))
    assert answer.result.summary["claims_paid"] == 1
    assert any(edit.startswith("minutes.") for edit in answer.trace[0]["edits_without_data"])


def behavioral_biller_is_seen_and_told_apart_from_a_medical_group(desk: Desk) -> None:
    """A medical group is paid; a behavioral clinic's claim waits for a person, for that very reason."""
    assert desk.take(claim(1)).claims[0].status_code == "1"
    behavioral = replace(THERAPIST, identifier="1649289083")
    answer = desk.take(claim(2, billing=behavioral, rendering=None))
    assert _steps(answer) >= {"wait: review billing.behavioral_taxonomy"}


def right_claim_makes_no_work_for_anybody(desk: Desk) -> None:
    """Nobody at the plan or the practice has to touch a claim that is in order."""
    summary = desk.take(*(claim(number) for number in range(1, 6))).result.summary
    assert summary["claims_paid"] == summary["claims"] == 5


def rules_of_the_codes_are_kept_and_each_denial_names_its_own(desk: Desk) -> None:
    """An add-on needs its parent, a first-month code comes once: each is refused with the code that says so."""
    addon = desk.take(claim(1, lines=(line("99494", cents=12_400),)))
    assert addon.codes() == [[("CO", "107")]] and addon.claims[0].lines[0].remark_codes == ("N122",)
    desk.take(claim(2, lines=(line("99492", day=_FEBRUARY),)))
    again = desk.take(claim(502, member_id="GHP000000002", lines=(line("99492"),)))
    assert again.codes() == [[("CO", "119")]]


def every_denial_rests_on_a_dated_rule_with_its_source(desk: Desk) -> None:
    """A process to review is not enough (SB 1320): what is refused is refused by a rule that anybody can look up."""
    answer = desk.take(claim(1, lines=(line("99494", cents=12_400),)), claim(2, place_of_service_code="22"))
    denied = [
        [reason for reason in one["reasons"] if reason["codes"]]
        for decided in answer.trace
        for one in decided["lines"]
        if one["answer"] == "denied" and one["hcpcs_code"] != "99494"
    ]
    reasons = [*(reason for given in denied for reason in given), *_reasons_of(answer, "C-00000000000001")]
    assert reasons
    for reason in reasons:
        assert any(A_DATED_RULE.search(cite) for cite in reason["citations"]), reason["step"]


_FEBRUARY = LATER_LINE.service_date.replace(month=2, day=28)


def _steps(answer: Answers) -> set[str]:
    return {
        reason["step"] for decided in answer.trace for one in decided["lines"] for reason in one["reasons"]
    }


def _reasons_of(answer: Answers, claim_id: str) -> list[dict[str, Any]]:
    return [
        reason
        for decided in answer.trace
        if decided["claim_id"] == claim_id
        for one in decided["lines"]
        for reason in one["reasons"]
        if reason["codes"]
    ]


Insight = Callable[[Desk], None]
INSIGHTS: list[tuple[Insight, Mistake]] = [
    (claim_goes_to_the_medical_plan_whatever_its_diagnosis, Mistake.ROUTE_BY_DIAGNOSIS),
    (treatment_outside_the_model_is_no_duplicate, Mistake.DUPLICATE_OF_PSYCHOTHERAPY),
    (true_duplicate_is_told_from_an_allowed_combination, Mistake.DUPLICATE_OF_PSYCHOTHERAPY),
    (member_owes_what_the_medical_benefit_says, Mistake.WRONG_COST_SHARE),
    (member_owes_nothing_while_nothing_is_decided_against_the_claim, Mistake.DENY_FOR_RECORDS),
    (place_of_service_is_the_practitioners_own_and_the_denial_says_so, Mistake.ROUTE_BY_DIAGNOSIS),
    (minutes_that_a_claim_cannot_hold_are_not_held_against_it, Mistake.DENY_FOR_RECORDS),
    (behavioral_biller_is_seen_and_told_apart_from_a_medical_group, Mistake.ROUTE_BY_DIAGNOSIS),
    (right_claim_makes_no_work_for_anybody, Mistake.ASK_FOR_RECORDS),
    (rules_of_the_codes_are_kept_and_each_denial_names_its_own, Mistake.DENY_FOR_RECORDS),
    (every_denial_rests_on_a_dated_rule_with_its_source, Mistake.DENY_FOR_RECORDS),
]
NAMES = [insight.__name__ for insight, _ in INSIGHTS]


def _desk(folder: Path, *mistakes: Mistake) -> Desk:
    """A plan that keeps both sides itself, so that it sees all of a member's care."""
    return Desk(folder, mistakes, delegations=NO_CARVE_OUT)


@pytest.mark.parametrize("insight", [insight for insight, _ in INSIGHTS], ids=NAMES)
def test_insight_holds_by_the_rules(tmp_path: Path, insight: Insight) -> None:
    insight(_desk(tmp_path))


@pytest.mark.parametrize(("insight", "mistake"), INSIGHTS, ids=NAMES)
def test_insight_fails_with_the_plan_that_errs(tmp_path: Path, insight: Insight, mistake: Mistake) -> None:
    desk = _desk(tmp_path, mistake)
    with pytest.raises(AssertionError):
        insight(desk)


def test_every_mistake_breaks_an_insight() -> None:
    assert {mistake for _, mistake in INSIGHTS} == set(Mistake)
