"""Ten thousand claims, checked by the practice and decided by the plan: they agree, or a named fact was missing.

Four payers' rules, each with members of its own. The practice sends January and February, learns the answers, then
sends March; what it sends twice goes after the answer to the first. Other practices' claims, the days of coverage,
deaths, delegations and enrolled places are known to the plan alone: they are the facts that may be missing.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from claim_crowd import Crowd, history_rows, member_number
from claim_samples import ENVELOPE
from plan_samples import AS_OF, RULEBOOK, TABLES, Desk

from cocm.claims.records import Claim
from cocm.edits.codes import cocm_codes
from cocm.edits.finding import CheckResult, Finding
from cocm.edits.kleene import UNKNOWN
from cocm.intake.patient_tables import CLAIM_HISTORY
from cocm.rules import Severity
from cocm.rules.plan_decisions import DenialRight, edit_denials
from cocm.scrub.report import ClaimReport
from cocm.scrub.scrub import Scrub, ScrubRequest
from cocm.x12 import write_837p

CLAIMS_EACH: Final = 2_500
MEMBERS_EACH: Final = 1_650
COCM: Final = cocm_codes(RULEBOOK)
FEES: Final = [
    *TABLES["fees"],
    *(
        {"hcpcs_code": code, "place": "all", "effective_from": "2026-01-01", "amount": "80.00"}
        for code in ("99484", "99490", "G0512", "G0568", "G2214")
    ),
]
STATUSES: Final = {"paid": "paid", "denied": "denied", "pended": "accepted", "forwarded": "rejected"}
OF_THE_PLAN_ALONE: Final = {
    "death": {"date.after_death"},
    "other practice": {"base.other_practice", "base.first_code_after_other_practice"},
}
"""Edits that fail on what no practice can see of its patient, by the fact that is missing."""


class Pack:
    """One payer's members: what the practice said of each claim, and what the plan decided."""

    def __init__(self, folder: Path, pack_id: str, seed: int, members: int) -> None:
        self.folder, self.pack_id = folder, pack_id
        self.crowd = Crowd(seed, members)
        plan = [{**TABLES["plan"][0], "pack_id": pack_id}]
        self.desk = Desk(folder, members=self.crowd.members(), plan=plan, fees=FEES)
        self.files = 0
        self.sent = folder / "sent"
        self.sent.mkdir()
        self.answers: list[list[str]] = []
        self.numbers: dict[str, str] = {}
        self.practice: dict[str, CheckResult] = {}
        self.decided: list[dict[str, Any]] = []

    def run(self) -> None:
        """All files in their order."""
        self._taken(self.crowd.of_other_practices())
        earlier = self.crowd.of_earlier_months()
        self.send(earlier)
        march = self.crowd.of_march(self.numbers, earlier)
        for turn in _turns(march):
            self.send(turn)

    def send(self, claims: Sequence[Claim]) -> None:
        """The practice checks a file with all it knows, sends it, and writes down the answers."""
        path = self._written(claims)
        has_history = any(self.sent.iterdir())
        scrub = Scrub(
            ScrubRequest((path,), AS_OF, self.pack_id, self.sent if has_history else None), RULEBOOK
        )
        scrub.prepare()
        found = {one.claim_id: one.result for one in scrub.reports() if isinstance(one, ClaimReport)}
        self.practice |= found
        trace = self._decided(path)
        self.decided += trace
        self.numbers |= {
            one["claim_id"]: one["claim_number"] for one in trace if one["answer"] in ("paid", "denied")
        }
        said = {
            one["claim_id"]: {
                given["claim_line_number"]: STATUSES[
                    "pended" if one["answer"] == "pended" else given["answer"]
                ]
                for given in one["lines"]
            }
            for one in trace
        }
        self.answers += history_rows(claims, said, self.numbers)
        (self.sent / path.name).write_bytes(path.read_bytes())
        with (self.sent / "claim_history.csv").open("w", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(CLAIM_HISTORY.positions)
            writer.writerows(self.answers)

    def _taken(self, claims: Sequence[Claim]) -> None:
        self._decided(self._written(claims))

    def _written(self, claims: Iterable[Claim]) -> Path:
        self.files += 1
        out = io.BytesIO()
        write_837p(claims, replace(ENVELOPE, interchange_control_number=self.files), out)
        path = self.folder / f"file-{self.files}.837"
        path.write_bytes(out.getvalue())
        return path

    def _decided(self, path: Path) -> list[dict[str, Any]]:
        self.desk.number_files(self.files)
        return self.desk.take_bytes(path.read_bytes()).trace


def _turns(claims: Sequence[Claim]) -> list[list[Claim]]:
    """The claims in files, of each member one in each."""
    seen: Counter[str] = Counter()
    turns: list[list[Claim]] = []
    for one in claims:
        turn = seen[one.member_id]
        seen[one.member_id] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(one)
    return turns


def _counts(finding: Finding, line_number: int) -> bool:
    rules = (*finding.rules, *finding.rules_behind)
    return (
        finding.claim_line_number in (None, line_number)
        and edit_denials(RULEBOOK)[finding.edit_id].right is DenialRight.DENY
        and finding.severity >= Severity.REVIEW
        and not any(rule.is_known and not rule.may_block for rule in rules)
    )


def _said_by_practice(result: CheckResult, line_number: int) -> tuple[str, frozenset[str]]:
    """Whether the practice would hold the line or look at it, and for what."""
    failed = [finding for finding in result.failures if _counts(finding, line_number)]
    blocks = frozenset(one.edit_id for one in failed if one.severity is Severity.BLOCK)
    return ("denied", blocks) if blocks else ("pended", frozenset(one.edit_id for one in failed))


def _said_by_plan(line: Mapping[str, Any]) -> tuple[str, frozenset[str]] | None:
    """Whether an edit refused the line or lets it wait, and which; None where something else came before the edits."""
    steps = [reason["step"].rpartition(" ") for reason in line["reasons"]]
    refused = frozenset(edit for step, _, edit in steps if step == "edit")
    waits = frozenset(edit for step, _, edit in steps if step == "wait: review")
    if refused:
        return "denied", refused
    if waits or any(reason["step"] == "allowed" for reason in line["reasons"]):  # paid, or would be
        return "pended", waits
    return None


def _unknown(result: CheckResult, edit_id: str) -> frozenset[str]:
    """The facts for want of which the practice could not decide an edit."""
    return frozenset(
        reading.fact.name
        for finding in result.no_data
        if finding.edit_id == edit_id
        for reading in finding.readings
        if reading.value is UNKNOWN
    )


A_CLAIM_THAT_WAITS = "what becomes of a claim that waits"


class Comparison:
    """Every line of the model, by both sides: how often they agree, and by which missing fact they do not."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.agreed: Counter[str] = Counter()
        self.missing: Counter[str] = Counter()
        self.unexplained: list[str] = []
        answers = [dict(zip(CLAIM_HISTORY.positions, row, strict=True)) for row in pack.answers]
        self.members_without_number = {
            row["patient_id"] for row in answers if not row["payer_claim_control_number"]
        }
        self.members_who_wait = {self._member(claim) for claim in pack.decided if claim["answer"] == "pended"}
        for claim in pack.decided:
            if claim["answer"] != "reversed":
                for line in claim["lines"]:
                    if line["hcpcs_code"] in COCM:
                        self._compare(claim, line)

    def _compare(self, claim: Mapping[str, Any], line: Mapping[str, Any]) -> None:
        result = self.pack.practice[claim["claim_id"]]
        plan = _said_by_plan(line)
        if any(reason["step"] == "wait: claim" for reason in line["reasons"]):
            self.missing[A_CLAIM_THAT_WAITS] += 1  # the practice takes it that its own claims stand
            return
        if plan is None:
            self._stopped_before_the_edits(claim, line, result)
            return
        answer, edits = _said_by_practice(result, line["claim_line_number"])
        if edits != plan[1] and self._has_line_out_of_force(claim):
            self.missing["coverage"] += 1  # the plan checks the lines in force by themselves
            return
        if plan[1] < edits and self._member(claim) in self.members_who_wait:
            self.missing[A_CLAIM_THAT_WAITS] += (
                1  # what would hold only if that is paid is no reason of the plan
            )
            return
        facts = [self._missing_fact(claim, result, edit) for edit in plan[1] - edits]
        if any(fact is None for fact in facts) or (edits - plan[1] and not facts):
            self.unexplained.append(
                f"{claim['claim_id']} line {line['claim_line_number']}: practice {answer} {sorted(edits)}, "
                f"plan {plan[0]} {sorted(plan[1])}"
            )
        elif facts:
            self.missing.update(str(fact) for fact in facts)
        else:
            self.agreed.update(edits or {"nothing is wrong"})

    def _missing_fact(self, claim: Mapping[str, Any], result: CheckResult, edit_id: str) -> str | None:
        """The fact that the plan has and the practice has not, and on which the edit fails; None: none is known."""
        crowd, number = self.pack.crowd, member_number(self._member(claim))
        if unknown := _unknown(result, edit_id):
            return ", ".join(sorted(unknown))
        if claim["frequency_code"] != "1" and self._has_claim_without_number(self._member(claim)):
            return "the payer's number of a claim that waits"
        if edit_id in OF_THE_PLAN_ALONE["death"] and number in crowd.deaths:
            return "death"
        if edit_id in OF_THE_PLAN_ALONE["other practice"] and number in crowd.seen_elsewhere:
            return "other practice"
        return None

    def _stopped_before_the_edits(
        self, claim: Mapping[str, Any], line: Mapping[str, Any], result: CheckResult
    ) -> None:
        """No member, not in force, delegated: facts of the plan. An add-on falls with its base, on which both agree."""
        crowd, number = self.pack.crowd, member_number(self._member(claim))
        (step, *_) = [reason["step"] for reason in line["reasons"]]
        is_no_member = number in crowd.strangers or claim["claim_id"] in crowd.misborn
        if step == "eligibility" and (is_no_member or not crowd.is_in_force(number, line["service_date"])):
            is_void = (
                claim["frequency_code"] == "8"
            )  # a void asks for no money, so that no edit asks for cover
            assert is_void or any(finding.edit_id == "coverage.not_in_force" for finding in result.no_data)
            self.missing["coverage"] += 1
        elif step == "route" and number in crowd.groups:
            self.missing["delegation"] += 1
        elif step == "add-on" and any(
            any(reason["codes"] for reason in other["reasons"]) and COCM[other["hcpcs_code"]].is_base
            for other in claim["lines"]
            if other["hcpcs_code"] in COCM
        ):
            self.agreed["add-on of a refused base"] += 1
        else:
            self.unexplained.append(f"{claim['claim_id']} line {line['claim_line_number']}: plan {step}")

    def _has_claim_without_number(self, member_id: str) -> bool:
        """Whether a correction may mean one of several claims, as far as the practice knows."""
        return member_id in self.members_without_number

    def _has_line_out_of_force(self, claim: Mapping[str, Any]) -> bool:
        number = member_number(self._member(claim))
        return not all(self.pack.crowd.is_in_force(number, line["service_date"]) for line in claim["lines"])

    def _member(self, claim: Mapping[str, Any]) -> str:
        return self.pack.crowd.member_of[claim["claim_id"]]


@pytest.mark.once
@pytest.mark.parametrize(
    ("pack_id", "seed"),
    [("ca-commercial-carveout", 1), ("medicare", 2), ("nc-medicaid", 3), ("mi-bcbsm", 4)],
)
def test_practice_and_plan_agree_or_a_named_fact_was_missing(tmp_path: Path, pack_id: str, seed: int) -> None:
    pack = Pack(tmp_path, pack_id, seed, MEMBERS_EACH)
    pack.run()
    compared = Comparison(pack)
    print(pack_id, len(pack.decided), compared.agreed, compared.missing)
    assert not compared.unexplained, "\n".join(compared.unexplained[:20])
    assert len(pack.decided) >= CLAIMS_EACH
    assert len(compared.agreed) > 10 and compared.agreed["nothing is wrong"] > CLAIMS_EACH // 3
    assert {"coverage", "delegation", "death", "other practice"} <= set(compared.missing)
