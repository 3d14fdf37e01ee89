"""What was made of values that come again and again, column by column; bounded, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

_Value = TypeVar("_Value")
_Key = TypeVar("_Key", bound=Hashable)
_Made = TypeVar("_Made")


class ByValue(Generic[_Key, _Made]):
    """Equal values are made once. `make` makes what is new, all of it in one go."""

    def __init__(self, make: Callable[[Sequence[_Key]], Iterable[_Made]], kept_max: int) -> None:
        self._make = make
        self._kept_max = kept_max
        self._known: dict[_Key, _Made] = {}

    def __call__(self, column: Sequence[_Key]) -> list[_Made]:
        """What each value comes to."""
        known = self._known
        try:
            return list(map(known.__getitem__, column))
        except KeyError:
            distinct = set(column)
        if len(known) + len(distinct) > self._kept_max:
            known.clear()
        new = list(distinct.difference(known))
        known.update(zip(new, self._make(new), strict=True))
        return list(map(known.__getitem__, column))


class ByIdentity(Generic[_Value, _Made]):
    """The very same object is looked at once. It is kept alive, so that its identity stays its own.

    `nothing` is what None comes to; where it is not given, None raises `TypeError`.
    """

    def __init__(
        self, make: Callable[[_Value], _Made], kept_max: int, *, nothing: _Made | None = None
    ) -> None:
        self._make = make
        self._nothing = nothing
        self._kept_max = kept_max
        self._known: dict[int, _Made] = {}
        self._alive: list[_Value] = []

    def __call__(self, column: Sequence[_Value | None]) -> list[_Made]:
        """What each object comes to."""
        try:
            return self._found(self._known, column)
        except KeyError:
            known = self._known
        distinct = {id(value): value for value in column if value is not None}
        if self._nothing is None and None in column:
            raise TypeError("None stands where every row needs a value")
        made = {key: known[key] if key in known else self._make(value) for key, value in distinct.items()}
        if len(known) + len(made) > self._kept_max:
            known.clear()
            self._alive.clear()
        self._alive += [value for key, value in distinct.items() if key not in known]
        known.update(made)
        return self._found(made, column)

    def _found(self, known: dict[int, _Made], column: Sequence[_Value | None]) -> list[_Made]:
        nothing = self._nothing
        if nothing is None:
            return [known[id(value)] for value in column]
        return [nothing if value is None else known[id(value)] for value in column]
