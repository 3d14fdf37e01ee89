"""What was worked out once for claims alike: bounded, so that memory stays flat."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")

KEPT_MAX: Final = 16_384


class Remembered(dict[Key, Value]):
    """Values by key; over the limit it starts anew."""

    def keep(self, key: Key, value: Value) -> Value:
        """Remember a value, and hand it back."""
        if len(self) >= KEPT_MAX:
            self.clear()
        self[key] = value
        return value


class OfIdentity(Generic[Key, Value]):
    """Values of objects that are shared: an object is known by being the same one, whatever it holds."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Key, Value]] = {}

    def get(self, key: Key) -> Value | None:
        """The value of this very object; None where there is none."""
        found = self._kept.get(id(key))
        return None if found is None else found[1]

    def keep(self, key: Key, value: Value) -> Value:
        """Remember a value, and hand it back. The object lives as long as it is remembered."""
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        self._kept[id(key)] = (key, value)
        return value
