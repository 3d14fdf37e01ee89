"""The regression set: ten thousand synthetic patient-months, the same on every machine and every day.

A month is a pack, a date, minutes and the facts of one line. What the payer's rules say is taken from the rulebook at
hand, so that a changed value turns decisions; everything else is drawn. Each pack and fact has its own stream of draws,
so that a new pack, fact or edit changes nothing in the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from random import Random
from typing import Final, NamedTuple

from cocm.coding.records import MonthKind
from cocm.coding.time import propose_for_minutes
from cocm.edits.derive import FACTS, policy_context
from cocm.edits.discovery import catalogue, find_edit
from cocm.edits.edit import Predicate, Verdict
from cocm.edits.fact import Fact, FactValue, Kind, Scope
from cocm.edits.kleene import UNKNOWN
from cocm.edits.view import Facts
from cocm.rules import PackOn, Rulebook

MONTHS_PER_PACK: Final = 420
"""So that the packs shipped come to more than ten thousand months, and each date comes up equally often."""
SEED: Final = 2026

DATES: Final = tuple(
    date.fromisoformat(text)
    for text in (
        "2017-06-30",
        "2018-02-28",
        "2021-03-31",
        "2024-02-29",
        "2025-12-31",
        "2026-01-31",
        "2026-03-31",
    )
)
"""Around the dates at which codes came and went."""
_CLEAN_IN_HUNDRED: Final = 60
_UNKNOWN_IN_HUNDRED: Final = 8
_NUMBERS: Final = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    12,
    15,
    16,
    20,
    30,
    31,
    36,
    60,
    70,
    85,
    100,
    116,
    180,
    366,
    400,
)
_DAYS_FROM_CLEAN: Final = (-400, -366, -181, -61, -31, -30, -1, 0, 1, 30)
_MINUTES: Final = (0, 10, 11, 15, 16, 19, 20, 29, 30, 31, 35, 36, 37, 45, 60, 68, 69, 70, 71, 75, 85, 86, 90, 99,
                   100, 101, 115, 116, 117, 130, 145, 146, 160, 175, 176, 190, 205, 206, 250, 400)  # fmt: skip
_EXAMPLE_EVERY: Final = 4
"""In every fourth month each edit meets one of its own cases' facts, so that rare ones trip as well."""
CODES: Final = "codes"
PASS: Final = Verdict.PASS.words
NOT_APPLICABLE: Final = Verdict.NOT_APPLICABLE.words
NO_DATA: Final = Verdict.NO_DATA.words


@dataclass(frozen=True, slots=True)
class SyntheticMonth:
    """One month of the set. `drawn` are its facts apart from the payer's."""

    number: int
    pack_id: str
    day: date
    minutes: int
    month_kind: MonthKind
    drawn: Mapping[str, FactValue]
    decided: dict[PackOn, Mapping[str, str]] = field(default_factory=dict, compare=False)

    @property
    def subject_id(self) -> str:
        return f"synthetic {self.pack_id} {self.number}"

    def verdicts(self, policy: PackOn) -> dict[str, str]:
        """The verdict of every edit in force on the day, a failure with what it does to the claim."""
        values = {**self.drawn, **policy_context(policy).facts}
        facts = Facts(values)
        turn, is_plain = divmod(self.number, _EXAMPLE_EVERY)
        answers: dict[str, str] = {}
        for edit_id, applies, trips, examples in _edits_on(self.day):
            read = facts if is_plain or not examples else Facts({**values, **examples[turn % len(examples)]})
            looks = applies(read)
            if looks is False:
                answers[edit_id] = NOT_APPLICABLE
                continue
            found = trips(read)
            if found is False:
                answers[edit_id] = PASS
            elif looks is True and found is True:
                answers[edit_id] = _failure(edit_id, policy)
            else:
                answers[edit_id] = NO_DATA
        return answers

    def codes(self, policy: PackOn) -> str:
        """The codes that the minutes earn."""
        proposal = propose_for_minutes(self.minutes, self.month_kind, policy)
        if proposal.has_no_data:
            return "no data"
        text = " + ".join(f"{one.hcpcs_code} x{one.units}" for one in proposal.lines) or "none"
        return f"{text}, to look at" if proposal.reviews else text

    def decide(self, policy: PackOn) -> Mapping[str, str]:
        """The codes, and every edit that does not pass."""
        found = self.decided.get(policy)
        if found is None:
            verdicts = self.verdicts(policy)
            answers = {name: text for name, text in verdicts.items() if text not in (PASS, NOT_APPLICABLE)}
            found = self.decided[policy] = {CODES: self.codes(policy), **answers}
        return found

    def amount_cents(self, policy: PackOn) -> int:
        """Nothing: the set is no practice's money."""
        return 0


