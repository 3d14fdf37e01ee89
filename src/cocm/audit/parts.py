"""Works through a large history in parts of its members, so that memory and the work of a line stay flat.

Everything that is asked of a line rests on its own member's lines, but for the month in which the history begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.audit.layout import AUDIT_LINE
from cocm.warehouse.engine import Engine

MEMBERS_PER_PART: Final = 30_000
"""Members with a CoCM line: of a usual history some thirty million lines, of which a million and a half count."""
_ALL_LINES: Final = "audit_all_line"
_PART: Final = "audit_part"


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
        engine.keep(
            _PART,
            f"select person_id, (row_number() over (order by person_id) - 1) % {self.count} as part_number"
            f" from {_ALL_LINES} group by person_id",
        )
        for number in range(self.count):
            engine.keep(
                AUDIT_LINE,
                f"select a.* from {_ALL_LINES} a join {_PART} p on p.person_id = a.person_id"
                f" where p.part_number = {number}",
            )
            yield number
            engine.drop(AUDIT_LINE)
        engine.rename(_ALL_LINES, AUDIT_LINE)
        engine.drop(_PART)

    def _wanted(self, members_per_part: int) -> int:
        """One where a claim names several members: a claim stays whole."""
        members = int(self._engine.query(f"select count(distinct person_id) from {AUDIT_LINE}")[0][0])
        if members <= members_per_part:
            return 1
        shared = (
            f"select 1 from {AUDIT_LINE} group by claim_id having min(person_id) <> max(person_id) limit 1"
        )
        return 1 if self._engine.query(shared) else -(-members // members_per_part)
