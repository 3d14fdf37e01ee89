"""What an audit leaves on an engine, row by row, and where two engines differ.

Each table has what the next is made of: facts, the verdict of every edit, the judgements, the findings. The first that
differs is where it begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from audit_samples import plan

from cocm.audit.plan_rows import AuditPlan
from cocm.audit.run import FINDINGS, JUDGED, VERDICTS, AuditResult, audit_history
from cocm.rules import Rulebook
from cocm.rules.claims_layouts import claims_layouts
from cocm.warehouse.engine import Engine
from cocm.warehouse.tables import LINE_FACTS

COMPARED: Final = (LINE_FACTS.name, VERDICTS, JUDGED, FINDINGS)
ROWS_SHOWN_MAX: Final = 3
_KEY: Final = ("cause_id", "claim_id", "claim_line_number")
"""What names a row to a reader, as far as its table has it."""

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]


def audited(
    engine: Engine,
    rulebook: Rulebook,
    *,
    layout: str = "opencocm",
    who: AuditPlan | None = None,
    step: Callable[[str], None] = lambda name: None,
) -> tuple[AuditResult, dict[str, list[Row]]]:
    """Audit the engine's `history` for the sample plan (or `who`); the result, and the rows of each compared table."""
    result = audit_history(engine, rulebook, claims_layouts(rulebook)[layout], who or plan(), step=step)
    return result, {name: table_rows(engine, name) for name in COMPARED}


def table_rows(engine: Engine, name: str) -> list[Row]:
    """The rows of a table by column name. A sum of whole numbers is a decimal to PostgreSQL: here it is whole again."""
    names = list(engine.columns(name))
    return [dict(zip(names, map(_whole, row), strict=True)) for row in engine.query(f"select * from {name}")]


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) and value == value.to_integral_value() else value


def difference(engine: str, found: Tables, other_engine: str, expected: Tables) -> list[str]:
    """The first table in which two engines differ, as a text: columns (an edit each among the verdicts) and first rows.

    None at all where every table has the same rows. The order of rows says nothing; 1 is not true.
    """
    for table in COMPARED:
        apart = list(_rows_apart(engine, found[table], other_engine, expected[table]))
        if apart:
            columns = sorted({column for _, names in apart for column in names}) or ["whole rows"]
            shown = [text for text, _ in apart[:ROWS_SHOWN_MAX]]
            head = f"{engine} differs from {other_engine} in {table}, {', '.join(columns)}; rows apart: {len(apart)}"
            return ["\n  ".join([head, *shown, *(["..."] if len(apart) > ROWS_SHOWN_MAX else [])])]
    return []


def _rows_apart(
    engine: str, found: list[Row], other_engine: str, expected: list[Row]
) -> Iterator[tuple[str, list[str]]]:
    """Each row that differs: its name with both values, and the columns."""
    ours, theirs = _by_key(found), _by_key(expected)
    for key in sorted(ours.keys() | theirs.keys()):
        mine, other = ours.get(key, []), theirs.get(key, [])
        if len(mine) != len(other):
            yield f"{key}: {len(mine)} rows in {engine}, {len(other)} in {other_engine}", []
            continue
        for left, right in zip(mine, other, strict=True):
            names = [name for name in left | right if repr(left.get(name)) != repr(right.get(name))]
            if names:
                values = (
                    f"{name} is {left.get(name)!r} in {engine}, {right.get(name)!r} in {other_engine}"
                    for name in names
                )
                yield f"{key}: {'; '.join(values)}", names


def _by_key(rows: list[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(rows, key=repr):
        found[" ".join(f"{name}={row[name]}" for name in _KEY if name in row)].append(row)
    return found
