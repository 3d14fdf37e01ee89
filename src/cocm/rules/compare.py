"""Questions about the rulebook itself: where packs differ, and which values nobody has looked at lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from cocm.rules.profile import ROOT_PAYER
from cocm.rules.rulebook import Rulebook
from cocm.rules.values import DatedValue, Rule, RuleValue


@dataclass(frozen=True, slots=True)
class Difference:
    """One rule on which two packs differ on a date."""

    rule: Rule
    first: RuleValue
    second: RuleValue


@dataclass(frozen=True, slots=True)
class AgedValue:
    """A value of a pack that was observed `age_days` ago."""

    rule: Rule
    payer_id: str
    value: DatedValue
    age_days: int


def differences(rulebook: Rulebook, first_payer: str, second_payer: str, day: date) -> tuple[Difference, ...]:
    """The rules whose value, state or severity differs between two packs on a date. Raises `UnknownPayer`."""
    first, second = rulebook.pack(first_payer).on(day), rulebook.pack(second_payer).on(day)
    found = (Difference(rulebook.rule(id_), first.value(id_), second.value(id_)) for id_ in rulebook.rule_ids)
    return tuple(one for one in found if _decides(one.first) != _decides(one.second))


def rule_files(rulebook: Rulebook) -> Iterator[tuple[str, Rule]]:
    """Every pack's own statement of every rule: the root's first, then each payer's overrides."""
    for rule_id in rulebook.rule_ids:
        yield ROOT_PAYER, rulebook.rule(rule_id)
    for payer_id in rulebook.payer_ids:
        for rule_id in rulebook.override_ids(payer_id):
            override = rulebook.override(payer_id, rule_id)
            if override is not None:
                yield payer_id, override


def standing_values(rule: Rule) -> tuple[DatedValue, ...]:
    """The rows that have not been corrected since, in the order of their dates."""
    return tuple({value.effective_from: value for value in rule.values}.values())


def aged_values(rulebook: Rulebook, *, as_of: date, older_than_days: int) -> tuple[AgedValue, ...]:
    """The values in force on a day or later, observed more than so many days before it; oldest first."""
    found: list[AgedValue] = []
    for payer_id, rule in rule_files(rulebook):
        standing = standing_values(rule)
        for number, value in enumerate(standing):
            ends = value.effective_to
            if ends is None and number + 1 < len(standing):
                ends = standing[number + 1].effective_from
            age_days = (as_of - value.observed).days
            if (ends is None or ends > as_of) and age_days > older_than_days:
                found.append(AgedValue(rule, payer_id, value, age_days))
    return tuple(sorted(found, key=lambda aged: (-aged.age_days, aged.rule.rule_id, aged.payer_id)))


def _decides(value: RuleValue) -> tuple[object, ...]:
    return value.state, value.value, value.severity
