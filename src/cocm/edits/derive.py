"""Derives the facts of a claim's lines, each once: per payer and date, claim, month or line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import Final

from cocm.claims.records import ServiceLine
from cocm.edits import facts as fact_modules
from cocm.edits.context import ClaimContext, LineContext, MonthContext, PolicyContext, month_index_of
from cocm.edits.fact import Fact, FactValue, Scope
from cocm.edits.subject import EditSubject
from cocm.rules import PackOn


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


_POLICY_FACTS: Final = _of(Scope.POLICY)
_CLAIM_FACTS: Final = tuple((fact.name, fact.derive) for fact in _of(Scope.CLAIM))
_MONTH_FACTS: Final = tuple((fact.name, fact.derive) for fact in _of(Scope.MONTH))
_LINE_FACTS: Final = tuple((fact.name, fact.derive) for fact in _of(Scope.LINE))


@lru_cache(maxsize=2048)
def policy_context(policy: PackOn) -> PolicyContext:
    """The payer's rules on a date with their facts; derived at the first call."""
    return PolicyContext(policy, {fact.name: fact.derive(policy) for fact in _POLICY_FACTS})


def derive_facts(subject: EditSubject) -> Iterator[tuple[ServiceLine, dict[str, FactValue]]]:
    """Each service line with a CoCM code, with all of its facts by name, UNKNOWN where not known."""
    policy = policy_context(subject.policy)
    codes = policy.cocm_codes
    cocm_lines = [line for line in subject.claim.lines if line.hcpcs_code in codes]
    if not cocm_lines:
        return
    claim = ClaimContext(subject, policy)
    of_claim = dict(policy.facts)
    for name, derive in _CLAIM_FACTS:
        of_claim[name] = derive(claim)
    of_months: dict[int, tuple[MonthContext, dict[str, FactValue]]] = {}
    for service_line in cocm_lines:
        month_index = month_index_of(service_line)
        if month_index not in of_months:
            month = MonthContext(claim, month_index)
            of_month = of_claim.copy()
            for name, derive in _MONTH_FACTS:
                of_month[name] = derive(month)
            of_months[month_index] = (month, of_month)
        month, of_month = of_months[month_index]
        values = of_month.copy()
        line = LineContext(service_line, month, values)
        for name, derive in _LINE_FACTS:
            values[name] = derive(line)
        yield service_line, values
