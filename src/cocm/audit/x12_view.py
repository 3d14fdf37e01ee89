"""A folder of `cocm x12 table`, in Parquet or CSV, as the view `history` of DuckDB.

An 837P does not say in which product a member is; where the plan's members are at hand they tell it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

import duckdb

from cocm.audit.layout import SOURCE
from cocm.basics.errors import UnusableInput
from cocm.basics.files import FORMULA_STARTS
from cocm.plan.records import Member
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import plan_decisions
from cocm.warehouse.values import sql_literal

LINES: Final = "professional_lines"
TABLE_NAMES: Final = (
    "professional_claims",
    LINES,
    "professional_levels",
    "professional_parties",
    "professional_diagnoses",
    "professional_references",
    "remittance_payments",
    "remittance_claims",
    "remittance_lines",
    "remittance_adjustments",
    "remittance_remarks",
    "remittance_references",
)
_ENDINGS: Final = (".parquet", ".csv")
_REASONS: Final = ("deductible", "coinsurance", "copayment", "allowed_amount")
_STATUSES: Final = ("denied", "reversed", "forwarded")
_MEMBER_SPAN: Final = "x12_member_span"
_NO_PRODUCT: Final = {"product": "", "product_join": ""}
_PRODUCT: Final = {
    "product": ",\n    coalesce(ms.product, '') as product",
    "product_join": f"""
left join {_MEMBER_SPAN} ms on ms.member_id = s.member_id and ms.birth_date = coalesce(t.birth_date, s.birth_date)
    and ms.effective_from <= coalesce(l.service_to_date, l.service_from_date)
    and (ms.effective_to is null or coalesce(l.service_to_date, l.service_from_date) < ms.effective_to)""",
}
_NUMBERS: Final = re.compile(
    r"transaction|claim|line|level|parent|(billing|subscriber|patient)_level|start|end|claim_line_number|"
    r"pointer_[1-4]|.*_cents"
)
_DATES: Final = re.compile(r".*_date")
_QUANTITIES: Final = re.compile(r"(.*_)?quantity")


def is_x12_folder(folder: Path) -> bool:
    """Whether a path is a folder of tables that `cocm x12 table` wrote."""
    return any((folder / f"{LINES}{ending}").is_file() for ending in _ENDINGS)


def make_x12_view(
    connection: duckdb.DuckDBPyConnection, folder: Path, rulebook: Rulebook, members: Collection[Member]
) -> None:
    """The folder as the view `history`; with the plan's members its lines have a product.

    Raises `UnusableInput` naming the table that is missing or not as the command writes it.
    """
    ending = next(ending for ending in _ENDINGS if (folder / f"{LINES}{ending}").is_file())
    for name in TABLE_NAMES:
        path = folder / f"{name}{ending}"
        if not path.is_file():
            raise UnusableInput(
                f"{path}: is missing; write the 837 and 835 files into one folder: cocm x12 table FILE... --to DIR"
            )
        try:
            connection.execute(f"create view {name} as {_reading(connection, path)}")
        except duckdb.Error as problem:
            raise UnusableInput(
                f"{path}: not as `cocm x12 table` writes it: {first_line(problem)}"
            ) from problem
    if members:
        _make_spans(connection, members)
    decisions = plan_decisions(rulebook)
    text = Template(
        resources.files("cocm.audit").joinpath("x12_lines.sql").read_text(encoding="utf-8").rstrip()
    ).substitute(
        {name: decisions[name].codes.reason_code for name in _REASONS}
        | {name: decisions[name].claim_status_code for name in _STATUSES}
        | (_PRODUCT if members else _NO_PRODUCT)
    )
    try:
        connection.execute(f"create view {SOURCE} as {text}")
        connection.execute(f"select * from {SOURCE} limit 0")
    except duckdb.Error as problem:
        raise UnusableInput(
            f"{folder}: not as `cocm x12 table` writes it: {first_line(problem)}"
        ) from problem


def first_line(problem: Exception) -> str:
    """What an engine says, without its excerpt of the text."""
    return str(problem).split("\n")[0]


def _reading(connection: duckdb.DuckDBPyConnection, path: Path) -> str:
    """The text that reads a table. A CSV's columns get the types that they have in Parquet, by their names."""
    if path.suffix == ".parquet":
        return f"select * from read_parquet({sql_literal(str(path))})"
    reader = (
        f"read_csv({sql_literal(str(path))}, header = true, delim = ',', quote = '\"', escape = '\"',"
        " all_varchar = true, null_padding = false)"
    )
    names = [str(row[0]) for row in connection.execute(f"describe select * from {reader}").fetchall()]
    return f"select {', '.join(map(_typed, names))} from {reader}"


def _typed(name: str) -> str:
    own = f'"{name}"'
    if _NUMBERS.fullmatch(name):
        return f"cast({own} as bigint) as {own}"
    if _DATES.fullmatch(name):
        return f"cast({own} as date) as {own}"
    if _QUANTITIES.fullmatch(name):
        return f"cast({own} as decimal(18, 3)) as {own}"
    starts = ", ".join(sql_literal(start) for start in FORMULA_STARTS)
    # Of a cell that would have begun a formula the apostrophe goes again.
    return (
        f"case when substr({own}, 1, 1) = '''' and substr({own}, 2, 1) in ({starts}) then substr({own}, 2)"
        f" else {own} end as {own}"
    )


def _make_spans(connection: duckdb.DuckDBPyConnection, members: Collection[Member]) -> None:
    """The members' days in a product; the days of one member do not overlap."""
    import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types

    spans = [(member, span) for member in members for span in member.spans]
    connection.register(
        "x12_member_spans",
        pa.table(
            {
                "member_id": pa.array([member.member_id for member, _ in spans], pa.string()),
                "birth_date": pa.array([member.birth_date for member, _ in spans], pa.date32()),
                "effective_from": pa.array([span.period.effective_from for _, span in spans], pa.date32()),
                "effective_to": pa.array([span.period.effective_to for _, span in spans], pa.date32()),
                "product": pa.array([span.product for _, span in spans], pa.string()),
            }
        ),
    )
    connection.execute(f"create temporary table {_MEMBER_SPAN} as select * from x12_member_spans")
    connection.unregister("x12_member_spans")
