"""Derives the facts of a claim's lines, each once: per payer and date, claim, month or line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
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


class LineColumns(NamedTuple):
    """The facts of many lines, column by column: each fact's values in the lines' order.

    `claim_numbers` says of each line whose it is: the position of its claim among those asked about.
    """

    lines: list[ServiceLine]
    claim_numbers: list[int]
    facts: dict[str, list[FactValue]]


def derive_columns(subjects: Sequence[EditSubject], policy: PackOn, wanted: Wanted) -> LineColumns:
    """What `derive_wanted` gives of each claim, for many claims under one policy.

    One fact is derived for all of them before the next: its code then stays near the processor.
    """
    context = policy_context(policy)
    codes = context.cocm_codes
    claim_numbers, claims, service_lines = [], [], []
    for number, subject in enumerate(subjects):
        cocm_lines = [line for line in subject.claim.lines if line.hcpcs_code in codes]
        if cocm_lines:
            claim_numbers.append(number)
            claims.append(ClaimContext(subject, context))
            service_lines.append(cocm_lines)
    of_claim = {name: [derive(claim) for claim in claims] for name, derive in wanted.of_claim}

    months: list[MonthContext] = []
    claim_of_month: list[int] = []
    month_of_line: list[int] = []
    for place, (claim, cocm_lines) in enumerate(zip(claims, service_lines, strict=True)):
        month_numbers: dict[int, int] = {}
        for line in cocm_lines:
            index = month_index_of(line)
            if index not in month_numbers:
                month_numbers[index] = len(months)
                months.append(MonthContext(claim, index))
                claim_of_month.append(place)
            month_of_line.append(month_numbers[index])
    of_month = {name: _picked(values, claim_of_month) for name, values in of_claim.items()}
    of_month |= {name: [derive(month) for month in months] for name, derive in wanted.of_month}

    of_months = []
    for place, month in enumerate(months):
        facts = _MonthFacts({name: values[place] for name, values in of_month.items()})
        facts.month = month
        of_months.append(facts)
    flat = [line for cocm_lines in service_lines for line in cocm_lines]
    lines = [
        LineContext(line, months[place], of_months[place])
        for line, place in zip(flat, month_of_line, strict=True)
    ]
    of_line = {name: _picked(values, month_of_line) for name, values in of_month.items()}
    of_line |= {name: [derive(line) for line in lines] for name, derive in wanted.of_line}
    return LineColumns(flat, [claim_numbers[claim_of_month[place]] for place in month_of_line], of_line)


def _picked(values: Sequence[FactValue], places: Sequence[int]) -> list[FactValue]:
    return list(map(values.__getitem__, places))


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
