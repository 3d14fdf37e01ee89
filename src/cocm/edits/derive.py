"""Derives the facts of a claim's lines, each once: per payer and date, claim, month or line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypeAlias

from cocm.claims.records import ServiceLine
from cocm.edits import facts as fact_modules
from cocm.edits.context import ClaimContext, LineContext, MonthContext, PolicyContext, month_index_of
from cocm.edits.fact import Fact, FactValue, Scope
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn

Derive: TypeAlias = Callable[[Any], FactValue]


def _declared() -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for module in sorted(module.name for module in iter_modules(fact_modules.__path__)):
        for name, value in vars(import_module(f"{fact_modules.__name__}.{module}")).items():
            if isinstance(value, Fact):
                assert value.name == name and name not in found, (
                    f"fact {name} is declared twice or under another name"
                )
                found[name] = value
    return dict(sorted(found.items(), key=lambda item: (list(Scope).index(item[1].scope), item[0])))


FACTS: Final[Mapping[str, Fact]] = MappingProxyType(_declared())
"""Every fact by name, policy facts first, then the claim's, the month's and the line's."""


def _of(scope: Scope) -> tuple[Fact, ...]:
    return tuple(fact for fact in FACTS.values() if fact.scope is scope)


class Wanted(NamedTuple):
    """The facts to derive of each claim, month and line: their names and definitions."""

    of_claim: tuple[tuple[str, Derive], ...]
    of_month: tuple[tuple[str, Derive], ...]
    of_line: tuple[tuple[str, Derive], ...]

    @classmethod
    def among(cls, names: Collection[str]) -> Wanted:
        """Those of some names; policy facts among them are at hand."""
        return cls(
            *(
                tuple((fact.name, fact.derive) for fact in _of(scope) if fact.name in names)
                for scope in (Scope.CLAIM, Scope.MONTH, Scope.LINE)
            )
        )


_POLICY_FACTS: Final = _of(Scope.POLICY)
_ALL: Final = Wanted.among(FACTS)


@lru_cache(maxsize=2048)
def policy_context(policy: PackOn) -> PolicyContext:
    """The payer's rules on a date with their facts; derived at the first call."""
    return PolicyContext(policy, {fact.name: fact.derive(policy) for fact in _POLICY_FACTS})


def derive_facts(subject: EditSubject) -> Iterator[tuple[ServiceLine, dict[str, FactValue]]]:
    """Each service line with a CoCM code, with all of its facts by name, UNKNOWN where not known."""
    policy_facts = policy_context(subject.policy).facts
    for line, values in derive_wanted(subject, _ALL):
        yield line, {**policy_facts, **values}


def derive_wanted(subject: EditSubject, wanted: Wanted) -> Iterator[tuple[ServiceLine, dict[str, FactValue]]]:
    """As `derive_facts`, but no more than the facts wanted, and without those of the policy."""
    policy = policy_context(subject.policy)
    codes = policy.cocm_codes
    cocm_lines = [line for line in subject.claim.lines if line.hcpcs_code in codes]
    if not cocm_lines:
        return
    claim = ClaimContext(subject, policy)
    of_claim = {name: derive(claim) for name, derive in wanted.of_claim}
    of_months: dict[int, tuple[MonthContext, _MonthFacts]] = {}
    for service_line in cocm_lines:
        month_index = month_index_of(service_line)
        if month_index not in of_months:
            month = MonthContext(claim, month_index)
            of_month = _MonthFacts(of_claim)
            of_month.month = month
            for name, derive in wanted.of_month:
                of_month[name] = derive(month)
            of_months[month_index] = (month, of_month)
        month, of_month = of_months[month_index]
        line = LineContext(service_line, month, of_month)
        values = dict(of_month)
        for name, derive in wanted.of_line:
            values[name] = derive(line)
        yield service_line, values


class _MonthFacts(dict[str, FactValue]):
    """A month's facts, with its claim's and its policy's: one that was not wanted is derived when a line reads it."""

    __slots__ = ("month",)
    month: MonthContext

    def __missing__(self, name: str) -> FactValue:
        scope = FACTS[name].scope
        if scope is Scope.POLICY:
            return self.month.claim.policy.facts[name]  # type: ignore[no-any-return]  # facts are
        value = self[name] = FACTS[name].derive(self.month if scope is Scope.MONTH else self.month.claim)
        return value
