"""What checking a claim yields: findings with their computed reasons, and the count of every verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cocm.basics.identity import Provenance
from cocm.basics.records import quickly_made
from cocm.edits.derive import FACTS
from cocm.edits.discovery import find_edit
from cocm.edits.edit import CatalogueEdit, Verdict
from cocm.edits.fact import FactValue
from cocm.edits.kleene import UNKNOWN
from cocm.edits.trace import Decision, FactReading, TracedFacts, TracedTruth
from cocm.rules import PackOn, RuleValue, Severity


@quickly_made
@dataclass(frozen=True, slots=True)
class Finding:
    """An edit that failed, or could not be decided, on a claim or one of its lines.

    `severity` is what it does under this payer's rules; what is not known never does more than ask for a
    person. `decisions` are the comparisons that decided, with the facts they read; `explanation` is those
    in words. `rules` are the values the edit enforces; `citations` adds those behind the deciding facts and
    the edit's own source.
    """

    edit_id: str
    title: str
    severity: Severity
    verdict: Verdict
    claim_id: str
    claim_line_number: int | None
    decisions: tuple[Decision, ...]
    explanation: str
    rules: tuple[RuleValue, ...]
    rules_behind: tuple[RuleValue, ...]
    source: str
    fix: str

    @property
    def is_no_data(self) -> bool:
        """Whether it is not known, rather than known to be wrong."""
        return self.verdict is Verdict.NO_DATA

    @property
    def citations(self) -> tuple[str, ...]:
        """One line for each rule value, and the edit's own source."""
        cites = tuple(rule.cite for rule in (*self.rules, *self.rules_behind))
        return (*cites, self.source) if self.source else cites

    @property
    def readings(self) -> tuple[FactReading, ...]:
        """The facts that decided, each once, with their values."""
        found = {reading.fact.name: reading for decision in self.decisions for reading in decision.readings}
        return tuple(found.values())

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "edit_id": self.edit_id,
            "title": self.title,
            "severity": self.severity.word,
            "verdict": self.verdict.value,
            "claim_id": self.claim_id,
            "claim_line_number": self.claim_line_number,
            "explanation": self.explanation,
            "facts": {
                reading.fact.name: None if reading.value is UNKNOWN else reading.value
                for reading in self.readings
            },
            "citations": list(self.citations),
            "fix": self.fix,
        }


@quickly_made
@dataclass(frozen=True, slots=True)
class CheckResult:
    """All findings of one claim, worst first, with how often each verdict was given.

    `lines_left_alone` are the numbers of the lines that have no CoCM code and were not checked.
    """

    claim_id: str
    findings: tuple[Finding, ...]
    counts: Mapping[Verdict, int]
    lines_left_alone: tuple[int, ...]
    catalogue_hash: str
    provenance: Provenance

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What is known to be wrong."""
        return tuple(finding for finding in self.findings if not finding.is_no_data)

    @property
    def no_data(self) -> tuple[Finding, ...]:
        """What could not be decided for want of facts."""
        return tuple(finding for finding in self.findings if finding.is_no_data)

    @property
    def is_blocked(self) -> bool:
        """Whether a failure stops the claim."""
        return any(finding.severity is Severity.BLOCK for finding in self.findings)

    @property
    def is_clean(self) -> bool:
        """Whether nothing failed and nothing is unknown."""
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            **self.provenance.as_json(),
            "catalogue_hash": self.catalogue_hash,
            "claim_id": self.claim_id,
            "findings": [finding.as_json() for finding in self.findings],
            "counts": {verdict.value: self.counts[verdict] for verdict in Verdict},
            "lines_left_alone": list(self.lines_left_alone),
        }


def explain(
    checked: CatalogueEdit,
    verdict: Verdict,
    values: Mapping[str, FactValue],
    policy: PackOn,
    *,
    claim_id: str,
    claim_line_number: int | None,
) -> Finding:
    """The finding of a verdict already reached, with reasons from one more, traced evaluation."""
    traced: Any = TracedFacts(values, FACTS)
    decisions, explanation = _reasons(verdict, checked.applies(traced), checked.trips(traced))
    severity, enforced = _grounds(policy, checked.id)
    if verdict is Verdict.NO_DATA:
        severity = min(severity, Severity.REVIEW)
    behind = dict.fromkeys(
        rule_id
        for decision in decisions
        for reading in decision.readings
        for rule_id in reading.fact.rules
        if rule_id not in checked.edit.rules
    )
    return Finding(
        edit_id=checked.id,
        title=checked.edit.title,
        severity=severity,
        verdict=verdict,
        claim_id=claim_id,
        claim_line_number=claim_line_number,
        decisions=decisions,
        explanation=explanation,
        rules=enforced,
        rules_behind=tuple(policy.value(rule_id) for rule_id in behind),
        source=checked.edit.cites,
        fix=checked.edit.fix,
    )


@lru_cache(maxsize=65536)
def _grounds(policy: PackOn, edit_id: str) -> tuple[Severity, tuple[RuleValue, ...]]:
    checked = find_edit(edit_id)
    assert checked is not None
    return checked.severity_for(policy), checked.rules_for(policy)


def _reasons(verdict: Verdict, applies: TracedTruth, trips: TracedTruth) -> tuple[tuple[Decision, ...], str]:
    """The decisions and their words: what is wrong or unknown first, then why the edit looked at the line."""
    if verdict is Verdict.FAIL:
        return trips.because + applies.because, f"{_sentence(trips.because)} {_context(applies.because)}"
    unknown = tuple(
        decision for truth in (applies, trips) if truth.value is UNKNOWN for decision in truth.because
    )
    text = f"Not known: {_listed(unknown)}."
    if applies.value is UNKNOWN:
        return unknown, text
    return unknown + applies.because, f"{text} {_context(applies.because)}"


def _context(decisions: tuple[Decision, ...]) -> str:
    return f"Checked because {_listed(decisions)}."


def _sentence(decisions: tuple[Decision, ...]) -> str:
    text = _listed(decisions)
    return f"{text[0].upper()}{text[1:]}."


def _listed(decisions: tuple[Decision, ...]) -> str:
    return ", and ".join(dict.fromkeys(decision.text for decision in decisions))
