"""What an edit is: a dated check with an id, and the four answers it can give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from cocm.edits.fact import FactValue
from cocm.edits.kleene import Truth
from cocm.edits.view import Facts
from cocm.rules import PackOn, RuleValue, Severity

Predicate: TypeAlias = Callable[[Facts], Truth]


class Verdict(StrEnum):
    """The answer of an edit. No data is a verdict of its own and never clean."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"

    @property
    def words(self) -> str:
        """The verdict for people."""
        return self.value.replace("_", " ")


class Grain(StrEnum):
    """What one finding is about: the whole claim, or one service line."""

    CLAIM = "claim"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Edit:
    """The head of an edit's file.

    `severity` is the most it may do; what it does for a payer is `severity_for`. `rules` are the rulebook
    values that it enforces; `cites` the source of what no rule holds. `fix` says what to do, in the field's
    words. A void asks for no money, so only an edit that `checks_voids` looks at one.
    """

    id: str
    title: str
    severity: Severity
    grain: Grain
    effective_from: date
    rules: tuple[str, ...]
    fix: str
    cites: str = ""
    checks_voids: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """An example: a clean later-month line with some facts overridden, and the verdict it must get."""

    name: str
    verdict: Verdict
    facts: dict[str, FactValue]


def case(name: str, verdict: Verdict, **facts: FactValue) -> Case:
    """A named case in domain words."""
    return Case(name, verdict, facts)


@dataclass(frozen=True, slots=True)
class CatalogueEdit:
    """An edit of the catalogue with its predicates and cases.

    `facts` are the names of all facts that the predicates read; `rests_on` the rules behind them and those
    enforced.
    """

    edit: Edit
    doc: str
    applies: Predicate
    trips: Predicate
    cases: tuple[Case, ...]
    facts: tuple[str, ...]
    rests_on: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.edit.id

    def severity_for(self, policy: PackOn) -> Severity:
        """What failing it does under a payer's rules: no more than the edit and each rule it enforces allow.

        A value that is merely assumed never blocks, wherever it stands behind the facts.
        """
        severity = self.edit.severity
        for rule_id in self.rests_on:
            severity = min(severity, _allowed_by(policy.value(rule_id), rule_id in self.edit.rules))
        return severity

    def rules_for(self, policy: PackOn) -> tuple[RuleValue, ...]:
        """The values that it enforces under a payer's rules."""
        return tuple(policy.value(rule_id) for rule_id in self.edit.rules)


def _allowed_by(rule: RuleValue, is_enforced: bool) -> Severity:
    if not rule.is_known:
        return Severity.BLOCK
    most = rule.severity if is_enforced else Severity.BLOCK
    return most if rule.may_block else min(most, Severity.REVIEW)
