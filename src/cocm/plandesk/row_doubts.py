"""Whose rows of members or accumulators could not be read, and rows of one key that follow each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Any, Final, Protocol, TypeVar

from cocm.basics.months import Period
from cocm.intake.problems import RowProblem
from cocm.plan.records import Benefit, Fee, MemberKey

_MEMBER: Final = ("member_id", "birth_date")


@dataclass(slots=True)
class RowDoubts:
    """What is known of wrong rows: the members they name, and the tables with a wrong row that names nobody."""

    members: set[MemberKey] = field(default_factory=set)
    nameless_tables: set[str] = field(default_factory=set)

    def note(self, table: str, values: Mapping[str, Any]) -> None:
        """A row of the table is wrong, of which these values could be read."""
        member_id, birth_date = (values.get(name) for name in _MEMBER)
        if isinstance(member_id, str) and isinstance(birth_date, date):
            self.members.add((member_id, birth_date))
        else:
            self.nameless_tables.add(table)


Held = TypeVar("Held", Benefit, Fee)


class RowOfTable(Protocol):
    """A row that can tell what is wrong with it."""

    def problem(self, column: str, expectation: str, found: str) -> RowProblem: ...


def one_after_another(
    rows: Sequence[tuple[RowOfTable, Held]],
    key: Callable[[Held], Hashable],
    problems: list[RowProblem],
) -> list[Held]:
    """The records in their order, so that of each key no more than one holds on a day.

    A row without a last day holds until the next of its key begins. Two that begin on one day, or a row that begins
    before the last day of the one before it, are a problem.
    """
    by_key: dict[Hashable, list[int]] = {}
    for at, (_, held) in enumerate(rows):
        by_key.setdefault(key(held), []).append(at)
    found = [held for _, held in rows]
    for places in by_key.values():
        places.sort(key=lambda at: (found[at].period.effective_from, at))
        for earlier, later in pairwise(places):
            first, then, row = found[earlier].period, found[later].period, rows[later][0]
            if first.effective_from == then.effective_from:
                problems.append(row.problem("effective_from", "each once", "a row with this key before"))
            elif first.effective_to is None:
                found[earlier] = replace(
                    found[earlier], period=Period(first.effective_from, then.effective_from)
                )
            elif first.overlaps(then):
                expected = "a day after the last one of the row with this key before it"
                problems.append(row.problem("effective_from", expected, "one within its days"))
    return found
