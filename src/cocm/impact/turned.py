"""Which decisions a change turns, and which rule value turned each: tried out one by one, not guessed.

A decision is made under the old rules and under the new ones. Where it differs, it is made again under the old rules
with a single value changed, for each value that changed; those that alone bring the new answer are its cause.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final, Protocol

from cocm.basics.errors import UnknownPayer, UnknownRule
from cocm.edits.codes import cocm_codes
from cocm.edits.discovery import find_edit
from cocm.impact.revision import Revision, changed_tables
from cocm.rules import PackOn, Rulebook, RuleValue
from cocm.rules.profile import ROOT_PAYER
from cocm.rules.values import show_value


class Subject(Protocol):
    """Something that is decided: a claim, a patient-month."""

    @property
    def subject_id(self) -> str: ...

    @property
    def pack_id(self) -> str: ...

    @property
    def day(self) -> date: ...

    def decide(self, policy: PackOn) -> Mapping[str, str]:
        """What is decided about it, and how, under a payer's rules. What is left out is in order."""

    def amount_cents(self, policy: PackOn) -> int:
        """The money that hangs on it."""


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A rule value that is another one. The files are relative to their rulebook; empty where there is none."""

    rule_id: str
    label: str
    old_value: str
    new_value: str
    old_file: str
    new_file: str
    old_source: str
    new_source: str

    def __str__(self) -> str:
        where = self.new_file or self.old_file
        source = self.new_source or self.old_source or "no source"
        return f"{self.rule_id} ({where}): {self.old_value} -> {self.new_value} [{source}]"


@dataclass(frozen=True, slots=True)
class Turned:
    """One decision that comes out differently.

    `causes` are the values that alone turn it; where none does, `is_joint` and they are all that changed. `tables` are
    the changed tables, named where no rule value explains the change.
    """

    subject_id: str
    pack_id: str
    day: date
    decision: str
    before: str
    after: str
    causes: tuple[ValueChange, ...]
    is_joint: bool
    tables: tuple[str, ...]
    amount_before_cents: int
    amount_after_cents: int


IN_ORDER: Final = "in order"


@dataclass(slots=True)
class Totals:
    """The sums of a comparison. Money is that of the subjects with a turned decision, each counted once."""

    subjects: int = 0
    turned_subjects: int = 0
    turned_decisions: int = 0
    amount_before_cents: int = 0
    amount_after_cents: int = 0
    by_change: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    cents_by_change: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    by_cause: Counter[str] = field(default_factory=Counter)
    not_decided: list[str] = field(default_factory=list)

    def add(self, turned: list[Turned]) -> None:
        """Add the turned decisions of one subject."""
        self.subjects += 1
        if turned:
            self.turned_subjects += 1
            self.amount_before_cents += turned[0].amount_before_cents
            self.amount_after_cents += turned[0].amount_after_cents
            self._count(turned)

    def add_lines(self, line_count: int, turned: Sequence[Turned]) -> None:
        """Add claim lines that were decided in tables."""
        self.subjects += line_count
        by_line = {(one.subject_id, one.decision.partition(" line ")[2]): one for one in turned}
        self.turned_subjects += len(by_line)
        self.amount_before_cents += sum(one.amount_before_cents for one in by_line.values())
        self.amount_after_cents += sum(one.amount_after_cents for one in by_line.values())
        self._count(turned)

    def _count(self, turned: Sequence[Turned]) -> None:
        self.turned_decisions += len(turned)
        for one in turned:
            change = (one.decision.partition(" line ")[0], one.before, one.after)
            self.by_change[change] += 1
            self.cents_by_change[change] += one.amount_before_cents
            self.by_cause.update([str(cause) for cause in one.causes] or one.tables)


class Comparison:
    """Two rulebooks side by side. `totals` is complete when every subject has been compared."""

    def __init__(self, before: Revision, after: Revision) -> None:
        self.before, self.after = before, after
        self.tables = changed_tables(before.rulebook, after.rulebook)
        self.has_other_codes = cocm_codes(before.rulebook) != cocm_codes(after.rulebook)
        self.totals = Totals()
        self._changes: dict[tuple[str, date], dict[str, ValueChange]] = {}
        self._tried: dict[tuple[str, date, str], PackOn] = {}

    def changes(self, pack_id: str, day: date) -> dict[str, ValueChange]:
        """The values that differ for a pack on a day, by rule."""
        key = (pack_id, day)
        found = self._changes.get(key)
        if found is None:
            found = self._changes[key] = dict(self._differences(pack_id, day))
        return found

    def turned(self, subject: Subject) -> list[Turned]:
        """The subject's decisions that come out differently, with their causes."""
        pack_id, day = subject.pack_id, subject.day
        missing = [
            revision.name
            for revision in (self.before, self.after)
            if pack_id not in revision.rulebook.payer_ids
        ]
        if missing:
            self.totals.not_decided.append(
                f"{subject.subject_id}: no pack {pack_id} in {' and '.join(missing)}"
            )
            return []
        changes = self.changes(pack_id, day)
        if not changes and not self.tables and not self.has_other_codes:
            self.totals.add([])
            return []
        old = self.before.rulebook.pack(pack_id).on(day)
        new = self.after.rulebook.pack(pack_id).on(day)
        was, is_now = subject.decide(old), subject.decide(new)
        names = [name for name in {**was, **is_now} if was.get(name) != is_now.get(name)]
        found = [self._explained(subject, name, was, is_now, changes) for name in names]
        self.totals.add(found)
        return found

    def _explained(
        self,
        subject: Subject,
        name: str,
        was: Mapping[str, str],
        is_now: Mapping[str, str],
        changes: Mapping[str, ValueChange],
    ) -> Turned:
        policy = self.before.rulebook.pack(subject.pack_id).on(subject.day)
        entry = find_edit(name.partition(" line ")[0])
        behind = [rule_id for rule_id in (entry.rests_on if entry is not None else ()) if rule_id in changes]
        others = [rule_id for rule_id in changes if rule_id not in behind]
        alone = self._turning(subject, name, is_now, behind) or self._turning(subject, name, is_now, others)
        causes = tuple(changes[rule_id] for rule_id in alone or changes)
        return Turned(
            subject_id=subject.subject_id,
            pack_id=subject.pack_id,
            day=subject.day,
            decision=name,
            before=was.get(name, IN_ORDER),
            after=is_now.get(name, IN_ORDER),
            causes=causes,
            is_joint=not alone and len(changes) + len(self.tables) > 1,
            tables=() if alone else self.tables,
            amount_before_cents=subject.amount_cents(policy),
            amount_after_cents=subject.amount_cents(
                self.after.rulebook.pack(subject.pack_id).on(subject.day)
            ),
        )

    def _turning(
        self, subject: Subject, name: str, is_now: Mapping[str, str], rule_ids: Sequence[str]
    ) -> list[str]:
        """Those of the changed rules that alone bring the new answer."""
        return [
            rule_id
            for rule_id in rule_ids
            if subject.decide(self._with_one_change(subject, rule_id)).get(name) == is_now.get(name)
        ]

    def _with_one_change(self, subject: Subject, rule_id: str) -> PackOn:
        key = (subject.pack_id, subject.day, rule_id)
        policy = self._tried.get(key)
        if policy is None:
            old = self.before.rulebook.pack(subject.pack_id).on(subject.day)
            new = self.after.rulebook.pack(subject.pack_id).on(subject.day)
            policy = self._tried[key] = SubstitutedPolicy(old, new.value(rule_id))
        return policy

    def _differences(self, pack_id: str, day: date) -> Iterator[tuple[str, ValueChange]]:
        try:
            old = self.before.rulebook.pack(pack_id).on(day)
            new = self.after.rulebook.pack(pack_id).on(day)
        except UnknownPayer:
            return
        for rule_id in self.before.rulebook.rule_ids:
            try:
                was, is_now = old.value(rule_id), new.value(rule_id)
            except UnknownRule:
                continue  # a rule that was taken out: this program reads it no more
            if _decides(was) != _decides(is_now):
                yield rule_id, _change(was, is_now, self.before.rulebook, self.after.rulebook)


