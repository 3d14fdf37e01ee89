"""Works through a large history in parts of its members, so that memory and the work of a line stay flat.

Everything that is asked of a line rests on its own member's lines, but for the month in which the history begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from cocm.audit.layout import AUDIT_LINE
from cocm.warehouse.engine import Engine
from cocm.warehouse.values import sql_literal

MEMBERS_PER_PART: Final = 30_000
"""Members with a CoCM line: of a usual history some thirty million lines, of which a million and a half count."""
_ALL_LINES: Final = "audit_all_line"


class Parts:
    """The narrowed lines, `audit_line`, as one part or several. `lines` names the table that holds all of them."""

    def __init__(self, engine: Engine, members_per_part: int | None) -> None:
        self._engine = engine
        self.count = 1 if members_per_part is None else self._wanted(members_per_part)
        self.lines = AUDIT_LINE if self.count == 1 else _ALL_LINES

    def each(self) -> Iterator[int]:
        """Let `audit_line`, and whatever view reads it, hold one part after the other; all lines at the end."""
        if self.count == 1:
            yield 0
            return
        engine = self._engine
        engine.rename(AUDIT_LINE, _ALL_LINES)
        for number, (first, last) in enumerate(self._bounds()):
            engine.keep(
                AUDIT_LINE,
                f"select * from {_ALL_LINES}"
                f" where person_id >= {sql_literal(first)} and person_id <= {sql_literal(last)}",
            )
            yield number
            engine.drop(AUDIT_LINE)
        engine.rename(_ALL_LINES, AUDIT_LINE)

    def _bounds(self) -> list[tuple[Any, ...]]:
        """The first and the last member of each part: lines in the order of their members are then read once each."""
        return self._engine.query(
            "select min(person_id), max(person_id) from ("
            f"select person_id, ntile({self.count}) over (order by person_id) as part_number"
            f" from {_ALL_LINES} group by person_id) p group by part_number order by part_number"
        )

    def _wanted(self, members_per_part: int) -> int:
        """One where a claim names several members: a claim stays whole."""
        members = int(self._engine.query(f"select count(distinct person_id) from {AUDIT_LINE}")[0][0])
        if members <= members_per_part:
            return 1
        shared = (
            f"select 1 from {AUDIT_LINE} group by claim_id having min(person_id) <> max(person_id) limit 1"
        )
        return 1 if self._engine.query(shared) else -(-members // members_per_part)
