"""The practice's check and the plan's decision are one: where both know the facts they say the same."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from plan_samples import AS_OF, RULEBOOK, TABLES, Desk, claim, line

from cocm.claims.records import Claim
from cocm.edits.finding import Finding
from cocm.rules import Severity
from cocm.rules.plan_decisions import DenialRight, edit_denials
from cocm.scrub.report import ClaimReport
from cocm.scrub.scrub import Scrub, ScrubRequest

CLAIMS = 150
EVIDENCE_OF_THE_PLAN = {"place.not_credentialed", "coverage.not_in_force", "date.after_death"}


def _generated(rng: Random, number: int) -> Claim:
    """A claim of a member of its own: mostly in order, with a fault drawn here and there."""
    day = date(2026, 3, 31) - timedelta(days=rng.choice((0, 0, 0, 20, 59)))
    codes = rng.choice(
        (("99492",), ("99493",), ("99492", "99494"), ("99493", "99494"), ("99494",), ("G2214",))
    )
    lines = [
        line(
            code,
            place,
            rng.choice((1, 1, 1, 2, 3, 7)) if code == "99494" else rng.choice((1, 1, 1, 1, 2)),
            day=day,
        )
        for place, code in enumerate(codes, 1)
    ]
    if rng.random() < 0.15:
        lines.append(line(rng.choice(("99484", "99213", codes[0])), len(lines) + 1, day=day))
    changes: dict[str, Any] = {"member_id": f"GHP{number:09d}", "lines": tuple(lines)}
    if rng.random() < 0.2:
        changes["place_of_service_code"] = rng.choice(("22", "10", "02"))
    if rng.random() < 0.15:
        changes["diagnosis_codes"] = rng.choice((("E11.9", "I10"), ("F32.A", "E11.9"), ("F10.20", "F41.1")))
    if rng.random() < 0.1:
        changes["rendering"] = None
    return claim(number, **changes)


def _blocks(finding: Finding) -> bool:
    rules = (*finding.rules, *finding.rules_behind)
    return (
        finding.severity is Severity.BLOCK
        and edit_denials(RULEBOOK)[finding.edit_id].right is DenialRight.DENY
        and not any(rule.is_known and not rule.may_block for rule in rules)
    )


@pytest.mark.parametrize(
    ("pack_id", "agreed_on", "explained_by"),
    [
        (
            "ca-commercial-carveout",
            {"addon.without_base", "concurrency.general_bhi"},
            {"place.not_credentialed"},
        ),
        (
            "medicare",
            {"addon.over_limit", "addon.without_base", "base.units", "concurrency.general_bhi", "ncci.units"},
            set(),
        ),
    ],
)
def test_scrub_and_plan_agree_wherever_both_know_the_facts(
    tmp_path: Path, pack_id: str, agreed_on: set[str], explained_by: set[str]
) -> None:
    rng = Random(2026)
    claims = [_generated(rng, number) for number in range(1, CLAIMS + 1)]
    members = [
        {
            "member_id": one.member_id,
            "birth_date": "1988-02-29",
            "product": "HMO",
            "coverage_from": "2026-01-01",
        }
        for one in claims
    ]
    answer = Desk(tmp_path, members=members, plan=[{**TABLES["plan"][0], "pack_id": pack_id}]).take(*claims)
    scrub = Scrub(ScrubRequest((tmp_path / "in-1.837",), AS_OF, pack_id), RULEBOOK)
    scrub.prepare()
    practice = {one.claim_id: one.result for one in scrub.reports() if isinstance(one, ClaimReport)}
    agreed: Counter[str] = Counter()
    explained: Counter[str] = Counter()
    for decided in answer.trace:
        denied_for = {
            reason["step"].removeprefix("edit ")
            for one in decided["lines"]
            for reason in one["reasons"]
            if reason["step"].startswith("edit ")
        }
        said = practice[decided["claim_id"]]
        blocked = {finding.edit_id for finding in said.failures if _blocks(finding)}
        assert blocked <= denied_for, f"the plan passes what the practice would hold: {blocked - denied_for}"
        unknown = {finding.edit_id for finding in said.no_data}
        for edit_id in denied_for - blocked:
            assert edit_id in unknown & EVIDENCE_OF_THE_PLAN
            explained[edit_id] += 1
        agreed.update(denied_for & blocked)
    assert len(answer.trace) == len(practice) == CLAIMS
    assert agreed_on <= set(agreed), agreed
    assert set(explained) == explained_by
    assert sum(one["answer"] == "paid" for one in answer.trace) > CLAIMS // 5


def test_of_a_month_sent_twice_in_one_file_the_practice_holds_both_and_the_plan_pays_the_first(
    tmp_path: Path,
) -> None:
    """Which of the two is meant is the one fact that only the order of decision brings."""
    twice = [claim(1), claim(501, member_id="GHP000000001")]
    answer = Desk(tmp_path).take(*twice)
    assert [one["answer"] for one in answer.trace] == ["paid", "denied"]
    scrub = Scrub(ScrubRequest((tmp_path / "in-1.837",), AS_OF, "ca-commercial-carveout"), RULEBOOK)
    scrub.prepare()
    reports = [one for one in scrub.reports() if isinstance(one, ClaimReport)]
    for report, other in zip(reports, reversed(reports), strict=True):
        assert report.siblings == (other.claim_id,)
        assert "duplicate.already_billed" in {one.edit_id for one in report.result.failures if _blocks(one)}
