"""Every edit's answer on one claim, with what decided it: for somebody who looks at the claim, not at its findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cocm.claims.submission import VOID
from cocm.edits.check import verdict_of
from cocm.edits.derive import FACTS, derive_facts
from cocm.edits.discovery import catalogue
from cocm.edits.edit import CatalogueEdit, Grain, Verdict
from cocm.edits.finding import explain
from cocm.edits.subject import EditSubject
from cocm.edits.trace import Decision, FactReading, TracedFacts
from cocm.rules import RuleValue, Severity


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """What an edit says of the claim, or of one of its lines.

    `because` are the comparisons that decided, in words; `readings` the facts they read; `rules` the values the edit
    enforces for this payer and day, and those behind the facts. `severity` is what failing it does here.
    """

    entry: CatalogueEdit
    verdict: Verdict
    claim_line_number: int | None
    severity: Severity
    because: tuple[str, ...]
    readings: tuple[FactReading, ...]
    rules: tuple[RuleValue, ...]


def claim_answers(subject: EditSubject) -> tuple[EditAnswer, ...]:
    """The answer of each edit of the catalogue, those about the claim once and those about lines for each CoCM line.

    Failures come first, then what is not known, what passes, and what does not apply. An edit that was not yet in
    force, or does not look at a void, does not apply.
    """
    is_void = subject.claim.frequency_code == VOID
    found: list[EditAnswer] = []
    is_first = True
    for line, values in derive_facts(subject):
        for entry in catalogue():
            if entry.edit.grain is Grain.CLAIM and not is_first:
                continue
            number = line.claim_line_number if entry.edit.grain is Grain.LINE else None
            is_in_force = entry.edit.effective_from <= subject.policy.day
            if not is_in_force or (is_void and not entry.edit.checks_voids):
                why = f"in force from {entry.edit.effective_from}" if not is_in_force else "looks at no void"
                found.append(_idle(entry, number, subject, why))
                continue
            found.append(_answer(entry, values, number, subject))
        is_first = False
    return tuple(sorted(found, key=_rank))


def _idle(entry: CatalogueEdit, number: int | None, subject: EditSubject, why: str) -> EditAnswer:
    policy = subject.policy
    return EditAnswer(
        entry, Verdict.NOT_APPLICABLE, number, entry.severity_for(policy), (why,), (), entry.rules_for(policy)
    )


def _answer(
    entry: CatalogueEdit, values: dict[str, Any], number: int | None, subject: EditSubject
) -> EditAnswer:
    policy = subject.policy
    verdict = verdict_of(entry, values)
    if verdict in (Verdict.FAIL, Verdict.NO_DATA):
        finding = explain(
            entry, verdict, values, policy, claim_id=subject.claim.claim_id, claim_line_number=number
        )
        because = tuple(dict.fromkeys(decision.text for decision in finding.decisions))
        rules = (*finding.rules, *finding.rules_behind)
        return EditAnswer(entry, verdict, number, finding.severity, because, finding.readings, rules)
    traced: Any = TracedFacts(values, FACTS)
    truth = entry.applies(traced) if verdict is Verdict.NOT_APPLICABLE else entry.trips(traced)
    decisions: tuple[Decision, ...] = truth.because
    readings = {reading.fact.name: reading for decision in decisions for reading in decision.readings}
    behind = dict.fromkeys(
        rule_id
        for reading in readings.values()
        for rule_id in reading.fact.rules
        if rule_id not in entry.edit.rules
    )
    return EditAnswer(
        entry,
        verdict,
        number,
        entry.severity_for(policy),
        tuple(dict.fromkeys(decision.text for decision in decisions)),
        tuple(readings.values()),
        (*entry.rules_for(policy), *(policy.value(rule_id) for rule_id in behind)),
    )


_ORDER = {Verdict.FAIL: 0, Verdict.NO_DATA: 1, Verdict.PASS: 2, Verdict.NOT_APPLICABLE: 3}


def _rank(answer: EditAnswer) -> tuple[int, int, str, int]:
    return (
        _ORDER[answer.verdict],
        -answer.severity,
        answer.entry.id,
        answer.claim_line_number or 0,
    )
