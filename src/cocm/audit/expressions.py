"""How a column of some type is read as what it must hold, in plain ANSI text: texts, amounts, dates as day numbers.

A date becomes a number of eight digits and then, by integer arithmetic, the days since 2000-01-01: date functions
differ between engines.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from cocm.audit.contract import ValueKind

TEXT_LENGTH: Final = 200
_MONTH_NAMES: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_TRUE_WORDS: Final = "'Y', 'YES', 'TRUE', 'T', '1'"


def typed_expression(wanted: ValueKind, own: str, kind: str) -> str | None:
    """How a column of some type is read as what it must hold; None where it cannot be that."""
    readers = {
        ValueKind.TEXT: _as_text,
        ValueKind.DATE: _as_ymd,
        ValueKind.MONEY: _as_cents,
        ValueKind.QUANTITY: _as_quantity,
        ValueKind.INTEGER: _as_quantity,
        ValueKind.FLAG: _as_flag,
    }
    return readers[wanted](own, kind)


def _as_text(own: str, kind: str) -> str | None:
    if kind == "text":
        return f"coalesce(trim({own}), '')"
    return f"coalesce(cast({own} as varchar({TEXT_LENGTH})), '')" if kind in ("integer", "date") else None


def _as_ymd(own: str, kind: str) -> str | None:
    """The date as a number of eight digits; null where there is none, or one of the fillers 1000 and 9999."""
    if kind in ("date", "timestamp"):
        number = (
            f"extract(year from {own}) * 10000 + extract(month from {own}) * 100 + extract(day from {own})"
        )
        return _sane(f"cast({number} as integer)")
    if kind == "integer":
        return _sane(f"cast({own} as integer)")
    if kind != "text":
        return None
    months = " ".join(
        f"when '{name}' then {number:02d}" for number, name in enumerate(_MONTH_NAMES, 1)
    ).replace(" then 0", " then ")
    named = (
        f"cast(substr(trim({own}), 8, 4) as integer) * 10000 + case upper(substr(trim({own}), 4, 3)) {months} end * 100"
        f" + cast(substr(trim({own}), 1, 2) as integer)"
    )
    return _sane(
        f"case when trim({own}) = '' then null"
        f" when substr(trim({own}), 3, 1) = '-' then {named}"
        f" when substr(trim({own}), 5, 1) = '-' then cast(replace(substr(trim({own}), 1, 10), '-', '') as integer)"
        f" else cast(substr(trim({own}), 1, 8) as integer) end"
    )


def is_a_day(ymd: str) -> str:
    """Whether a calendar has the day of a number of eight digits (20260229 is none)."""
    year = f"floor({ymd} / 10000.0)"
    month = f"floor({ymd} / 100.0) - {year} * 100"
    day = f"{ymd} - floor({ymd} / 100.0) * 100"
    leap = (
        f"floor({ymd} / 40000.0) * 40000 = {year} * 10000"
        f" and (floor({ymd} / 1000000.0) * 100 <> {year} or floor({ymd} / 4000000.0) * 400 = {year})"
    )
    return (
        f"{month} between 1 and 12 and ({day} between 1 and 28 or {day} between 29 and 30 and {month} <> 2"
        f" or {day} = 31 and {month} in (1, 3, 5, 7, 8, 10, 12) or {day} = 29 and {month} = 2 and {leap})"
    )


def _sane(ymd: str) -> str:
    return f"case when {ymd} between 19000101 and 21991231 then {ymd} end"


def _as_cents(own: str, kind: str) -> str | None:
    if kind in ("integer", "decimal", "double"):
        return f"cast(round({own} * 100) as bigint)"
    text = f"cast(nullif(trim({own}), '') as decimal(18, 4))"
    return f"cast(round({text} * 100) as bigint)" if kind == "text" else None


def _as_quantity(own: str, kind: str) -> str | None:
    """A number as it stands; whether it is whole is asked later."""
    if kind in ("integer", "decimal", "double"):
        return f"cast({own} as decimal(18, 4))"
    return f"cast(nullif(trim({own}), '') as decimal(18, 4))" if kind == "text" else None


def _as_flag(own: str, kind: str) -> str | None:
    if kind == "boolean":
        return own
    if kind == "integer":
        return f"{own} = 1"
    return f"upper(trim({own})) in ({_TRUE_WORDS})" if kind == "text" else None


def day_parts(name: str) -> str:
    """Year, month and day of a number of eight digits, the year beginning in March as the day's formula wants it."""
    ymd = f"t.{name}_ymd"
    month = f"cast(floor({ymd} / 100.0) as integer) - cast(floor({ymd} / 10000.0) as integer) * 100"
    year = f"cast(floor({ymd} / 10000.0) as integer)"
    return (
        f"        , case when {month} > 2 then {year} else {year} - 1 end as {name}_y\n"
        f"        , case when {month} > 2 then {month} - 3 else {month} + 9 end as {name}_m\n"
        f"        , {ymd} - cast(floor({ymd} / 100.0) as integer) * 100 as {name}_d\n"
    )


def day_number_of(name: str) -> str:
    """Days since 2000-01-01 from the parts, by integer arithmetic."""
    y, m, d = (f"p.{name}_{part}" for part in "ymd")
    return (
        f"365 * {y} + cast(floor({y} / 4.0) as integer) - cast(floor({y} / 100.0) as integer)"
        f" + cast(floor({y} / 400.0) as integer) + cast(floor((153 * {m} + 2) / 5.0) as integer) + {d}"
        f" - {_DAYS_BEFORE}"
    )


def _days_before(day: date) -> int:
    year, month = (day.year, day.month - 3) if day.month > 2 else (day.year - 1, day.month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day.day


_DAYS_BEFORE: Final = _days_before(date(2000, 1, 1))
