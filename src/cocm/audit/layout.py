"""From a claims history in any layout to `audit_line`, the narrowed and typed lines that everything else reads.

All of it is one plain text for every engine. Which expression reads a column depends on the layout (data) and on the
kind of type that the history's own column has; dates become day numbers by integer arithmetic, because date
arithmetic differs between engines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from string import Template
from typing import Final, NamedTuple

from cocm.audit.contract import (
    DIAGNOSES_MAX,
    HISTORY,
    POINTERS_MAX,
    HistoryColumn,
    ValueKind,
)
from cocm.audit.expressions import TEXT_LENGTH, day_number_of, day_parts, is_a_day, typed_expression
from cocm.basics.errors import UnusableInput
from cocm.basics.money import cents_from_text
from cocm.rules.claims_layouts import ClaimsLayout, ColumnSource
from cocm.warehouse.values import sql_literal

SOURCE: Final = "history"
"""The table or view that holds the history in its own layout."""
MEMBERS: Final = "audit_member"
CODES: Final = "audit_code"
READ: Final = "audit_read"
REPEATED: Final = "audit_repeated"
DATED: Final = "audit_dated"
AUDIT_LINE: Final = "audit_line"
_EMPTY: Final = f"cast('' as varchar({TEXT_LENGTH}))"
_NULL: Final = {
    ValueKind.TEXT: _EMPTY,
    ValueKind.DATE: "cast(null as integer)",
    ValueKind.MONEY: "cast(null as bigint)",
    ValueKind.QUANTITY: "cast(null as integer)",
    ValueKind.INTEGER: "cast(null as integer)",
    ValueKind.FLAG: "cast(null as boolean)",
}


class Reading(NamedTuple):
    """One of the history's own columns, which of ours it is, and a text that reads it on all CoCM lines."""

    own_name: str
    column: HistoryColumn
    text: str


@dataclass(frozen=True, slots=True)
class MappedHistory:
    """A history as a layout reads it: the texts, our columns that it has, and its own that nobody reads."""

    layout: ClaimsLayout
    members_sql: str
    read_sql: str
    repeated_sql: str
    dated_sql: str
    lines_sql: str
    unreadable_sql: str
    known: frozenset[str]
    unread: tuple[str, ...]
    readings: tuple[Reading, ...]
    person_column: str
    code_column: str


def fits(layout: ClaimsLayout, columns: Mapping[str, str]) -> tuple[str, ...]:
    """The required columns that a history with these columns lacks in a layout; none: it can be read by it."""
    have = {name.lower() for name in columns}
    return tuple(
        column.name
        for column in HISTORY.values()
        if column.is_required and not _has(_source_of(layout, column), have)
    )


def map_history(layout: ClaimsLayout, columns: Mapping[str, str]) -> MappedHistory:
    """The texts that read a history with these columns (name and kind of type) by a layout.

    Raises `UnusableInput` where a required column is missing or a column's type cannot be what it must hold.
    """
    missing = fits(layout, columns)
    if missing:
        raise UnusableInput(
            f"the history lacks {', '.join(missing)} of layout {layout.layout_id}"
            f" ({', '.join(_wanted(layout, HISTORY[name]) for name in missing)}); an audit needs them"
        )
    if layout.columns is not None:
        unknown = sorted(set(layout.columns) - set(HISTORY))
        if unknown:
            raise UnusableInput(f"layout {layout.layout_id}: {', '.join(unknown)} is no column of an audit")
    reader = _Reader(layout, columns)
    values = {column.name: reader.value(column) for column in HISTORY.values()}
    known = frozenset(name for name, value in values.items() if value is not None)
    typed = ",\n".join(
        f"        {_NULL[column.kind] if values[column.name] is None else values[column.name]} as {_stored(column)}"
        for column in HISTORY.values()
    )
    real = ",\n".join(f"        {_real(column, reader)}" for column in HISTORY.values())
    person, code = reader.raw("person_id"), reader.code()
    days = [column.name for column in HISTORY.values() if column.kind is ValueKind.DATE]
    read = _template("read.sql").substitute(
        typed=typed,
        real=real,
        source=SOURCE,
        members=MEMBERS,
        codes=CODES,
        person=person,
        code=code,
        parts="".join(day_parts(name) for name in days),
        days="".join(f"        , {day_number_of(name)} as {_day_name(name)}\n" for name in days).rstrip("\n"),
    )
    lines = _template("lines.sql").substitute(
        kept="".join(f"        , s.{name}\n" for name in _kept()).rstrip("\n"),
        pointers="".join(
            f"        , {_pointer(number, known)}\n" for number in range(1, POINTERS_MAX + 1)
        ).rstrip("\n"),
    )
    members = (
        f"select distinct h.{person} as person_key from {SOURCE} h"
        f" where {code} in (select hcpcs_code from cocm_code)"
    )
    return MappedHistory(
        layout=layout,
        members_sql=f"-- grain: one row a person with a CoCM line\n{members}",
        read_sql=read,
        repeated_sql=_template("repeated.sql").substitute(read=READ),
        dated_sql=_template("once.sql").substitute(read=READ, repeated=REPEATED, ties=", ".join(_ties())),
        lines_sql=lines,
        unreadable_sql=_unreadable(reader, person, code),
        known=known,
        unread=tuple(sorted(set(columns) - reader.used)),
        readings=tuple(
            Reading(
                own,
                column,
                f"select count({expression}) from {SOURCE} h where {code} in (select hcpcs_code from cocm_code)",
            )
            for own, column, expression in reader.read
        ),
        person_column=person,
        code_column=code,
    )


