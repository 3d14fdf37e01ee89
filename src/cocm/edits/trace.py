"""Traced evaluation: the same predicates on values that remember which facts decided.

`&` does not short-circuit in Python, so recording what is read would name every fact. Here each truth
carries only the comparisons that made it so: a false `&` those of its false side, a true `|` those of its
true side, an unknown one those that are unknown. Used for findings only; the plain path knows nothing of
it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cocm.basics.records import quickly_made
from cocm.edits.fact import Fact, FactValue, Kind
from cocm.edits.kleene import UNKNOWN, Unknown, not_
from cocm.edits.words import comparison_words


@quickly_made
@dataclass(frozen=True, slots=True)
class FactReading:
    """A fact that took part in a decision, with its value."""

    fact: Fact
    value: FactValue

    @property
    def text(self) -> str:
        """The fact and its value for people: `the number of add-on units in the month (5)`."""
        return f"{self.fact.says} ({self.fact.show(self.value)})"

    @property
    def plain(self) -> str:
        """The same as a statement: `the number of base units in the month is 0`."""
        return f"{self.fact.says} is {self.fact.show(self.value)}"


@quickly_made
@dataclass(frozen=True, slots=True)
class Decision:
    """One comparison that decided, in words, with the facts it read (those not known, where that decided)."""

    text: str
    readings: tuple[FactReading, ...]


class TracedTruth:
    """A truth with the decisions that made it."""

    __slots__ = ("because", "value")

    def __init__(self, value: bool | Unknown, because: tuple[Decision, ...]) -> None:
        self.value = value
        self.because = because

    def __and__(self, other: TracedTruth) -> TracedTruth:
        return _combine(self, other, decisive=False)

    def __or__(self, other: TracedTruth) -> TracedTruth:
        return _combine(self, other, decisive=True)

    def __invert__(self) -> TracedTruth:
        return TracedTruth(not_(self.value), self.because)

    def __bool__(self) -> bool:
        raise TypeError("a traced truth is read by its value")


def _combine(left: TracedTruth, right: TracedTruth, *, decisive: bool) -> TracedTruth:
    for side in (left, right):
        if side.value is decisive:
            return side
    unknown = tuple(decision for side in (left, right) if side.value is UNKNOWN for decision in side.because)
    if unknown:
        return TracedTruth(UNKNOWN, unknown)
    return TracedTruth(not decisive, left.because + right.because)


class TracedValue:
    """A number, day or text with the fact it comes from; comparing gives a `TracedTruth`."""

    __slots__ = ("reading",)

    def __init__(self, reading: FactReading) -> None:
        self.reading = reading

    def __eq__(self, other: object) -> TracedTruth:  # type: ignore[override]  # never a bool, on purpose
        return self._compare("==", operator.eq, other)

    def __ne__(self, other: object) -> TracedTruth:  # type: ignore[override]  # never a bool, on purpose
        return self._compare("!=", operator.ne, other)

    def __lt__(self, other: object) -> TracedTruth:
        return self._compare("<", operator.lt, other)

    def __le__(self, other: object) -> TracedTruth:
        return self._compare("<=", operator.le, other)

    def __gt__(self, other: object) -> TracedTruth:
        return self._compare(">", operator.gt, other)

    def __ge__(self, other: object) -> TracedTruth:
        return self._compare(">=", operator.ge, other)

    __hash__ = None  # type: ignore[assignment]  # equality yields a truth with its reasons, so it cannot be a key

    def in_(self, members: Collection[object]) -> TracedTruth:
        """Whether the value is one of the members."""
        reading = self.reading
        if reading.value is UNKNOWN:
            return _unknown(reading)
        is_member = reading.value in members
        text = reading.plain
        if not is_member:
            text += f", not {' or '.join(reading.fact.show(member) for member in members)}"  # type: ignore[arg-type]
        return TracedTruth(is_member, (Decision(text, (reading,)),))

    def _compare(self, sign: str, compare: Callable[[Any, Any], Any], other: object) -> TracedTruth:
        left = self.reading
        right = other.reading if isinstance(other, TracedValue) else None
        unknown = [reading for reading in (left, right) if reading is not None and reading.value is UNKNOWN]
        if unknown:
            return _unknown(*unknown)
        if right is None:
            truth = bool(compare(left.value, other))
            return TracedTruth(truth, (Decision(_with_literal(left, sign, other, truth), (left,)),))
        truth = bool(compare(left.value, right.value))
        return TracedTruth(
            truth,
            (
                Decision(
                    f"{left.text} {comparison_words(left.fact.kind, sign, truth)} {right.text}", (left, right)
                ),
            ),
        )


def _with_literal(left: FactReading, sign: str, literal: Any, truth: bool) -> str:
    """A comparison with a literal; where both are the same, or must be, the value is said once."""
    if sign not in ("==", "!="):
        return f"{left.text} {comparison_words(left.fact.kind, sign, truth)} {left.fact.show(literal)}"
    is_same = (sign == "==") is truth
    return left.plain if is_same else f"{left.plain}, not {left.fact.show(literal)}"


def _unknown(*readings: FactReading) -> TracedTruth:
    return TracedTruth(UNKNOWN, tuple(Decision(reading.fact.says, (reading,)) for reading in readings))


class TracedFacts:
    """A line's facts as traced values, for evaluating a predicate once more."""

    __slots__ = ("_declared", "_values")

    def __init__(self, values: Mapping[str, FactValue], declared: Mapping[str, Fact]) -> None:
        self._values = values
        self._declared = declared

    def __getattr__(self, name: str) -> TracedValue | TracedTruth:
        fact, value = self._declared[name], self._values[name]
        reading = FactReading(fact, value)
        if fact.kind is not Kind.BOOLEAN:
            return TracedValue(reading)
        if isinstance(value, Unknown):
            return TracedTruth(UNKNOWN, (Decision(f"whether {fact.says}", (reading,)),))
        return TracedTruth(bool(value), (Decision(fact.says if value else fact.denies, (reading,)),))
