"""Small counts kept out of what is published, and with them enough others that nobody can work them out again.

A table of counts has dimensions; each is a tree (all > product > region), and every combination of nodes is a figure,
the sum of those below it. A count of 1 to 10 is hidden (primary). Whoever knows the totals could subtract, so further
figures are hidden (complementary) until each hidden figure has a proof that it is open: another table of counts, equal
in everything that is published, in which that figure is another one. What is published as zero stays zero there, and
what is hidden stays at least one, so knowing the rule itself does not help either.

Beside that, the hidden parts of a published sum add up to so much that any of them could, by that sum alone, be a count
large enough to be shown.

Source of the limit: CMS cell size suppression policy (cells of 1 to 10).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final, TypeAlias

Node: TypeAlias = tuple[str, ...]
"""A class of a dimension: the names from its root down. `()` is all of it."""
Figure: TypeAlias = tuple[Node, ...]
"""One node of each dimension."""

SHOWN_MIN: Final = 11
"""The smallest count above zero that is shown."""
_STARTS_MAX: Final = 8
_NEIGHBOURS_MAX: Final = 6
_LEVEL_WEIGHT: Final = 4


def with_totals(atoms: Mapping[Figure, int]) -> dict[Figure, int]:
    """Every figure of a table from its finest counts, those of zero left out."""
    figures: dict[Figure, int] = defaultdict(int)
    for atom, count in atoms.items():
        if count:
            for figure in product(*(_down_to(leaf) for leaf in atom)):
                figures[figure] += count
    return dict(figures)


def hidden_figures(atoms: Mapping[Figure, int], also: Iterable[Figure] = ()) -> frozenset[Figure]:
    """The figures of `with_totals(atoms)` that must not be shown. The same table gives the same answer.

    `also` are hidden for a reason of their own, and kept from being worked out like the small ones.

    Raises `ValueError` for a negative count and for leaves of one dimension at different depths.
    """
    _refuse_uneven(atoms)
    found = [atom for atom, count in sorted(atoms.items()) if count]
    return _Table(with_totals(atoms), found, also).hide()


def closed_figures(
    atoms: Mapping[Figure, int], small: Iterable[Figure], hidden: frozenset[Figure]
) -> frozenset[Figure]:
    """The figures of which no class is shown, where counts are published by class as well (paid, denied, ...).

    `small` are the figures with a class too small to be shown, `hidden` the totals that are hidden: of both no class is
    shown, not even zero. So many more are closed that two classes of a closed figure can be exchanged without a trace
    in anything published, in this division or in another of the same total.
    """
    return hidden_figures(atoms, {*small, *hidden})


def _refuse_uneven(atoms: Mapping[Figure, int]) -> None:
    depths = {tuple(map(len, atom)) for atom in atoms}
    if len(depths) > 1:
        raise ValueError(
            f"counts at different depths {sorted(depths)}; every count stands at the finest level"
        )
    if any(count < 0 for count in atoms.values()):
        raise ValueError("a count is negative")


class _Table:
    """Works out what to hide. `_open` are the hidden figures that have their proof."""

    def __init__(self, figures: dict[Figure, int], atoms: list[Figure], also: Iterable[Figure]) -> None:
        self.figures = figures
        self.hidden = {figure for figure, count in figures.items() if count < SHOWN_MIN} | set(also)
        self._open: set[Figure] = set()
        self._below: dict[Figure, list[Figure]] = defaultdict(list)
        self._neighbours: dict[tuple[int, Figure], list[Node]] = defaultdict(list)
        for atom in atoms:
            for figure in product(*(_down_to(leaf) for leaf in atom)):
                self._below[figure].append(atom)
            for place in range(len(atom)):
                self._neighbours[place, _without(atom, place)].append(atom[place])
        self._sums = list(self._published_sums(figures))

    def hide(self) -> frozenset[Figure]:
        size = -1
        while len(self.hidden) != size:
            size = len(self.hidden)
            for figure in sorted(self.hidden - self._open):
                self._make_open(figure)
            self._fill_sums()
        return frozenset(self.hidden)

    # -- another table that is equal in all that is published ------------------------------------------------------

    def _make_open(self, figure: Figure) -> None:
        """Hide the cheapest set of figures with which another table is possible."""
        if figure in self._open:
            return
        best: tuple[int, list[Figure]] | None = None
        for atom in self._starts(figure):
            for changed in self._changes(figure, atom):
                cost = self._cost(changed)
                if cost is not None and (best is None or cost < best[0]):
                    best = (cost, [one for one, _ in changed])
                if cost == 0:
                    break
            if best is not None and best[0] == 0:
                break
        assert best is not None, "one more in a single place, everything above it hidden, is always possible"
        self.hidden.update(best[1])
        self._open.update(best[1])

    def _starts(self, figure: Figure) -> list[Figure]:
        """The finest counts below a figure at which a change may begin: hidden ones first, then the smallest."""
        below = self._below[figure]
        return sorted(below, key=lambda atom: (atom not in self.hidden, self.figures[atom], atom))[
            :_STARTS_MAX
        ]

    def _changes(self, figure: Figure, atom: Figure) -> Iterator[list[tuple[Figure, int]]]:
        """Ways to move one from here to there in each dimension, by every figure that it changes, up or down."""
        ways: list[list[list[tuple[Node, int]]]] = []
        for place, (node, leaf) in enumerate(zip(figure, atom, strict=True)):
            others = [
                _moved(leaf, other)
                for other in self._nearest(place, atom)
                if other != leaf and _common(leaf, other) < len(node)
            ]
            ways.append([*others, [(one, 1) for one in _down_to(leaf)]])
        for way in product(*ways):
            for sign in (1, -1):
                changed = []
                for nodes in product(*way):
                    direction = sign
                    for _, one in nodes:
                        direction *= one
                    changed.append((tuple(node for node, _ in nodes), direction))
                yield changed

    def _nearest(self, place: int, atom: Figure) -> list[Node]:
        """Other classes in one dimension to move to: where the count is hidden already, then where it is small."""
        found = self._neighbours[place, _without(atom, place)]
        return sorted(found, key=lambda leaf: self._preference(_with(atom, place, leaf)))[:_NEIGHBOURS_MAX]

    def _preference(self, atom: Figure) -> tuple[bool, int, Figure]:
        return atom not in self.hidden, self.figures[atom], atom

    def _cost(self, changed: list[tuple[Figure, int]]) -> int | None:
        """What hiding the changed figures loses; None where one of them cannot change so."""
        cost = 0
        for figure, direction in changed:
            count = self.figures.get(figure, 0)
            if count + direction < 1 or not count:
                return None
            if figure not in self.hidden:
                cost += count * _LEVEL_WEIGHT ** self._height(figure)
        return cost

    def _height(self, figure: Figure) -> int:
        atom = self._below[figure][0]
        return sum(len(leaf) - len(node) for leaf, node in zip(atom, figure, strict=True))

    # -- sums ------------------------------------------------------------------------------------------------------

    def _published_sums(self, figures: Mapping[Figure, int]) -> Iterator[tuple[Figure, list[Figure]]]:
        """Each figure with its parts along one dimension."""
        parts: dict[tuple[Figure, int], list[Figure]] = defaultdict(list)
        for figure in sorted(figures):
            for place, node in enumerate(figure):
                if node:
                    parts[_with(figure, place, node[:-1]), place].append(figure)
        for (whole, _), below in parts.items():
            yield whole, below

    def _fill_sums(self) -> None:
        """Hide more parts of a published sum until each hidden one could be a count that is shown."""
        for whole, parts in self._sums:
            if whole in self.hidden:
                continue
            hidden = [part for part in parts if part in self.hidden]
            if not any(self.figures[part] < SHOWN_MIN for part in hidden):
                continue
            others = sorted(
                (part for part in parts if part not in self.hidden),
                key=lambda part: (self.figures[part], part),
            )
            while sum(self.figures[part] - 1 for part in hidden) + 1 < SHOWN_MIN:
                if not others:
                    self.hidden.add(whole)
                    break
                hidden.append(others.pop(0))
                self.hidden.add(hidden[-1])


def _down_to(leaf: Node) -> list[Node]:
    """A leaf and everything above it, the root first."""
    return [leaf[:length] for length in range(len(leaf) + 1)]


def _common(one: Node, other: Node) -> int:
    """How many names two nodes share from the root."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count


def _moved(leaf: Node, other: Node) -> list[tuple[Node, int]]:
    """What changes when one is added here and taken there: below where both meet, nothing above."""
    meets = _common(leaf, other)
    here = [(leaf[:length], 1) for length in range(meets + 1, len(leaf) + 1)]
    return here + [(other[:length], -1) for length in range(meets + 1, len(other) + 1)]


def _without(figure: Figure, place: int) -> Figure:
    return figure[:place] + figure[place + 1 :]


def _with(figure: Figure, place: int, node: Node) -> Figure:
    return (*figure[:place], node, *figure[place + 1 :])