def _template(name: str) -> Template:
    return Template(resources.files("cocm.audit").joinpath(name).read_text(encoding="utf-8").rstrip())


class _Reader:
    """Writes the expression of each of our columns over a layout's own columns, and notes which were used."""

    def __init__(self, layout: ClaimsLayout, columns: Mapping[str, str]) -> None:
        self._layout = layout
        self._columns = {name.lower(): (name, kind) for name, kind in columns.items()}
        self.used: set[str] = set()
        self.read: list[tuple[str, HistoryColumn, str]] = []
        self.written_days: set[str] = set()

    def raw(self, name: str) -> str:
        """The history's own column behind one of ours, as it stands; of several, the first that it has."""
        for wanted in _source_of(self._layout, HISTORY[name]).names:
            if wanted.lower() in self._columns:
                own = self._columns[wanted.lower()][0]
                self.used.add(own)
                return _quoted(own)
        raise AssertionError(f"{name} is required and was looked for before")

    def code(self) -> str:
        """The procedure code as it stands; as text where it is a number, as a column of digits alone may be."""
        own = self.raw("hcpcs_code")
        kind = self._columns[own.strip('"').lower()][1]
        if kind == "integer":
            return f"cast(h.{own} as varchar({TEXT_LENGTH}))"
        return f"h.{own}"

    def value(self, column: HistoryColumn) -> str | None:
        """The expression; None where the history does not have it."""
        source = _source_of(self._layout, column)
        if source.steps:
            steps = [self._translated(column, step) for step in source.steps]
            found = [step for step in steps if step is not None]
            return f"coalesce({', '.join(found)})" if found else None
        if source.value is not None:
            return self._fixed(column, source.value)
        if source.translate:
            found_one = self._translated(column, source)
            if found_one is None and source.from_amounts:
                return self._from_amounts()
            return found_one
        expressions = [self._typed(column, name) for name in source.names if name.lower() in self._columns]
        if not expressions:
            return self._from_amounts() if source.from_amounts else None
        if column.kind is ValueKind.TEXT:
            filled = [f"nullif({one}, '')" for one in expressions]
            return f"coalesce({', '.join([*filled, _EMPTY])})"
        return expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"

    def _fixed(self, column: HistoryColumn, value: str) -> str:
        """The same value for every row."""
        if column.kind is ValueKind.TEXT:
            return f"cast({sql_literal(value)} as varchar({TEXT_LENGTH}))"
        if column.kind is ValueKind.MONEY:
            try:
                return f"cast({cents_from_text(value)} as bigint)"
            except ValueError as problem:
                raise UnusableInput(f"layout {self._layout.layout_id}: {column.name}: {problem}") from problem
        raise UnusableInput(
            f"layout {self._layout.layout_id}: {column.name} holds {column.kind.value}; only a text or an amount can be"
            " the same for all rows"
        )

    def _translated(self, column: HistoryColumn, source: ColumnSource) -> str | None:
        """The history's code in our words; null where a step has no answer."""
        expressions = [self._typed(column, name) for name in source.names if name.lower() in self._columns]
        if not expressions:
            return None
        given = expressions[0] if len(expressions) == 1 else f"coalesce({', '.join(expressions)})"
        if not source.translate:
            return given
        cases = " ".join(
            f"when upper({given}) = {sql_literal(code.upper())} then {sql_literal(word)}"
            for code, word in source.translate
        )
        otherwise = f" else {sql_literal(source.otherwise)}" if source.otherwise else ""
        return f"case {cases}{otherwise} end"

    def _from_amounts(self) -> str | None:
        """Paid where something was allowed or paid; else denied."""
        amounts = [self.value(HISTORY[name]) for name in ("allowed_amount", "paid_amount")]
        known = [amount for amount in amounts if amount is not None]
        if not known:
            return None
        some = " or ".join(f"coalesce({amount}, 0) > 0" for amount in known)
        return f"case when {some} then 'paid' else 'denied' end"

    def _typed(self, column: HistoryColumn, name: str) -> str:
        own, kind = self._columns[name.lower()]
        self.used.add(own)
        expression = typed_expression(column.kind, f"h.{_quoted(own)}", kind)
        if expression is None:
            raise UnusableInput(
                f"column {own} holds {kind}, but {column.name} must be {column.kind.value}"
                f" ({column.meaning}); change its type or name another column in the layout"
            )
        self.read.append((own, column, expression))
        if column.kind is ValueKind.DATE and kind in ("integer", "text"):
            self.written_days.add(column.name)
        if column.name.startswith("diagnosis_code") or column.name == "line_diagnosis_code":
            return f"replace(upper({expression}), '.', '')"
        if column.name in ("status", "first_status"):
            return f"lower({expression})"
        return expression


