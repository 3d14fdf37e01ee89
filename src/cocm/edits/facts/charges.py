"""What the line charges, beside what Medicare allows for its code."""

from __future__ import annotations

from cocm.edits.context import LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the charge in cents",
    sql="l.charge_amount_cents",
    clean=20000,
)
def charge_cents(line: LineContext) -> FactValue:
    """The line's charge for all of its units."""
    return line.line.charge_amount_cents


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="Medicare has an amount for the code",
    denies="Medicare has no amount for the code that is at hand",
    sql="case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end is not null",
    clean=True,
)
def has_reference_amount(line: LineContext) -> FactValue:
    """The fee schedule at hand has a national amount for the code on the date of service."""
    return _reference(line) is not None


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="Medicare's national amount for the line in cents",
    sql="""
        coalesce(case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end, 0)
            * l.service_unit_quantity
    """,
    clean=14496,
)
def reference_amount_cents(line: LineContext) -> FactValue:
    """What Medicare allows nationally for the line's units at such a place of service; 0 without an amount."""
    return (_reference(line) or 0) * line.line.service_unit_quantity


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the charge in cents above which a person looks at it",
    sql="""
        coalesce(case when pl.is_facility then ct.amount_facility_cents else ct.amount_nonfacility_cents end, 0)
            * l.service_unit_quantity * p.charge_multiple
    """,
    clean=144960,
    may_be_unknown=True,
    rules=("limit.charge_multiple_review_above",),
)
def charge_questioned_cents(line: LineContext) -> FactValue:
    """Medicare's amount for the line, so many times as the rule says."""
    amount = (_reference(line) or 0) * line.line.service_unit_quantity
    questioned: FactValue = amount * line.policy["charge_multiple"]
    return questioned


def _reference(line: LineContext) -> int | None:
    terms = line.terms
    is_facility = line.claim.is_facility
    return terms.amount_facility_cents if is_facility else terms.amount_nonfacility_cents
