"""Claims histories to audit: one service line a row, in our own columns, with what is usual filled in."""

from __future__ import annotations

from datetime import date
from typing import Any

from cocm.audit.contract import HISTORY, ValueKind
from cocm.audit.plan_rows import AuditPlan
from cocm.basics.months import Period
from cocm.care.people import Address
from cocm.plan.records import (
    Benefit,
    Entity,
    EntityKind,
    Fee,
    FeeBasis,
    PlanBook,
    PlanProfile,
    ServiceClass,
    Side,
)

PLAN_PACK = "ca-commercial-carveout"
MEDICAL, ADMINISTRATOR = "GHP01", "BHA01"
TYPES = {
    ValueKind.TEXT: "varchar(200)",
    ValueKind.DATE: "date",
    ValueKind.MONEY: "decimal(12, 2)",
    ValueKind.QUANTITY: "integer",
    ValueKind.INTEGER: "integer",
    ValueKind.FLAG: "boolean",
}
USUAL: dict[str, Any] = {
    "claim_line_number": 1,
    "person_id": "P1",
    "hcpcs_code": "99493",
    "service_unit_quantity": 1,
    "status": "paid",
    "unit_basis_code": "UN",
    "place_of_service_code": "11",
    "frequency_code": "1",
    "billing_npi": "1234567893",
    "billing_tin": "999000001",
    "billing_taxonomy_code": "207Q00000X",
    "rendering_npi": "1245319599",
    "rendering_taxonomy_code": "207Q00000X",
    "supervising_npi": "1245319599",
    "payer_identifier": MEDICAL,
    "payer_sequence": "P",
    "birth_date": "1988-05-04",
    "diagnosis_code_1": "F32.1",
    "diagnosis_pointer_1": 1,
    "charge_amount": "180.00",
    "decided_by": MEDICAL,
    "has_paperwork": False,
    "product": "HMO",
}
TEXTS = {name: "" for name, column in HISTORY.items() if column.kind is ValueKind.TEXT}


def line(claim_id: str, day: str, **values: Any) -> dict[str, Any]:
    """A line of a claim that was paid without fault, with some values of its own."""
    unknown = set(values) - set(HISTORY)
    assert not unknown, f"no columns of a history: {unknown}"
    row = {**dict.fromkeys(HISTORY), **TEXTS, **USUAL, "claim_id": claim_id, "service_date": day}
    row |= {"service_from_date": day, "received_date": day, "decided_date": day}
    row |= {
        "allowed_amount": "150.00",
        "paid_amount": "130.00",
        "deductible_amount": "0",
        "coinsurance_amount": "0",
    }
    row |= {"copayment_amount": "20.00", **values}
    if row["status"] == "denied":
        row |= {"allowed_amount": "0", "paid_amount": "0", "copayment_amount": "0"}
        row["adjustment_group_code_1"] = values.get("adjustment_group_code_1", "CO")
    return row


def denied(claim_id: str, day: str, reason: str, **values: Any) -> dict[str, Any]:
    """A line that was denied for a reason."""
    return line(claim_id, day, status="denied", adjustment_reason_code_1=reason, **values)


def create_statement(name: str = "history") -> str:
    """The history's own columns as a table."""
    columns = ", ".join(f"{column.name} {TYPES[column.kind]}" for column in HISTORY.values())
    return f"create table {name} ({columns})"


def insert_statement(rows: list[dict[str, Any]], name: str = "history") -> str:
    """The rows as one statement."""
    values = ",\n".join(
        f"({', '.join(_literal(column.kind, row[column.name]) for column in HISTORY.values())})"
        for row in rows
    )
    return f"insert into {name} values\n{values}"


def _literal(kind: ValueKind, value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind in (ValueKind.TEXT, ValueKind.DATE):
        return f"'{value}'"
    return str(value)


def plan() -> AuditPlan:
    """A plan with a copayment of $20 on the medical and $50 on the behavioral side, and a product that waives it."""
    always = Period(date(2020, 1, 1))

    def benefit(product: str, side: Side, copayment_cents: int, *, is_waived: bool = False) -> Benefit:
        return Benefit(product, side, None, always, True, is_waived, 0, copayment_cents, 0, None)

    book = PlanBook(
        profile=PlanProfile(
            "GHP", "GOLDEN HEALTH PLAN", PLAN_PACK, "MED", MEDICAL, "941112222",
            Address("1 PLAN PLAZA", "FRESNO", "CA", "93701"), "8005550111", FeeBasis.FEE_TABLE,
        ),
        entities={
            "MED": Entity("MED", "Golden medical", EntityKind.MEDICAL, MEDICAL),
            "BHA": Entity("BHA", "Mind admin", EntityKind.BEHAVIORAL_ADMINISTRATOR, ADMINISTRATOR),
        },
        delegations=(),
        members={},
        benefits=(
            benefit("HMO", Side.MEDICAL, 2_000),
            benefit("HMO", Side.BEHAVIORAL, 5_000),
            Benefit("FREE", Side.MEDICAL, ServiceClass.COCM, always, True, True, 0, 0, 0, None),
            benefit("FREE", Side.BEHAVIORAL, 5_000),
        ),
        accumulators={},
        fees={"99493": (Fee("99493", always, None, 15_000),)},
        providers={},
    )  # fmt: skip
    return AuditPlan(PLAN_PACK, book)