def synthetic_months(
    rulebook: Rulebook, per_pack: int = MONTHS_PER_PACK, seed: int = SEED
) -> Iterator[SyntheticMonth]:
    """The set: so many months for each pack of a rulebook."""
    for pack_id in rulebook.payer_ids:
        stream = f"{seed}/{pack_id}"
        minutes = Random(f"{stream}/minutes").choices(_MINUTES, k=per_pack)
        kinds = Random(f"{stream}/month kind").choices((MonthKind.FIRST, MonthKind.LATER), k=per_pack)
        drawn = {
            name: _drawn(fact, per_pack, stream)
            for name, fact in FACTS.items()
            if fact.scope is not Scope.POLICY
        }
        for number in range(per_pack):
            yield SyntheticMonth(
                number=number,
                pack_id=pack_id,
                day=DATES[number % len(DATES)],
                minutes=minutes[number],
                month_kind=kinds[number],
                drawn={name: values[number] for name, values in drawn.items()},
            )


def _drawn(fact: Fact, count: int, stream: str) -> list[FactValue]:
    """A fact's values for so many months: mostly clean, sometimes not known, else any that may matter."""
    random = Random(f"{stream}/{fact.name}")
    menu = _menu(fact)
    rolls = random.choices(range(100), k=count)
    others = random.choices(menu, k=count)
    unknown_below = _UNKNOWN_IN_HUNDRED if fact.may_be_unknown else 0
    return [
        UNKNOWN if roll < unknown_below else fact.clean if roll < unknown_below + _CLEAN_IN_HUNDRED else other
        for roll, other in zip(rolls, others, strict=True)
    ]


def _menu(fact: Fact) -> list[FactValue]:
    if fact.kind is Kind.BOOLEAN:
        return [True, False]
    if fact.kind is Kind.INTEGER:
        return list(_NUMBERS)
    if fact.kind is Kind.DAY:
        assert isinstance(fact.clean, int)
        return [fact.clean + days for days in _DAYS_FROM_CLEAN]
    return [*_texts().get(fact.name, ()), fact.clean, ""]


class _Tried(NamedTuple):
    """An edit as it is tried: `examples` are the facts of its cases, without those that are the payer's."""

    edit_id: str
    applies: Predicate
    trips: Predicate
    examples: tuple[Mapping[str, FactValue], ...]


@lru_cache(maxsize=64)
def _edits_on(day: date) -> tuple[_Tried, ...]:
    """The edits in force on a day."""
    return tuple(
        _Tried(
            edit.id,
            edit.applies,
            edit.trips,
            tuple(
                {name: value for name, value in case.facts.items() if FACTS[name].scope is not Scope.POLICY}
                for case in edit.cases
            ),
        )
        for edit in catalogue()
        if edit.edit.effective_from <= day
    )


@lru_cache(maxsize=1)
def _texts() -> dict[str, tuple[str, ...]]:
    """The words each fact has in the catalogue's own cases."""
    found: dict[str, set[str]] = {}
    for edit in catalogue():
        for case in edit.cases:
            for name, value in case.facts.items():
                if isinstance(value, str):
                    found.setdefault(name, set()).add(value)
    return {name: tuple(sorted(texts)) for name, texts in found.items()}


@lru_cache(maxsize=65_536)
def _failure(edit_id: str, policy: PackOn) -> str:
    """A failure with what it does to the claim under a payer's rules."""
    edit = find_edit(edit_id)
    assert edit is not None  # it is of the catalogue
    return f"{Verdict.FAIL.words} ({edit.severity_for(policy).word})"