class SubstitutedPolicy(PackOn):
    """A payer's rules on a day with one value taken from elsewhere."""

    __slots__ = ()

    def __init__(self, policy: PackOn, value: RuleValue) -> None:
        super().__init__(policy.pack, policy.day)
        self._values[value.rule_id] = value


def _decides(value: RuleValue) -> tuple[object, ...]:
    return value.state, value.value, value.severity, value.may_block


def _change(was: RuleValue, is_now: RuleValue, before: Rulebook, after: Rulebook) -> ValueChange:
    return ValueChange(
        rule_id=was.rule_id,
        label=is_now.label,
        old_value=_shown(was, is_now),
        new_value=_shown(is_now, was),
        old_file=_file_of(was, before),
        new_file=_file_of(is_now, after),
        old_source=was.source.title if was.source else "",
        new_source=is_now.source.title if is_now.source else "",
    )


def _shown(value: RuleValue, other: RuleValue) -> str:
    """The value; where only its weight is another, that as well."""
    text = show_value(value.value) if value.is_known else value.state
    if (value.state, value.value) == (other.state, other.value):
        return f"{text} ({value.confidence.value}, {value.severity.word})"
    return text


def _file_of(value: RuleValue, rulebook: Rulebook) -> str:
    folder = f"payers/{value.payer_id}/rules"
    if rulebook.find_file(folder, value.rule_id) is not None:
        return f"{folder}/{value.rule_id}.yaml"
    is_root = value.payer_id == ROOT_PAYER or not value.is_known
    return str(Path("rules") / f"{value.rule_id}.yaml") if is_root else ""
