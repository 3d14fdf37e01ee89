"""A hidden count cannot be worked out from what is published: shown by trying, not by the method's own words."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.publish.suppression import SHOWN_MIN, Figure, closed_figures, hidden_figures, with_totals

SMALL = st.one_of(st.integers(0, 4), st.integers(0, 14), st.integers(8, 60))


def table(rows: dict[tuple[str, ...], dict[str, int]]) -> dict[Figure, int]:
    """A table by rows (a tree) and months."""
    return {(row, (month,)): count for row, months in rows.items() for month, count in months.items()}


@st.composite
def tables(draw: st.DrawFn, *shape: int) -> dict[Figure, int]:
    """Flat dimensions of these sizes."""
    return {
        tuple((f"d{place}n{index}",) for place, index in enumerate(atom)): draw(SMALL)
        for atom in product(*map(range, shape))
    }


@st.composite
def trees(draw: st.DrawFn) -> dict[Figure, int]:
    """Products with regions, by month."""
    rows = [(f"p{number}", f"r{region}") for number in range(2) for region in range(draw(st.integers(1, 2)))]
    return {(row, (f"m{month}",)): draw(SMALL) for row in rows for month in range(2)}


def other_values(atoms: dict[Figure, int], hidden: frozenset[Figure]) -> dict[Figure, set[int]]:
    """Each hidden figure's values in all tables near this one that are equal in what is published."""
    published = {figure: count for figure, count in with_totals(atoms).items() if figure not in hidden}
    unknown = [atom for atom, count in atoms.items() if count and atom in hidden]
    found: dict[Figure, set[int]] = {figure: set() for figure in hidden}
    for steps in product((-1, 0, 1), repeat=len(unknown)):
        tried = dict(atoms)
        for atom, step in zip(unknown, steps, strict=True):
            tried[atom] += step
        if any(tried[atom] < 1 for atom in unknown):
            continue
        totals = with_totals(tried)
        if all(totals[figure] == count for figure, count in published.items()):
            for figure in hidden:
                found[figure].add(totals[figure])
    return found


@settings(max_examples=25, deadline=None)
@given(st.one_of(tables(2, 2), tables(2, 3), tables(1, 2, 2), trees()))
def test_every_hidden_figure_is_another_one_in_some_table_that_looks_the_same(
    atoms: dict[Figure, int],
) -> None:
    hidden = hidden_figures(atoms)
    assert all(len(values) > 1 for values in other_values(atoms, hidden).values())


class Elimination:
    """A system of equations; whether the value of a sum follows from them."""

    def __init__(self, unknown: list[Figure]) -> None:
        self._column = {name: place for place, name in enumerate(unknown)}
        self._basis: dict[int, list[Fraction]] = {}

    def add(self, equation: dict[Figure, int]) -> None:
        row = self._reduced(equation)
        place = next((place for place, value in enumerate(row) if value), None)
        if place is not None:
            self._basis[place] = [value / row[place] for value in row]

    def settles(self, wanted: dict[Figure, int]) -> bool:
        return not any(self._reduced(wanted))

    def _reduced(self, equation: dict[Figure, int]) -> list[Fraction]:
        row = [Fraction(0)] * len(self._column)
        for name, factor in equation.items():
            row[self._column[name]] += factor
        for place in range(len(row)):
            if row[place] and place in self._basis:
                factor = row[place]
                row = [mine - factor * other for mine, other in zip(row, self._basis[place], strict=True)]
        return row


def _is_below(atom: Figure, figure: Figure) -> bool:
    return all(leaf[: len(node)] == node for leaf, node in zip(atom, figure, strict=True))


def determined(atoms: dict[Figure, int], hidden: frozenset[Figure]) -> set[Figure]:
    """The hidden figures that the published sums settle, by elimination over all equations at once."""
    figures = with_totals(atoms)
    unknown = sorted(atom for atom, count in atoms.items() if count)
    below = {figure: {atom: 1 for atom in unknown if _is_below(atom, figure)} for figure in figures}
    solver = Elimination(unknown)
    for figure in sorted(figures.keys() - hidden):
        solver.add(below[figure])
    return {figure for figure in hidden if solver.settles(below[figure])}


@settings(max_examples=25, deadline=None)
@given(st.one_of(tables(4, 5), tables(3, 3, 2)))
def test_no_hidden_figure_follows_from_the_sums(atoms: dict[Figure, int]) -> None:
    assert determined(atoms, hidden_figures(atoms)) == set()


@settings(max_examples=60, deadline=None)
@given(st.one_of(tables(4, 5), tables(3, 3, 2), trees()))
def test_nothing_small_is_shown_and_hidden_parts_could_be_large(atoms: dict[Figure, int]) -> None:
    figures, hidden = with_totals(atoms), hidden_figures(atoms)
    assert all(count >= SHOWN_MIN for figure, count in figures.items() if figure not in hidden)
    for whole in figures.keys() - hidden:
        for place in range(len(whole)):
            parts = [
                figure for figure in hidden
                if figure[:place] == whole[:place] and figure[place + 1 :] == whole[place + 1 :]
                and figure[place][:-1] == whole[place] and figure[place]
            ]  # fmt: skip
            if any(figures[part] < SHOWN_MIN for part in parts):
                assert sum(figures[part] for part in parts) - (len(parts) - 1) >= SHOWN_MIN


