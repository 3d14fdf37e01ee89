"""Draws what is to be looked at by hand: the riskiest half, and of the others some at random by a given seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random
from typing import TypeVar

_Drawn = TypeVar("_Drawn")


def draw(
    items: Iterable[_Drawn],
    chance: Random,
    size: int,
    *,
    points: Callable[[_Drawn], int],
    name: Callable[[_Drawn], str],
) -> list[tuple[_Drawn, bool]]:
    """The drawn items with whether chance drew it.

    Half of the sample (rounded up) are the items of the most points, of which those without any are left out; the rest
    is a random draw of the others. Names are unique: items of the same points go by name, so that the same seed and
    items draw the same.
    """
    ordered = sorted(items, key=lambda one: (-points(one), name(one)))
    by_risk = [one for one in ordered[: (size + 1) // 2] if points(one)]
    rest = sorted(ordered[len(by_risk) :], key=name)
    at_random = chance.sample(rest, min(size - len(by_risk), len(rest)))
    return [(one, False) for one in by_risk] + [(one, True) for one in at_random]