def _source_of(layout: ClaimsLayout, column: HistoryColumn) -> ColumnSource:
    if layout.columns is None:
        return ColumnSource((column.name,))
    return layout.columns.get(column.name, ColumnSource())


def _has(source: ColumnSource, have: set[str]) -> bool:
    names = [name for step in source.steps for name in step.names] or list(source.names)
    return source.value is not None or source.from_amounts or any(name.lower() in have for name in names)


def _wanted(layout: ClaimsLayout, column: HistoryColumn) -> str:
    source = _source_of(layout, column)
    names = [name for step in source.steps for name in step.names] or list(source.names)
    return f"{column.name}: {' or '.join(names) or 'nothing'}"


def _stored(column: HistoryColumn) -> str:
    """The name in the text's first step: a date is kept as a number of eight digits, an amount as cents."""
    if column.kind is ValueKind.DATE:
        return f"{column.name}_ymd"
    return f"{column.name}_cents" if column.kind is ValueKind.MONEY else column.name


def _real(column: HistoryColumn, reader: _Reader) -> str:
    """A value of the first step; of days that somebody wrote, those that a calendar has."""
    name = _stored(column)
    return (
        f"case when {is_a_day(f't.{name}')} then t.{name} end as {name}"
        if column.name in reader.written_days
        else f"t.{name}"
    )


def _day_name(name: str) -> str:
    return f"{name.removesuffix('_date')}_day_number"


def _kept() -> Iterator[str]:
    """Columns that pass through the steps unchanged: what was decided, and the diagnoses."""
    for column in HISTORY.values():
        if column.name.startswith(_KEPT):
            yield _stored(column)


_KEPT: Final = (
    "product",
    "diagnosis_code_",
    "allowed_",
    "paid_",
    "deductible_",
    "coinsurance_",
    "copayment_",
    "adjustment_",
    "remark_",
    "decided_by",
    "region",
    "first_status",
    "first_member_share",
    "appeal_outcome",
)
"""How the names of the columns begin that the audit reads beside those of `claim_line`."""


def _ties() -> Iterator[str]:
    """What orders rows of a line that nothing else tells apart: amounts, then texts."""
    for kind in (ValueKind.MONEY, ValueKind.TEXT):
        for column in HISTORY.values():
            if column.kind is kind and column.name not in ("claim_id", "status"):
                yield f"d.{_stored(column)}"


def _pointer(number: int, known: frozenset[str]) -> str:
    """A pointer as the claim has it, or the position of the line's own diagnosis as the first."""
    name = f"diagnosis_pointer_{number}"
    if "diagnosis_pointer_1" in known or "line_diagnosis_code" not in known:
        return f"coalesce(cast(s.{name} as integer), 0) as {name}"
    if number > 1:
        return f"0 as {name}"
    cases = " ".join(
        f"when s.line_diagnosis_code = s.diagnosis_code_{position} then {position}"
        for position in range(1, DIAGNOSES_MAX + 1)
    )
    return f"case when s.line_diagnosis_code = '' then 0 {cases} else 0 end as {name}"


def _unreadable(reader: _Reader, person: str, code: str) -> str:
    """How many rows of the codes lack a value that every row needs, by column."""
    wanted = {
        name: reader.value(HISTORY[name])
        for name in ("service_date", "service_unit_quantity", "claim_line_number")
    }
    values = ",\n        ".join(f"{value} as {name}" for name, value in wanted.items())
    no_day = "t.service_date is null"
    if "service_date" in reader.written_days:
        no_day = f"{no_day} or not ({is_a_day('t.service_date')})"
    return (
        "-- grain: one row: the lines with a CoCM code that cannot be read, by column\nselect\n"
        f"    count(*) filter (where {no_day}) as service_date,\n"
        "    count(*) filter (where coalesce(t.service_unit_quantity, -1) < 0) as service_unit_quantity,\n"
        "    count(*) filter (where t.claim_line_number is null) as claim_line_number,\n"
        f"    count(*) filter (where t.person_key is null) as person_id\n"
        f"from (\n    select {values},\n        h.{person} as person_key\n    from {SOURCE} h\n"
        f"    where {code} in (select hcpcs_code from cocm_code)\n) t"
    )


def _quoted(name: str) -> str:
    """A column's name as every engine reads it: only plain names are taken."""
    if not name.replace("_", "").isalnum() or name[0].isdigit():
        raise UnusableInput(
            f"column {name!r}: an audit reads columns of letters, digits and underscores; rename it in a view"
        )
    return name
