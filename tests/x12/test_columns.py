"""The tables of the columnar reader say the same as the records, on files of many forms."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from cocm.basics.errors import X12Error
from cocm.x12 import read_835, read_837p
from cocm.x12.claim_record import ClaimRecord, PartyRecord
from cocm.x12.columns import (
    ClaimTables,
    RemittanceTables,
    Table,
    iter_tables_835,
    iter_tables_837p,
    tables_835,
    tables_837p,
)
from cocm.x12.problem import ProblemKind
from cocm.x12.remittance_record import Adjustment, ClaimPayment
from cocm.x12.tokens import read_segments
from remittance_samples import REMITTANCE
from table_samples import files

Row = dict[str, Any]
MANY_FORMS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


class Rows:
    """A file's tables as rows, by what they belong to."""

    def __init__(self, tables: ClaimTables | RemittanceTables) -> None:
        self.all = {table.name: list(table.rows()) for table in tables.tables()}

    def of(self, table: str, **keys: int | None) -> list[Row]:
        return [
            {**row, "at": at}
            for at, row in enumerate(self.all[table])
            if all(row[name] == key for name, key in keys.items())
        ]


def party_of(row: Row) -> tuple[Any, ...]:
    return (
        row["entity_type"] == "1",
        *(row[name] for name in ("last_or_organization_name", "first_name", "middle_name", "name_suffix")),
        row["identifier_type"],
        row["identifier"],
    )


def said_of(party: PartyRecord) -> tuple[Any, ...]:
    return (
        party.is_person,
        party.last_or_organization_name,
        party.first_name,
        party.middle_name,
        party.name_suffix,
        party.identifier_type,
        party.identifier,
    )


def adjustments_of(rows: list[Row]) -> list[tuple[Any, ...]]:
    return [(row["group_code"], row["reason_code"], row["amount_cents"], row["quantity"]) for row in rows]


def said_of_adjustments(adjustments: tuple[Adjustment, ...]) -> list[tuple[Any, ...]]:
    return [(one.group_code, one.reason_code, one.amount_cents, one.quantity) for one in adjustments]


def check_remittances(data: bytes, tables: RemittanceTables) -> None:
    """Every payment, claim, line and adjustment of the records is in the tables, and nothing else."""
    rows, claim_key, line_key = Rows(tables), 0, 0
    records = list(read_835(data))
    assert len(records) == len(rows.all["payments"])
    for key, record in enumerate(records):
        (payment,) = [row for at, row in enumerate(rows.all["payments"]) if at == key]
        sign = -1 if payment["credit_or_debit"] == "D" else 1
        assert sign * payment["amount_cents"] == record.paid_amount_cents
        for name in (
            "handling_code",
            "method",
            "payment_date",
            "trace_number",
            "payer_identifier",
            "production_date",
        ):
            assert payment[name] == getattr(record, name), name
        assert (payment["control_number"], payment["start"]) == (
            record.transaction_control_number,
            record.start,
        )
        payer = rows.of("parties", transaction=key, segment="payer_name")[0]
        assert party_of(payer) == said_of(record.payer)
        assert record.payer.address is None or (payer["city"], payer["postal_code"]) == (
            record.payer.address.city,
            record.payer.address.postal_code,
        )
        moved = rows.of("provider_adjustments", transaction=key)
        assert [
            (row["reason_code"], row["reference"], row["amount_cents"], row["fiscal_year_end"])
            for row in moved
        ] == [
            (one.reason_code, one.reference, one.amount_cents, one.fiscal_year_end)
            for one in record.provider_adjustments
        ]
        claims = rows.of("claims", transaction=key)
        assert [row["at"] for row in claims] == list(range(claim_key, claim_key + len(record.claims)))
        for row, claim in zip(claims, record.claims, strict=True):
            check_paid_claim(rows, row, claim, line_key)
            claim_key, line_key = claim_key + 1, line_key + len(claim.lines)
    assert (claim_key, line_key) == (len(tables.claims), len(tables.lines))


def check_paid_claim(rows: Rows, row: Row, claim: ClaimPayment, first_line: int) -> None:
    for name in (
        "claim_id", "status_code", "charge_amount_cents", "paid_amount_cents", "claim_filing_code",
        "payer_claim_control_number", "place_of_service_code", "frequency_code", "statement_from_date",
        "statement_to_date", "received_date", "start", "end",
    ):  # fmt: skip
        assert row[name] == getattr(claim, name), name
    assert (row["patient_responsibility_amount_cents"] or 0) == claim.patient_responsibility_amount_cents
    key = row["at"]
    patient = rows.of("parties", claim=key, segment="patient_name")[0]
    assert party_of(patient) == said_of(claim.patient)
    assert adjustments_of(rows.of("adjustments", claim=key, line=None)) == said_of_adjustments(
        claim.adjustments
    )
    assert [one["remark_code"] for one in rows.of("remarks", claim=key, line=None)] == list(
        claim.remark_codes
    )
    lines = rows.of("lines", claim=key)
    assert [one["at"] for one in lines] == list(range(first_line, first_line + len(claim.lines)))
    for one, line in zip(lines, claim.lines, strict=True):
        for name in (
            "hcpcs_code", "submitted_hcpcs_code", "charge_amount_cents", "paid_amount_cents", "paid_quantity",
            "service_from_date", "service_to_date", "line_control_number", "allowed_amount_cents", "start", "end",
        ):  # fmt: skip
            assert one[name] == getattr(line, name), name
        assert tuple(filter(None, (one[f"modifier_{at}"] for at in (1, 2, 3, 4)))) == line.modifiers
        assert adjustments_of(rows.of("adjustments", line=one["at"])) == said_of_adjustments(line.adjustments)
        assert [row["remark_code"] for row in rows.of("remarks", line=one["at"])] == list(line.remark_codes)


