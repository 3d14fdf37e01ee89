"""Checks a claim: derives its facts, runs every edit in force, explains what failed or could not be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from cocm.claims.submission import VOID
from cocm.edits.derive import FACTS, Wanted, derive_wanted, policy_context
from cocm.edits.discovery import catalogue, catalogue_hash
from cocm.edits.edit import CatalogueEdit, Grain, Verdict
from cocm.edits.fact import Fact, FactValue, Kind, Scope
from cocm.edits.finding import CheckResult, Finding, explain
from cocm.edits.kleene import UNKNOWN
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
    for line, values in derive_wanted(subject, plan.wanted):
        not_applicable += plan.idle_line_edits if checked else plan.idle_edits
        for group in plan.line_groups if checked else plan.all_groups:
            answer = group.answer(values)
            passed += answer.passed
            not_applicable += answer.not_applicable
            for entry, verdict in answer.found:
                facts = {**group.policy_facts, **values}
                line_number = line.claim_line_number if entry.edit.grain is Grain.LINE else None
                findings.append(
                    explain(
                        entry, verdict, facts, policy, claim_id=claim.claim_id, claim_line_number=line_number
                    )
                )
        checked.add(line.claim_line_number)
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


class _Answer(NamedTuple):
    """What a group of edits says of a line: what failed or could not be decided, and how many did neither."""

    found: tuple[tuple[CatalogueEdit, Verdict], ...]
    passed: int
    not_applicable: int


class _Group:
    """Edits that are answered together, and the answers given: the same facts have the same answer.

    Most claims of a payer have the same facts but for some days and numbers, so that a look-up takes the place of
    nearly every evaluation.
    """

    __slots__ = ("_edits", "_key_of", "_known", "policy_facts")

    def __init__(self, edits: Sequence[CatalogueEdit], policy_facts: Mapping[str, FactValue]) -> None:
        names = sorted({name for edit in edits for name in edit.facts if name not in policy_facts})
        self.policy_facts = policy_facts
        self._edits = tuple(edits)
        self._key_of: Callable[[dict[str, FactValue]], object] = itemgetter(*names) if names else len
        self._known: dict[object, _Answer] = {}

    def answer(self, values: dict[str, FactValue]) -> _Answer:
        """The answer for a line's facts."""
        key = self._key_of(values)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _ANSWERS_MAX:
                self._known.clear()
            known = self._known[key] = self._evaluated({**self.policy_facts, **values})
        return known

    def _evaluated(self, values: Mapping[str, FactValue]) -> _Answer:
        verdicts = [(edit, verdict_of(edit, values)) for edit in self._edits]
        return _Answer(
            tuple(
                (edit, verdict) for edit, verdict in verdicts if verdict in (Verdict.FAIL, Verdict.NO_DATA)
            ),
            sum(verdict is Verdict.PASS for _, verdict in verdicts),
            sum(verdict is Verdict.NOT_APPLICABLE for _, verdict in verdicts),
        )


_ANSWERS_MAX: Final = 20_000
"""Answers that a group remembers before it starts over, so that memory stays flat."""


class _Plan(NamedTuple):
    """What to run for a payer and date: claim edits on the first CoCM line only, line edits on each.

    Idle are those not in force, and those that the payer's rules alone keep from ever applying.
    """

    all_groups: tuple[_Group, ...]
    line_groups: tuple[_Group, ...]
    idle_edits: int
    idle_line_edits: int
    wanted: Wanted


@lru_cache(maxsize=2048)
def _plan(policy: PackOn, is_void: bool) -> _Plan:
    policy_facts = policy_context(policy).facts
    whatever_the_claim = Facts({**dict.fromkeys(FACTS, UNKNOWN), **policy_facts})
    running = [
        edit
        for edit in catalogue()
        if edit.edit.effective_from <= policy.day
        and (edit.edit.checks_voids or not is_void)
        and edit.applies(whatever_the_claim) is not False
    ]
    line_edits = [edit for edit in running if edit.edit.grain is Grain.LINE]
    all_line_edits = sum(edit.edit.grain is Grain.LINE for edit in catalogue())
    return _Plan(
        all_groups=_groups(running, policy_facts),
        line_groups=_groups(line_edits, policy_facts),
        idle_edits=len(catalogue()) - len(running),
        idle_line_edits=all_line_edits - len(line_edits),
        wanted=Wanted.among({name for edit in running for name in edit.facts}),
    )


def _groups(edits: Sequence[CatalogueEdit], policy_facts: Mapping[str, FactValue]) -> tuple[_Group, ...]:
    """One group of all edits whose facts have few values, and each other edit by itself."""
    alone = [edit for edit in edits if any(_has_many_values(FACTS[name]) for name in edit.facts)]
    together = [edit for edit in edits if edit not in alone]
    return tuple(_Group(group, policy_facts) for group in [together, *([edit] for edit in alone)] if group)


def _has_many_values(fact: Fact) -> bool:
    """Days, and the numbers of a claim such as its minutes, are often different from claim to claim."""
    return fact.kind is Kind.DAY or (fact.scope is Scope.CLAIM and fact.kind is Kind.INTEGER)
