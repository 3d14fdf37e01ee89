"""The small tables that an audit writes beside a history: what the plan knows, and the causes with their citations."""

from __future__ import annotations

from typing import Final

from cocm.warehouse.tables import Column, ColumnType, Table


def _text(name: str, meaning: str) -> Column:
    return Column(name, ColumnType.TEXT, meaning)


def _integer(name: str, meaning: str, *, may_be_null: bool = False) -> Column:
    return Column(name, ColumnType.INTEGER, meaning, may_be_null)


def _boolean(name: str, meaning: str) -> Column:
    return Column(name, ColumnType.BOOLEAN, meaning)


AUDIT_PLAN: Final = Table(
    "audit_plan",
    "one row: the plan whose history it is",
    (
        _text("pack_id", "its rules in the rulebook"),
        _text("default_product", "the product of a line that names none; empty where there are several"),
        _boolean(
            "pays_medicare_rates", "Medicare's national amounts stand in where the fee table has no row"
        ),
    ),
)
AUDIT_ADMINISTRATOR: Final = Table(
    "audit_administrator",
    "one row an identifier of an entity that administers behavioral benefits for the plan",
    (_text("payer_identifier", "its identifier, as in decided_by"),),
)
AUDIT_BENEFIT: Final = Table(
    "audit_benefit",
    "one row a product, side of the benefit and span of days: what a member pays for a CoCM line",
    (
        _text("product", "the product"),
        _text("side", "medical or behavioral"),
        _integer("effective_from_day_number", "first day of the span"),
        _integer("effective_to_day_number", "first day after it"),
        _boolean("is_waived", "the member pays nothing at all"),
        _integer("deductible_cents", "the year's deductible that applies; 0: none"),
        _integer("copayment_cents", "owed once a claim"),
        _integer("coinsurance_percent", "of what is left after deductible and copayment"),
    ),
)
AUDIT_FEE: Final = Table(
    "audit_fee",
    "one row a code, kind of place and span of days: what the plan allows for one unit",
    (
        _text("hcpcs_code", "the code"),
        _boolean("is_facility", "for a facility's place of service"),
        _integer("effective_from_day_number", "first day of the span"),
        _integer("effective_to_day_number", "first day after it"),
        _integer("amount_cents", "for one unit"),
    ),
)
AUDIT_CAUSE: Final = Table(
    "audit_cause",
    "one row a cause",
    (
        _text("cause_id", "the cause"),
        _text("side", "plan or practice"),
        _text("kind", "what kind of mistake it is"),
        _text("other_line", "the relation of the line that stands beside it as evidence"),
        _text("source", "where it comes from"),
    ),
)
AUDIT_CITE: Final = Table(
    "audit_cite",
    "one row a payer's rules in a span of days and a cause or edit: the values that it rests on",
    (
        _text("policy_id", "the row of policy"),
        _text("subject_id", "the cause or edit"),
        _text("rules", "each value with its date and source"),
        _boolean("is_established", "every value is stated or secondary, none merely assumed"),
    ),
)
AUDIT_CODE: Final = Table(
    "audit_code",
    "one row a code that bears on a CoCM line",
    (_text("hcpcs_code", "the code"),),
)
PLAN_TABLES: Final = (AUDIT_PLAN, AUDIT_ADMINISTRATOR, AUDIT_BENEFIT, AUDIT_FEE)
