"""Three-valued logic: true, false and UNKNOWN, so that what is not known is never taken for clean.

The same operators (`==`, `<`, `&`, `|`) and helpers (`not_`, `is_in`) serve plain values, UNKNOWN, traced
values and SQL columns. SQL's own NULL follows the same tables (Kleene's strong logic), which is why one
predicate can run on both.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeAlias

Truth: TypeAlias = Any
"""What a predicate returns: a bool, UNKNOWN, a traced truth or an SQL condition, as its facts are."""


class Unknown:
    """The value of a fact that nobody has established. There is one, UNKNOWN; it has no truth of its own."""

    __slots__ = ()

    def __and__(self, other: object) -> Truth:
        if other is False:
            return False
        return UNKNOWN if other is True or other is UNKNOWN else NotImplemented

    def __or__(self, other: object) -> Truth:
        if other is True:
            return True
        return UNKNOWN if other is False or other is UNKNOWN else NotImplemented

    __rand__ = __and__
    __ror__ = __or__

    def __invert__(self) -> Unknown:
        return self

    def in_(self, members: Collection[object]) -> Unknown:
        """Whether it is among `members`: unknown."""
        return self

    def _unknown(self, other: object) -> Unknown:
        return self

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _unknown  # type: ignore[assignment]  # never a bool, on purpose
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _unknown

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> bool:
        raise TypeError(
            "UNKNOWN is neither true nor false; combine it with &, | and not_, and compare results with `is`"
        )

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def not_(truth: Truth) -> Truth:
    """The opposite; unknown stays unknown. (`~True` is truthy in Python, so predicates never write `~`.)"""
    if truth is True:
        return False
    if truth is False:
        return True
    return ~truth


def is_in(value: Any, members: tuple[str, ...] | tuple[int, ...]) -> Truth:
    """Whether the value is one of the members; unknown for an unknown value."""
    if isinstance(value, (str, int)):
        return value in members
    return value.in_(members)
