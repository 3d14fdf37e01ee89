"""A rule and its dated values: what holds, from when, since when it is known, who says so and how sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from typing import Final, TypeAlias

PlainValue: TypeAlias = int | bool | str | frozenset[str] | None
"""What a rule can hold. None is a stated "none" (no limit, not covered) and never "not known"."""


class Confidence(StrEnum):
    """How sure a value is. `stated` and `secondary` may block, `assumed` warns, `unknown` yields no data."""

    STATED = "stated"
    SECONDARY = "secondary"
    ASSUMED = "assumed"
    UNKNOWN = "unknown"


class Severity(IntEnum):
    """What breaking a rule does to a claim, from least to most."""

    INFORM = 1
    REVIEW = 2
    BLOCK = 3

    @classmethod
    def of(cls, word: str) -> Severity:
        """The severity named `block`, `review` or `inform`."""
        return cls[word.upper()]

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Source:
    """A document: short title, where it is, and its grade.

    A law, government, CMS data; B payer, association; C other; K domain knowledge, primary source not read.
    """

    ref: str
    title: str
    url: str
    grade: str


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One row of a rule: the value from a date on, until the next row's.

    `observed` is the day we learned it. `effective_to` (exclusive) is optional and must meet the next row.
    """

    effective_from: date
    effective_to: date | None
    observed: date
    value: PlainValue
    confidence: Confidence
    source: Source
    locator: str
    severity: Severity | None
    note: str

    @property
    def is_unknown(self) -> bool:
        return self.confidence is Confidence.UNKNOWN


@dataclass(frozen=True, slots=True)
class Case:
    """An example in a rule file: on this date, for this pack, this is expected."""

    at: date
    expect: PlainValue
    expect_state: str
    payer_id: str | None
    known: date | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One concept. `values` are the root pack's (`cpt`); packs override them in files of their own."""

    rule_id: str
    label: str
    kind: str
    unit: str
    severity: Severity
    meaning: str
    none_means: str
    choices: frozenset[str]
    contradiction: str
    values: tuple[DatedValue, ...]
    cases: tuple[Case, ...]


NOT_DEFINED: Final = "not-defined"
UNKNOWN: Final = "unknown"
KNOWN: Final = "known"


@dataclass(frozen=True, slots=True)
class RuleValue:
    """A rule resolved for a pack on a date: the answer with everything needed to cite it.

    `state` is `known`, `unknown` (a pack says that nobody knows: no data) or `not-defined` (the concept does
    not exist on that date). `value` means something only when known; there None is the stated "none".
    """

    rule_id: str
    label: str
    state: str
    value: PlainValue
    severity: Severity
    confidence: Confidence
    payer_id: str
    effective_from: date | None
    effective_to: date | None
    observed: date | None
    source: Source | None
    locator: str
    note: str

    @property
    def is_known(self) -> bool:
        return self.state == KNOWN

    @property
    def may_block(self) -> bool:
        return self.is_known and self.confidence in (Confidence.STATED, Confidence.SECONDARY)

    @property
    def integer(self) -> int | None:
        """The value as a whole number; None when it is a stated "none" or not known."""
        return self.value if isinstance(self.value, int) and not isinstance(self.value, bool) else None

    @property
    def flag(self) -> bool | None:
        """The value as true or false; None when not known."""
        return self.value if isinstance(self.value, bool) else None

    @property
    def text(self) -> str | None:
        """The value as a word or code; None when it is a stated "none" or not known."""
        return self.value if isinstance(self.value, str) else None

    @property
    def members(self) -> frozenset[str]:
        """The value as a set of words or codes; empty when none or not known."""
        return self.value if isinstance(self.value, frozenset) else frozenset()

    @property
    def cite(self) -> str:
        """One line for people: rule, value, since when, from which source, how sure."""
        if self.state == NOT_DEFINED:
            return f"{self.rule_id}: not defined on this date"
        source = f"{self.source.title}" if self.source else "no source"
        if self.state == UNKNOWN:
            return f"{self.rule_id} [{self.payer_id}]: unknown, nobody has established it ({source})"
        return (
            f"{self.rule_id} = {show_value(self.value)} [{self.payer_id}, from {self.effective_from}, "
            f"{self.confidence.value}: {source}]"
        )


HUNDREDTHS_OF_PERCENT: Final = "hundredth of a percent"
"""How the unit of a rule begins whose value is a percentage with two places, as a whole number."""


def percent_text(hundredths: int, unit: str) -> str:
    """Such a value as people write it: 1500 is `15 percent a year`, 1025 `10.25 percent a year`."""
    whole, rest = divmod(hundredths, 100)
    places = f".{rest:02d}".rstrip("0") if rest else ""
    return f"{whole}{places} percent{unit.removeprefix(HUNDREDTHS_OF_PERCENT)}"


def show_value(value: PlainValue) -> str:
    """A value as the rule files write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return ", ".join(sorted(value)) or "(empty)"
    return str(value)
