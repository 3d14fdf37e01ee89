"""Checks a claim: derives its facts, runs every edit in force, explains what failed or could not be known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias

from cocm.basics.identity import Provenance
from cocm.basics.records import maker
from cocm.claims.submission import VOID
from cocm.edits.derive import FACTS, Wanted, derive_columns, derive_wanted, policy_context
from cocm.edits.discovery import catalogue, catalogue_hash
from cocm.edits.edit import CatalogueEdit, Grain, Verdict
from cocm.edits.fact import Fact, FactValue, Kind, Scope
from cocm.edits.finding import CheckResult, Finding, explain
from cocm.edits.kleene import UNKNOWN
from cocm.edits.subject import EditSubject
from cocm.edits.view import Facts
from cocm.rules import PackOn

_JUDGEMENTS_MAX: Final = 20_000


def check_claim(subject: EditSubject) -> CheckResult:
    """The findings of a claim's CoCM lines: every edit that fails, and every one that cannot be decided.

    Lines with another code are left alone and named in `lines_left_alone`.
    """
    claim = subject.claim
    numbers = [line.claim_line_number for line in claim.lines]
    return _result(claim.claim_id, claim.provenance, numbers, list(_answered(subject)))


def _result(
    claim_id: str,
    provenance: Provenance,
    line_numbers: Sequence[int],
    lines: Sequence[_AnsweredLine],
) -> CheckResult:
    """What was found, of answers for each line's number, with the count of edits that are idle on it."""
    findings: list[Finding] = []
    passed = not_applicable = 0
    for line_number, idle, answers in lines:
        not_applicable += idle
        for answer in answers:
            passed += answer.passed
            not_applicable += answer.not_applicable
            for found in answer.findings:
                findings.append(_named(found.finding, claim_id, line_number if found.is_of_line else None))
    no_data = sum([finding.is_no_data for finding in findings])
    findings.sort(key=lambda finding: (-finding.severity, finding.edit_id, finding.claim_line_number or 0))
    checked = {line_number for line_number, _, _ in lines}
    return CheckResult(
        claim_id=claim_id,
        findings=tuple(findings),
        counts={
            Verdict.PASS: passed,
            Verdict.FAIL: len(findings) - no_data,
            Verdict.NOT_APPLICABLE: not_applicable,
            Verdict.NO_DATA: no_data,
        },
        lines_left_alone=tuple([number for number in line_numbers if number not in checked]),
        catalogue_hash=catalogue_hash(),
        provenance=provenance,
    )


def judge_claim(subject: EditSubject) -> CheckResult:
    """As `check_claim`, for somebody who decides many claims: claims of which the same is found share one result.

    The result and its findings name no claim.
    """
    return _judged(subject, _answered(subject))


def judge_claims(subjects: Sequence[EditSubject]) -> list[CheckResult]:
    """`judge_claim` of many claims, in their order; it takes half the time."""
    return list(map(_judged, subjects, _all_answered(subjects)))


def _judged(subject: EditSubject, lines: Iterable[_AnsweredLine]) -> CheckResult:
    answers: list[object] = []
    for number, idle, found in lines:
        answers += ((number, idle), *found)
    numbers = tuple([line.claim_line_number for line in subject.claim.lines])
    return _judgement(subject.claim.provenance, numbers, *answers)


@lru_cache(maxsize=_JUDGEMENTS_MAX)
def _judgement(provenance: Provenance, line_numbers: tuple[int, ...], *answers: object) -> CheckResult:
    """The result of some answers, each line's behind its number and how many edits are idle on it."""
    lines: list[tuple[int, int, list[_Answer]]] = []
    for one in answers:
        if isinstance(one, tuple):
            lines.append((*one, []))
        else:
            assert isinstance(one, _Answer)
            lines[-1][2].append(one)
    return _result("", provenance, line_numbers, lines)


def _answered(subject: EditSubject) -> Iterator[_AnsweredLine]:
    """Each CoCM line of a claim, answered."""
    plan = _plan(subject.policy, subject.claim.frequency_code == VOID)
    groups, idle, checked = plan.all_groups, plan.idle_edits, set[int]()
    for line, values in derive_wanted(subject, plan.wanted):
        yield line.claim_line_number, idle, [group.answer(values) for group in groups]
        if not checked:
            checked.add(line.claim_line_number)
            groups, idle = plan.line_groups, plan.idle_line_edits


def _all_answered(subjects: Sequence[EditSubject]) -> list[list[_AnsweredLine]]:
    """Each CoCM line of each claim, answered: what `_answered` gives, of all claims under a policy together."""
    together: dict[tuple[PackOn, bool], list[int]] = {}
    for number, subject in enumerate(subjects):
        terms = (subject.policy, subject.claim.frequency_code == VOID)
        together.setdefault(terms, []).append(number)
    answered: list[list[_AnsweredLine]] = [[] for _ in subjects]
    for (policy, is_void), numbers in together.items():
        plan = _plan(policy, is_void)
        columns = derive_columns([subjects[number] for number in numbers], policy, plan.wanted)
        is_first = [number != before for before, number in pairwise([-1, *columns.claim_numbers])]
        for groups, idle, wanted in (
            (plan.all_groups, plan.idle_edits, True),
            (plan.line_groups, plan.idle_line_edits, False),
        ):
            places = [place for place, first in enumerate(is_first) if first is wanted]
            by_group = [group.answers(columns.facts, places) for group in groups]
            for position, place in enumerate(places):
                line_number = columns.lines[place].claim_line_number
                answers = [of_group[position] for of_group in by_group]
                answered[numbers[columns.claim_numbers[place]]].append((line_number, idle, answers))
    return answered


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