@settings(max_examples=25, deadline=None)
@given(st.lists(tables(2, 3), min_size=2, max_size=2), st.integers(0, 9))
def test_two_divisions_of_one_total_tell_nothing_together(parts: list[dict[Figure, int]], moved: int) -> None:
    """Lines by answer and lines by route: all that is published of both, and of the total, in one system."""
    first, second = parts
    total = {atom: first[atom] + second[atom] for atom in first}
    shifted = {atom: min(count, moved + index) for index, (atom, count) in enumerate(sorted(total.items()))}
    divisions = [(first, second), (shifted, {atom: total[atom] - shifted[atom] for atom in total})]
    hidden = hidden_figures(total)
    joined: dict[Figure, int] = {}
    published: list[list[Figure]] = []
    sums: list[tuple[Figure, list[Figure]]] = []
    figures = with_totals(total)
    for number, classes in enumerate(divisions):
        small = {
            figure for table in classes for figure, count in with_totals(table).items() if count < SHOWN_MIN
        }
        closed = closed_figures(total, small, hidden)
        assert closed >= hidden
        for kind, table in enumerate(classes):
            for atom in total:
                if total[atom]:
                    joined[(*atom, (f"{number}", f"{kind}"))] = table[atom]
        for figure in figures:
            below = [atom for atom in total if total[atom] and _is_below(atom, figure)]
            for kind in range(2):
                variables = [(*atom, (f"{number}", f"{kind}")) for atom in below]
                if figure in closed:
                    sums.append(((*figure, (f"{number}", f"{kind}")), variables))
                else:
                    published.append(variables)
            if figure not in hidden:
                published.append([(*atom, (f"{number}", f"{kind}")) for atom in below for kind in range(2)])
    # Both divisions have the same total in every atom: one equation each, whose value nobody needs to know.
    same = [
        {(*atom, ("0", "0")): 1, (*atom, ("0", "1")): 1, (*atom, ("1", "0")): -1, (*atom, ("1", "1")): -1}
        for atom in total if total[atom]
    ]  # fmt: skip
    solver = Elimination(sorted(joined))
    for variables in published:
        solver.add(dict.fromkeys(variables, 1))
    for equation in same:
        solver.add(equation)
    assert not [name for name, variables in sums if solver.settles(dict.fromkeys(variables, 1))]
    for figure in hidden:
        below = [atom for atom in total if total[atom] and _is_below(atom, figure)]
        assert not solver.settles({(*atom, ("0", f"{kind}")): 1 for atom in below for kind in range(2)})


def test_the_single_small_cell_of_a_row_takes_a_second_one_with_it() -> None:
    """5 of 105, with 100 beside it: hiding the 5 alone gives it away."""
    atoms = table({("HMO",): {"2026-01": 5, "2026-02": 100}, ("PPO",): {"2026-01": 40, "2026-02": 60}})
    hidden = hidden_figures(atoms)
    assert {figure for figure in hidden if all(figure)} == set(atoms)
    assert hidden == set(atoms)  # the totals stay


def test_two_ones_under_a_total_of_two_are_not_left_to_arithmetic() -> None:
    """Whoever knows that hidden means at least one reads two ones off a two: the total goes as well."""
    atoms = table({("A",): {"2026-01": 1}, ("B",): {"2026-01": 1}, ("C",): {"2026-01": 30}})
    hidden = hidden_figures(atoms)
    assert (("C",), ("2026-01",)) in hidden or ((), ("2026-01",)) in hidden


def test_large_tables_are_shown_whole_and_empty_ones_too() -> None:
    assert hidden_figures(table({("A",): {"2026-01": 11}, ("B",): {"2026-01": 12}})) == frozenset()
    assert hidden_figures({}) == frozenset()
    assert hidden_figures(table({("A",): {"2026-01": 0}})) == frozenset()


def test_a_table_of_nothing_but_small_counts_is_hidden_up_to_its_total() -> None:
    atoms = table({("A",): {"2026-01": 2}, ("B",): {"2026-01": 1}})
    assert hidden_figures(atoms) == set(with_totals(atoms))


def test_the_order_of_the_counts_changes_nothing() -> None:
    atoms = table(
        {
            (f"p{number % 3}", f"r{number}"): {f"m{month}": number * month % 17 for month in range(4)}
            for number in range(9)
        }
    )
    assert hidden_figures(atoms) == hidden_figures(dict(reversed(atoms.items())))


@pytest.mark.parametrize(
    ("atoms", "problem"),
    [
        ({(("A",), ("m",)): 3, (("A", "r"), ("m",)): 4}, "different depths"),
        ({(("A",), ("m",)): -1}, "negative"),
    ],
)
def test_a_table_that_cannot_be_is_refused(atoms: dict[Figure, int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        hidden_figures(atoms)
