"""A line's facts as predicates read them: `f.is_addon` is its value, or UNKNOWN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cocm.edits.fact import FactValue


class Facts:
    """The facts of one service line. Attributes are facts; there are no others."""

    def __init__(self, values: Mapping[str, FactValue]) -> None:
        self.__dict__ = values  # type: ignore[assignment]  # a plain dict: the fastest attribute look-up there is

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"there is no fact {name!r}; the facts are listed by `cocm edits facts`")
