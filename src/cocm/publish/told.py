"""What a history tells: a measure that rests on something else is not told, and never shown as nought."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from cocm.audit.contract import HISTORY
from cocm.marts.inputs import CLAIM_EVENT, LINE_ADJUSTMENT, LINE_DECISION, MEMBER_SPAN
from cocm.publish.measures import MEDIAN_DAYS, PERCENTILES


class Topic(StrEnum):
    """Something that a history may leave out, in the words of a page."""

    PRODUCTS = "products"
    REGIONS = "regions"
    RECEIPTS = "days of receipt or payment"
    FIRST_ANSWERS = "first answers"
    FIRST_SHARES = "member shares by the first answer"
    SHARES = "member shares"
    PENDS = "what was pended"
    REASONS = "reason codes"
    ENTITIES = "who decided"
    RECORDS = "requests for records"
    APPEALS = "appeals"
    CHARGES = "charges"
    ALLOWED = "allowed amounts"
    PAID = "paid amounts"
    GROUPS = "tax ids"
    TAXONOMIES = "taxonomies"


_COLUMNS: Final[dict[Topic, tuple[str, ...]]] = {
    Topic.PRODUCTS: ("product",),
    Topic.REGIONS: ("region",),
    Topic.RECEIPTS: ("received_date", "decided_date"),
    Topic.FIRST_ANSWERS: ("first_status",),
    Topic.FIRST_SHARES: ("first_member_share_amount",),
    Topic.REASONS: ("adjustment_reason_code_1",),
    Topic.ENTITIES: ("decided_by",),
    Topic.RECORDS: ("records_requested_date",),
    Topic.APPEALS: ("appeal_outcome",),
    Topic.CHARGES: ("charge_amount",),
    Topic.ALLOWED: ("allowed_amount",),
    Topic.PAID: ("paid_amount",),
    Topic.GROUPS: ("billing_tin",),
}
"""The columns of a file that tell of it, all of them needed."""
_ANY_COLUMN: Final[dict[Topic, tuple[str, ...]]] = {
    Topic.SHARES: ("deductible_amount", "coinsurance_amount", "copayment_amount"),
    Topic.TAXONOMIES: ("billing_taxonomy_code", "rendering_taxonomy_code"),
}
_TABLES: Final = {
    Topic.PRODUCTS: MEMBER_SPAN,
    Topic.REGIONS: MEMBER_SPAN,
    Topic.RECEIPTS: CLAIM_EVENT,
    Topic.FIRST_ANSWERS: LINE_DECISION,
    Topic.FIRST_SHARES: LINE_DECISION,
    Topic.SHARES: LINE_DECISION,
    Topic.PENDS: LINE_DECISION,
    Topic.REASONS: LINE_ADJUSTMENT,
    Topic.ENTITIES: LINE_DECISION,
    Topic.RECORDS: CLAIM_EVENT,
    Topic.APPEALS: CLAIM_EVENT,
    Topic.ALLOWED: LINE_DECISION,
    Topic.PAID: LINE_DECISION,
}
"""The table of the contract that tells of it."""
_NEEDS: Final[dict[str, tuple[Topic, ...]]] = {
    "lines_routed_to_administrator": (Topic.REASONS, Topic.ENTITIES),
    "routed_rate": (Topic.REASONS, Topic.ENTITIES),
    "lines_called_duplicate": (Topic.REASONS,),
    "duplicate_rate": (Topic.REASONS,),
    "lines_pended": (Topic.PENDS,),
    "lines_with_records_requested": (Topic.RECORDS,),
    "records_request_rate": (Topic.RECORDS,),
    "lines_by_appeal": (Topic.APPEALS,),
    "lines_with_share_corrected": (Topic.FIRST_SHARES,),
    "member_share_first": (Topic.FIRST_SHARES,),
    "member_share": (Topic.SHARES,),
    "charge_amount": (Topic.CHARGES,),
    "allowed_amount": (Topic.ALLOWED,),
    "paid_amount": (Topic.PAID,),
    "paid_per_member_month": (Topic.PAID,),
    "billing_groups": (Topic.GROUPS,),
    "members_with_behavioral_diagnosis": (Topic.TAXONOMIES,),
    MEDIAN_DAYS: (Topic.RECEIPTS,),
    **{f"days_to_pay_{percent}th_percentile": (Topic.RECEIPTS,) for percent in PERCENTILES},
}
"""What a measure rests on beside the lines and their last answers; one of several suffices."""


def untold_by_tables(absent: Collection[str]) -> frozenset[Topic]:
    """What the contract's tables do not tell where some are absent."""
    return frozenset(topic for topic, table in _TABLES.items() if table.name in absent)


def untold_by_file(known: Collection[str], *, knows_administrators: bool) -> frozenset[Topic]:
    """What a file of claims with these columns does not tell. It never has pends; entities need the plan's tables."""
    assert all(name in HISTORY for names in (*_COLUMNS.values(), *_ANY_COLUMN.values()) for name in names)
    missing = {topic for topic, names in _COLUMNS.items() if not set(names) <= set(known)}
    missing |= {topic for topic, names in _ANY_COLUMN.items() if not set(names) & set(known)}
    if not knows_administrators:
        missing.add(Topic.ENTITIES)
    return frozenset(missing | {Topic.PENDS})


def untold_measures(untold: Collection[Topic]) -> frozenset[str]:
    """The measures that cannot be told."""
    return frozenset(name for name, topics in _NEEDS.items() if all(topic in untold for topic in topics))
