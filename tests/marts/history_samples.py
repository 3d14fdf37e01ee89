"""A small claims history, worked by hand: six persons, two products, three months. Days are `day_number`s."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from cocm.basics.months import Month, day_number
from cocm.marts.inputs import CLAIM_EVENT, DECISION_TABLES, LINE_ADJUSTMENT, LINE_DECISION, MEMBER_SPAN
from cocm.warehouse.tables import CLAIM_DIAGNOSIS, CLAIM_LINE, Column, ColumnType, Table
from cocm.warehouse.values import Row, insert_statements

TABLES = (CLAIM_LINE, CLAIM_DIAGNOSIS, *DECISION_TABLES)
PACK = "ca-commercial-carveout"
_EMPTY: Mapping[ColumnType, Any] = {ColumnType.TEXT: "", ColumnType.INTEGER: 0, ColumnType.BOOLEAN: False}


def row(table: Table, **values: Any) -> Row:
    """A row of a table; what is not given is empty, 0 or false, and null where that may be."""
    unknown = values.keys() - {column.name for column in table.columns}
    assert not unknown, unknown
    return tuple(values.get(column.name, _default(column)) for column in table.columns)


def _default(column: Column) -> Any:
    return None if column.may_be_null else _EMPTY[column.column_type]


@dataclass
class History:
    """Rows of every table, added claim by claim."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table.name: [] for table in TABLES})

    def add(self, table: Table, **values: Any) -> None:
        self.rows[table.name].append(row(table, **values))

    def claim(
        self, claim_id: str, person_id: str, day: date, *codes: str | tuple[str, int], **values: Any
    ) -> str:
        """A claim with a line for each code (with its units), 100.00 a unit, of a primary care biller."""
        for number, given in enumerate(codes, start=1):
            code, units = given if isinstance(given, tuple) else (given, 1)
            self.add(
                CLAIM_LINE,
                **{
                    "claim_id": claim_id, "claim_line_number": number, "person_id": person_id, "pack_id": PACK,
                    "payer_id": "GHP", "billing_npi": "1111111111", "billing_tin": "111111111",
                    "billing_taxonomy_code": "207Q00000X", "rendering_npi": "2222222222", "frequency_code": "1",
                    "hcpcs_code": code, "service_unit_quantity": units, "unit_basis_code": "UN",
                    "is_whole_quantity": True, "charge_amount_cents": 10_000 * units,
                    "service_from_day_number": day_number(day), "service_day_number": day_number(day),
                    "service_from_month_index": Month.of(day).index, "policy_day_number": day_number(day),
                    "as_of_day_number": day_number(day),
                    "month_index": Month.of(day).index, "year_number": day.year, "place_of_service_code": "11",
                    "payer_sequence": "P", "diagnosis_pointer_1": 1,
                    **values,
                },
            )  # fmt: skip
        self.add(CLAIM_DIAGNOSIS, claim_id=claim_id, diagnosis_position=1, diagnosis_code="F330")
        return claim_id

    def decide(self, claim_id: str, number: int, answer: str, day: date, *lines: int, **values: Any) -> None:
        """A decision about lines of a claim (the first where none is named)."""
        for line in lines or (1,):
            paid = {"paid_day_number": day_number(day)} if answer == "paid" else {}
            self.add(
                LINE_DECISION,
                **{
                    "claim_id": claim_id, "claim_line_number": line, "decision_number": number, "answer": answer,
                    "decided_day_number": day_number(day), "entity_kind": "medical", **paid, **values,
                },
            )  # fmt: skip

    def member(self, person_id: str, product: str = "HMO", region: str = "Shasta", **values: Any) -> None:
        self.add(
            MEMBER_SPAN,
            **{
                "person_id": person_id, "payer_id": "GHP", "product": product, "region": region,
                "from_day_number": day_number(date(2026, 1, 1)), **values,
            },
        )  # fmt: skip

    def connection(self, absent: Iterable[str] = ()) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        for statement in self.statements(absent):
            connection.execute(statement)
        return connection

    def statements(self, absent: Iterable[str] = ()) -> list[str]:
        made: list[str] = []
        for table in TABLES:
            if table.name not in absent:
                made += [table.create_statement, *insert_statements(table, self.rows[table.name])]
        return made

    def write(self, folder: Path, absent: Iterable[str] = ()) -> Path:
        """Every table as a Parquet file."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.connection() as connection:
            for table in TABLES:
                if table.name not in absent:
                    connection.execute(
                        f"copy {table.name} to '{folder / table.name}.parquet' (format parquet)"
                    )
        return folder


def worked_history() -> History:
    """The history that the tests' figures are worked out from by hand."""
    history = History()
    for person, product, region in (
        ("P1", "HMO", "Shasta"), ("P2", "HMO", "Shasta"), ("P3", "PPO", "Butte"), ("P4", "PPO", "Butte"),
        ("P5", "HMO", "Butte"), ("P6", "HMO", "Shasta"),
    ):  # fmt: skip
        history.member(person, product, region)
    # P1: three months. The first is paid at once, the second misrouted and paid later, the third asked for records.
    history.claim("C1", "P1", date(2026, 1, 31), "99492", ("99494", 2))
    received(history, "C1", date(2026, 2, 2))
    history.decide("C1", 1, "paid", date(2026, 2, 12), 1, 2, paid_amount_cents=8_000, allowed_amount_cents=9_000,
                   member_share_cents=1_000)  # fmt: skip
    history.claim("C2", "P1", date(2026, 2, 28), "99493")
    received(history, "C2", date(2026, 3, 1))
    history.decide("C2", 1, "denied", date(2026, 3, 5), entity_kind="behavioral_administrator",
                   member_share_cents=4_000)  # fmt: skip
    refused(history, "C2", 1, "CO", "109", 10_000)
    history.decide("C2", 2, "paid", date(2026, 3, 25), paid_amount_cents=8_000, allowed_amount_cents=9_000,
                   member_share_cents=1_000)  # fmt: skip
    history.claim("C3", "P1", date(2026, 3, 31), "99493", ("99494", 1))
    received(history, "C3", date(2026, 4, 1))
    event(history, "C3", "records_requested", date(2026, 4, 5))
    history.decide("C3", 1, "pended", date(2026, 4, 5), 1, 2)
    history.decide(
        "C3", 2, "paid", date(2026, 4, 20), 1, 2, paid_amount_cents=8_000, allowed_amount_cents=8_000
    )
    # P2: called a duplicate, appealed, paid.
    history.claim("C4", "P2", date(2026, 1, 31), "99492")
    received(history, "C4", date(2026, 2, 1))
    history.decide("C4", 1, "denied", date(2026, 2, 10))
    refused(history, "C4", 1, "OA", "18", 10_000)
    event(history, "C4", "appealed", date(2026, 2, 20))
    event(history, "C4", "appeal_granted", date(2026, 3, 10))
    history.decide("C4", 2, "paid", date(2026, 3, 13), paid_amount_cents=9_000, allowed_amount_cents=9_000)
    # P3: forwarded by the plan, nothing more known. P4: rejected before adjudication, a month cut short.
    history.claim("C5", "P3", date(2026, 3, 31), "99492", billing_npi="3333333333", billing_tin="333333333")
    received(history, "C5", date(2026, 4, 2))
    history.decide("C5", 1, "forwarded", date(2026, 4, 8))
    refused(history, "C5", 1, "OA", "B11", 10_000)
    history.claim("C6", "P4", date(2026, 2, 28), "G2214")
    history.decide("C6", 1, "rejected", date(2026, 3, 1), entity_kind="")
    # P4 again: paid and taken back, the void beside it.
    history.claim("C7", "P4", date(2026, 3, 31), "99493")
    received(history, "C7", date(2026, 4, 1))
    history.decide("C7", 1, "paid", date(2026, 4, 9), paid_amount_cents=8_000, allowed_amount_cents=8_000)
    history.decide("C7", 2, "reversed", date(2026, 4, 30), paid_amount_cents=-8_000)
    history.claim("C8", "P4", date(2026, 3, 31), "99493", frequency_code="8")
    # P5: general behavioral health integration, open. P6: an office visit for depression.
    history.claim("C9", "P5", date(2026, 3, 31), "99484")
    history.claim("C10", "P6", date(2026, 3, 3), "99213")
    return history


def received(history: History, claim_id: str, day: date) -> None:
    event(history, claim_id, "received", day)


def event(history: History, claim_id: str, name: str, day: date) -> None:
    history.add(CLAIM_EVENT, claim_id=claim_id, event=name, day_number=day_number(day))


def refused(history: History, claim_id: str, number: int, group: str, reason: str, cents: int) -> None:
    history.add(
        LINE_ADJUSTMENT, claim_id=claim_id, claim_line_number=1, decision_number=number, group_code=group,
        reason_code=reason, amount_cents=cents,
    )  # fmt: skip


def repeated(history: History, times: int) -> History:
    """The same history of so many times as many persons: everything happens to each of them."""
    many = History()
    for table in TABLES:
        names = [column.name for column in table.columns]
        keys = [names.index(name) for name in ("claim_id", "person_id") if name in names]
        for number in range(times):
            for values in history.rows[table.name]:
                own = [f"{value}-{number}" if place in keys else value for place, value in enumerate(values)]
                many.rows[table.name].append(tuple(own))
    return many