class _Found(NamedTuple):
    """What was found about a line or, by an edit about the claim as a whole, on its first line."""

    finding: Finding
    is_of_line: bool


class _Answer:
    """What a group of edits says of a line: what failed or could not be decided, and how many did neither.

    Compared by identity: a group gives the same facts the same answer.
    """

    __slots__ = ("findings", "not_applicable", "passed")

    def __init__(self, findings: tuple[_Found, ...], passed: int, not_applicable: int) -> None:
        self.findings = findings
        self.passed = passed
        self.not_applicable = not_applicable


class _Group:
    """Edits that are answered together, and the answers given: the same facts have the same answer and reasons.

    Most claims of a payer have the same facts but for some days and numbers, so that a look-up takes the place of
    nearly every evaluation.
    """

    __slots__ = ("_edits", "_key_of", "_known", "_names", "_policy")

    def __init__(self, edits: Sequence[CatalogueEdit], policy: PackOn) -> None:
        known = policy_context(policy).facts
        names = sorted({name for edit in edits for name in edit.facts if name not in known})
        self._policy = policy
        self._edits = tuple(edits)
        self._names = names
        self._key_of: Callable[[dict[str, FactValue]], object] = itemgetter(*names) if names else len
        self._known: dict[object, _Answer] = {}

    def answer(self, values: dict[str, FactValue]) -> _Answer:
        """The answer for a line's facts."""
        key = self._key_of(values)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _ANSWERS_MAX:
                self._known.clear()
            known = self._known[key] = self._evaluated({**policy_context(self._policy).facts, **values})
        return known

    def answers(self, facts: Mapping[str, list[FactValue]], places: Sequence[int]) -> list[_Answer]:
        """The answers for the lines at some places of the columns of facts."""
        if not self._names:
            keys: Sequence[object] = [len(facts)] * (max(places, default=-1) + 1)
        elif len(self._names) == 1:
            keys = facts[self._names[0]]
        else:
            keys = list(zip(*[facts[name] for name in self._names], strict=True))
        known = self._known
        return [
            known.get(keys[place]) or self.answer({name: values[place] for name, values in facts.items()})
            for place in places
        ]

    def _evaluated(self, values: Mapping[str, FactValue]) -> _Answer:
        verdicts = [(edit, verdict_of(edit, values)) for edit in self._edits]
        return _Answer(
            tuple(
                self._found(edit, verdict, values)
                for edit, verdict in verdicts
                if verdict in (Verdict.FAIL, Verdict.NO_DATA)
            ),
            sum(verdict is Verdict.PASS for _, verdict in verdicts),
            sum(verdict is Verdict.NOT_APPLICABLE for _, verdict in verdicts),
        )

    def _found(self, edit: CatalogueEdit, verdict: Verdict, values: Mapping[str, FactValue]) -> _Found:
        finding = explain(edit, verdict, values, self._policy, claim_id="", claim_line_number=None)
        return _Found(finding, edit.edit.grain is Grain.LINE)


def _named(found: Finding, claim_id: str, line_number: int | None) -> Finding:
    """The finding on a claim and line."""
    return _finding(
        found.edit_id,
        found.title,
        found.severity,
        found.verdict,
        claim_id,
        line_number,
        found.decisions,
        found.explanation,
        found.rules,
        found.rules_behind,
        found.source,
        found.fix,
    )


_finding = maker(Finding)
_AnsweredLine: TypeAlias = tuple[int, int, Sequence[_Answer]]
"""A CoCM line's number, how many edits are idle on it, and the answers of the others."""


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
        all_groups=_groups(running, policy),
        line_groups=_groups(line_edits, policy),
        idle_edits=len(catalogue()) - len(running),
        idle_line_edits=all_line_edits - len(line_edits),
        wanted=Wanted.among({name for edit in running for name in edit.facts}),
    )


def _groups(edits: Sequence[CatalogueEdit], policy: PackOn) -> tuple[_Group, ...]:
    """One group of all edits whose facts have few values, and each other edit by itself."""
    alone = [edit for edit in edits if any(_has_many_values(FACTS[name]) for name in edit.facts)]
    together = [edit for edit in edits if edit not in alone]
    return tuple(_Group(group, policy) for group in [together, *([edit] for edit in alone)] if group)


def _has_many_values(fact: Fact) -> bool:
    """Days, and the numbers of a claim such as its minutes, are often different from claim to claim."""
    return fact.kind is Kind.DAY or (fact.scope is Scope.CLAIM and fact.kind is Kind.INTEGER)
