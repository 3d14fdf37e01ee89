"""What the marts read beside the claim lines: decisions with their adjustments and remarks, events, coverage.

The same contract as `cocm.warehouse.tables`: plain integers, booleans and text; a date is a `day_number`.
"""

from __future__ import annotations

from typing import Final

from cocm.warehouse.tables import Column, ColumnType, Table

_INTEGER, _TEXT = ColumnType.INTEGER, ColumnType.TEXT
_LINE: Final = (
    Column("claim_id", _TEXT, "the claim"),
    Column("claim_line_number", _INTEGER, "the line's number on the claim, from 1"),
)
_DECISION: Final = Column(
    "decision_number", _INTEGER, "the decision: 1 is a line's first, the highest its last"
)

LINE_DECISION: Final = Table(
    "line_decision",
    "one row a decision about a service line; a line that was decided again has several",
    (
        *_LINE,
        _DECISION,
        Column(
            "answer", _TEXT, "paid, denied, pended, rejected (before adjudication), forwarded or reversed"
        ),
        Column("decided_day_number", _INTEGER, "the day of the decision"),
        Column(
            "paid_day_number", _INTEGER, "the day of payment; null where nothing was paid", may_be_null=True
        ),
        Column(
            "entity_kind",
            _TEXT,
            "who decided: medical, delegated_group, behavioral_administrator or state_agent; empty: not known",
        ),
        Column("allowed_amount_cents", _INTEGER, "the allowed amount"),
        Column("paid_amount_cents", _INTEGER, "the paid amount; negative where a decision takes one back"),
        Column("member_share_cents", _INTEGER, "deductible, copayment and coinsurance together"),
    ),
)
LINE_ADJUSTMENT: Final = Table(
    "line_adjustment",
    "one row an adjustment (CAS) of a decision",
    (
        *_LINE,
        _DECISION,
        Column("group_code", _TEXT, "CO, PR, OA or PI"),
        Column("reason_code", _TEXT, "the CARC"),
        Column("amount_cents", _INTEGER, "the amount that was adjusted"),
    ),
)
LINE_REMARK: Final = Table(
    "line_remark",
    "one row a remark code (RARC) of a decision",
    (*_LINE, _DECISION, Column("remark_code", _TEXT, "the RARC")),
)
CLAIM_EVENT: Final = Table(
    "claim_event",
    "one row something that happened to a claim beside its decisions",
    (
        Column("claim_id", _TEXT, "the claim"),
        Column(
            "event",
            _TEXT,
            "received, records_requested, records_received, appealed, appeal_granted, appeal_refused",
        ),
        Column("day_number", _INTEGER, "the day on which it happened"),
    ),
)
MEMBER_SPAN: Final = Table(
    "member_span",
    "one row a person's days in a product of a payer, in one region",
    (
        Column("person_id", _TEXT, "the person, as in claim_line"),
        Column("payer_id", _TEXT, "the payer, as in claim_line"),
        Column("product", _TEXT, "the product; empty where it is not known"),
        Column("region", _TEXT, "county, or the first three digits of the ZIP; empty where it is not known"),
        Column("from_day_number", _INTEGER, "the first day"),
        Column("to_day_number", _INTEGER, "the last day; null while it goes on", may_be_null=True),
    ),
)

DECISION_TABLES: Final = (LINE_DECISION, LINE_ADJUSTMENT, LINE_REMARK, CLAIM_EVENT, MEMBER_SPAN)
"""Each may be absent: what it would tell is then not known, never nought."""
