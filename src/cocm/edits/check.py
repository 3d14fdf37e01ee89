"""Checks a claim: derives its facts, runs every edit in force, explains what failed or could not be known."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cocm.claims.submission import VOID
from cocm.edits.derive import derive_facts
from cocm.edits.discovery import catalogue, catalogue_hash
from cocm.edits.edit import CatalogueEdit, Grain, Predicate, Verdict
from cocm.edits.fact import FactValue
from cocm.edits.finding import CheckResult, Finding, explain
from cocm.edits.subject import EditSubject
from cocm.edits.view import Facts
from cocm.rules import PackOn


def check_claim(subject: EditSubject) -> CheckResult:
    """The findings of a claim's CoCM lines: every edit that fails, and every one that cannot be decided.

    Lines with another code are left alone and named in `lines_left_alone`.
    """
    claim, policy = subject.claim, subject.policy
    plan = _plan(policy, claim.frequency_code == VOID)
    findings: list[Finding] = []
    checked: set[int] = set()
    passed = not_applicable = 0
    for line, values in derive_facts(subject):
        facts = Facts(values)
        entries = plan.line_edits if checked else plan.all_edits
        not_applicable += plan.idle_line_edits if checked else plan.idle_edits
        checked.add(line.claim_line_number)
        for applies_to, trips_on, entry in entries:
            applies = applies_to(facts)
            if applies is False:
                not_applicable += 1
                continue
            trips = trips_on(facts)
            if trips is False:
                passed += 1
                continue
            verdict = Verdict.FAIL if applies is True and trips is True else Verdict.NO_DATA
            line_number = line.claim_line_number if entry.edit.grain is Grain.LINE else None
            findings.append(
                explain(
                    entry, verdict, values, policy, claim_id=claim.claim_id, claim_line_number=line_number
                )
            )
    no_data = sum([finding.is_no_data for finding in findings])
    findings.sort(key=lambda finding: (-finding.severity, finding.edit_id, finding.claim_line_number or 0))
    return CheckResult(
        claim_id=claim.claim_id,
        findings=tuple(findings),
        counts={
            Verdict.PASS: passed,
            Verdict.FAIL: len(findings) - no_data,
            Verdict.NOT_APPLICABLE: not_applicable,
            Verdict.NO_DATA: no_data,
        },
        lines_left_alone=tuple(
            [line.claim_line_number for line in claim.lines if line.claim_line_number not in checked]
        ),
        catalogue_hash=catalogue_hash(),
        provenance=claim.provenance,
    )


def verdict_of(edit: CatalogueEdit, values: Mapping[str, FactValue]) -> Verdict:
    """The verdict of one edit on one line's facts, for any date.

    An edit that may or may not apply, but cannot trip, passes: whatever is unknown, nothing can be wrong.
    """
    facts = Facts(values)
    applies = edit.applies(facts)
    if applies is False:
        return Verdict.NOT_APPLICABLE
    trips = edit.trips(facts)
    if trips is False:
        return Verdict.PASS
    return Verdict.FAIL if applies is True and trips is True else Verdict.NO_DATA


class _Plan(NamedTuple):
    """The edits to run for a payer and date: claim edits on the first CoCM line only, line edits on each."""

    all_edits: tuple[tuple[Predicate, Predicate, CatalogueEdit], ...]
    line_edits: tuple[tuple[Predicate, Predicate, CatalogueEdit], ...]
    idle_edits: int
    idle_line_edits: int


@lru_cache(maxsize=2048)
def _plan(policy: PackOn, is_void: bool) -> _Plan:
    edits = catalogue()
    in_force = [
        edit
        for edit in edits
        if edit.edit.effective_from <= policy.day and (edit.edit.checks_voids or not is_void)
    ]
    line_edits = [edit for edit in in_force if edit.edit.grain is Grain.LINE]
    all_line_edits = sum(edit.edit.grain is Grain.LINE for edit in edits)
    return _Plan(
        all_edits=tuple((edit.applies, edit.trips, edit) for edit in in_force),
        line_edits=tuple((edit.applies, edit.trips, edit) for edit in line_edits),
        idle_edits=len(edits) - len(in_force),
        idle_line_edits=all_line_edits - len(line_edits),
    )