def check_professional(data: bytes, tables: ClaimTables) -> None:
    """Every claim, line, level and party of the records is in the tables, and nothing else."""
    rows, line_key = Rows(tables), 0
    records = list(read_837p(data))
    assert len(records) == len(tables.claims)
    for key, (row, record) in enumerate(zip(tables.claims.rows(), records, strict=True)):
        for name in (
            "claim_id", "charge_amount_cents", "place_of_service_code", "frequency_code",
            "payer_claim_control_number", "start", "end",
        ):  # fmt: skip
            assert row[name] == getattr(record, name), name
        check_levels(rows, row, record)
        first = [one["start"] for one in rows.of("diagnoses", claim=key)][:1]
        codes = [one["diagnosis_code"] for one in rows.of("diagnoses", claim=key) if [one["start"]] == first]
        assert tuple(codes) == record.diagnosis_codes
        rendering = rows.of("parties", claim=key, loop="2310B")
        assert (said_of(record.rendering) if record.rendering else None) == next(
            map(party_of, rendering), None
        )
        assert [party_of(one) for one in rows.of("parties", claim=key, loop="2310A")] == [
            said_of(one) for one in record.referring
        ]
        lines = rows.of("lines", claim=key)
        assert [one["at"] for one in lines] == list(range(line_key, line_key + len(record.lines)))
        for one, line in zip(lines, record.lines, strict=True):
            for name in (
                "claim_line_number", "hcpcs_code", "charge_amount_cents", "unit", "service_unit_quantity",
                "place_of_service_code", "service_from_date", "service_to_date", "line_control_number", "start", "end",
            ):  # fmt: skip
                assert one[name] == getattr(line, name), name
            pointers = [one[f"pointer_{at}"] for at in (1, 2, 3, 4)]
            assert tuple(at for at in pointers if at is not None) == line.diagnosis_pointers
        line_key += len(lines)
    assert line_key == len(tables.lines)


def check_levels(rows: Rows, row: Row, record: ClaimRecord) -> None:
    """The levels a claim stands under, and the parties in them."""
    subscriber = rows.all["levels"][row["subscriber_level"]]
    for name in ("payer_sequence", "group_number", "claim_filing_code"):
        assert subscriber[name] == getattr(record, name), name
    relationship = subscriber["subscriber_relationship"]
    if row["patient_level"] is not None:
        relationship = rows.all["levels"][row["patient_level"]]["patient_relationship"]
        assert rows.all["levels"][row["patient_level"]]["parent"] == row["subscriber_level"]
    assert relationship == record.relationship_code
    assert subscriber["parent"] == row["billing_level"]
    for level, loop, party in (
        ("billing_level", "2010AA", record.billing),
        ("subscriber_level", "2010BA", record.subscriber),
        ("subscriber_level", "2010BB", record.payer),
    ):
        found = [
            one for one in rows.of("parties", level=row[level], loop=loop) if one["start"] < row["start"]
        ][0]
        assert party_of(found) == said_of(party)
        assert found.get("birth_date") == party.birth_date
        if party.address is not None:
            assert (found["city"], found["state"]) == (party.address.city, party.address.state)
        assert (found["employer_number"] or found["social_security_number"]) == party.tin
    taxonomy = rows.all["levels"][row["billing_level"]]["taxonomy_code"]
    assert taxonomy == record.billing.taxonomy_code


def agrees(data: bytes, kind: str) -> None:
    """Tables and records agree wherever the records can be read; where they cannot, the tables tell problems."""
    check: Callable[..., None] = check_remittances if kind == "835" else check_professional
    make: Callable[..., Any] = tables_835 if kind == "835" else tables_837p
    tables = make(data)
    check_reachable(data, tables)
    try:
        check(data, tables)
    except X12Error:
        assert tables.problems, "what the records refuse is told"


def check_reachable(data: bytes, tables: ClaimTables | RemittanceTables) -> None:
    """No byte of any segment is out of every table's reach."""
    spans = sorted(
        (start, end)
        for table in tables.tables()
        for start, end in zip(table["start"], table["end"], strict=True)
    )
    reached, at = 0, 0
    for segment in read_segments(data):
        while at < len(spans) and spans[at][0] <= segment.start:
            reached, at = max(reached, spans[at][1]), at + 1
        assert segment.end <= reached, segment.tag


@MANY_FORMS
@given(files("835"))
def test_remittance_tables_say_what_the_records_say(data: bytes) -> None:
    agrees(data, "835")


@MANY_FORMS
@given(files("837"))
def test_claim_tables_say_what_the_records_say(data: bytes) -> None:
    agrees(data, "837")
