"""Conditions in words: a predicate handed the facts' names instead of values says what it asks.

The words are the facts' own, so that a page or a command cannot say something else than the edit does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from cocm.edits.edit import Predicate
from cocm.edits.fact import Fact, Kind

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "==": ("is", "is not"),
    "!=": ("is not", "is"),
    ">": ("is more than", "is not more than"),
    ">=": ("is at least", "is less than"),
    "<": ("is less than", "is not less than"),
    "<=": ("is at most", "is more than"),
}
_DAY_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **_WORDS,
    ">": ("is after", "is not after"),
    ">=": ("is not before", "is before"),
    "<": ("is before", "is not before"),
    "<=": ("is not after", "is after"),
}


def comparison_words(kind: Kind, sign: str, truth: bool) -> str:
    """What is so between two values of a kind; of a comparison that does not hold, its opposite."""
    return (_DAY_WORDS if kind is Kind.DAY else _WORDS)[sign][0 if truth else 1]


def condition_words(predicate: Predicate, declared: Mapping[str, Fact]) -> str:
    """What a predicate asks, in words."""
    condition: Any = predicate(_NamedFacts(declared))  # type: ignore[arg-type]  # names instead of values
    assert isinstance(condition, _Condition)
    return condition.when_true


class _Condition:
    """A condition in words, with its opposite. A `joint` one needs brackets beside another conjunction."""

    __slots__ = ("joint", "when_false", "when_true")

    def __init__(self, when_true: str, when_false: str, joint: str = "") -> None:
        self.when_true = when_true
        self.when_false = when_false
        self.joint = joint

    def __and__(self, other: _Condition) -> _Condition:
        when_true = f"{self._within('and')} and {other._within('and')}"
        return _Condition(when_true, f"{self.when_false}, or {other.when_false}", "and")

    def __or__(self, other: _Condition) -> _Condition:
        when_true = f"{self._within('or')}, or {other._within('or')}"
        return _Condition(when_true, f"{self.when_false} and {other.when_false}", "or")

    def __invert__(self) -> _Condition:
        opposite = {"and": "or", "or": "and", "": ""}[self.joint]
        return _Condition(self.when_false, self.when_true, opposite)

    def _within(self, conjunction: str) -> str:
        return self.when_true if self.joint in ("", conjunction) else f"({self.when_true})"


class _Name:
    """A number, day or text by its name."""

    __slots__ = ("fact",)

    def __init__(self, fact: Fact) -> None:
        self.fact = fact

    def __eq__(self, other: object) -> _Condition:  # type: ignore[override]  # words, on purpose
        return self._compare("==", other)

    def __ne__(self, other: object) -> _Condition:  # type: ignore[override]  # words, on purpose
        return self._compare("!=", other)

    def __lt__(self, other: object) -> _Condition:
        return self._compare("<", other)

    def __le__(self, other: object) -> _Condition:
        return self._compare("<=", other)

    def __gt__(self, other: object) -> _Condition:
        return self._compare(">", other)

    def __ge__(self, other: object) -> _Condition:
        return self._compare(">=", other)

    __hash__ = None  # type: ignore[assignment]  # equality yields words, so it cannot be a key

    def in_(self, members: Collection[Any]) -> _Condition:
        listed = " or ".join(self.fact.show(member) for member in members)
        return _Condition(f"{self.fact.says} is {listed}", f"{self.fact.says} is not {listed}")

    def _compare(self, sign: str, other: Any) -> _Condition:
        right = other.fact.says if isinstance(other, _Name) else self.fact.show(other)
        texts = [
            f"{self.fact.says} {comparison_words(self.fact.kind, sign, truth)} {right}"
            for truth in (True, False)
        ]
        return _Condition(*texts)


class _NamedFacts:
    """Facts by their names, for a predicate to be evaluated into words."""

    __slots__ = ("_declared",)

    def __init__(self, declared: Mapping[str, Fact]) -> None:
        self._declared = declared

    def __getattr__(self, name: str) -> _Name | _Condition:
        fact = self._declared[name]
        return _Condition(fact.says, fact.denies) if fact.kind is Kind.BOOLEAN else _Name(fact)
