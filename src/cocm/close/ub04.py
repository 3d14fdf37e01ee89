"""The data sheet of institutional claims: what goes on a UB-04, one row a service line.

A payer that takes a facility's claims on the institutional form (837I, UB-04) gets no 837P from us; its months are held
with that reason. Those that nothing else holds stand on this sheet, for the billing system that sends such claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from cocm.basics.files import safe_cell
from cocm.basics.identity import Provenance
from cocm.basics.money import plain_dollars
from cocm.care.people import Address
from cocm.claims.build import month_claim
from cocm.claims.records import Claim, ServiceLine
from cocm.close.decide import MonthDecision
from cocm.close.outputs import PROVENANCE_COLUMNS
from cocm.rules import PackOn
from cocm.rules.facilities import bill_types

UB04_FILE: Final = "ub04.csv"
UB04_COLUMNS: Final = (
    "patient_month_id",
    "type_of_bill",
    "patient_control_number",
    "statement_from",
    "statement_through",
    "claim_line_number",
    "revenue_code",
    "hcpcs_code",
    "service_date",
    "service_unit_quantity",
    "charge_amount",
    "claim_charge_amount",
    "principal_diagnosis",
    "other_diagnoses",
    "attending_npi",
    "attending_last_name",
    "attending_first_name",
    "billing_name",
    "billing_npi",
    "billing_tin",
    "payer_name",
    "payer_identifier",
    "member_id",
    "group_number",
    "relationship",
    "subscriber_last_name",
    "subscriber_first_name",
    "patient_id",
    "patient_last_name",
    "patient_first_name",
    "patient_birth_date",
    "patient_sex",
    "patient_address",
    "to_complete",
    *PROVENANCE_COLUMNS,
)
"""In the order in which the form is filled in. `to_complete` says in words what the rules leave to the facility."""

_ANY_DIGIT: Final = "X"
_LIST_SEPARATOR: Final = ";"


def ub04_rows(
    decision: MonthDecision, charges: Mapping[str, int], provenance: Provenance
) -> tuple[tuple[str, ...], ...]:
    """The rows of a patient-month in the order of `UB04_COLUMNS`; none where the form is another, or more holds it.

    The statement covers the date of service alone, so that it meets no other claim of the facility. The control number
    is the stable id of the month's first claim: the same close gives the same sheet.
    """
    if not decision.is_for_institutional_form:
        return ()
    claim = month_claim(decision.case, decision.proposal, decision.policy, charges, provenance)
    if not isinstance(claim, Claim):
        return ()
    return tuple(_rows(claim, decision))


def _rows(claim: Claim, decision: MonthDecision) -> Iterator[tuple[str, ...]]:
    type_of_bill, of_bill = _type_of_bill(
        decision.policy, claim.billing.taxonomy_code, claim.place_of_service_code, claim.frequency_code
    )
    revenue_code, of_revenue = _revenue_code(decision.policy)
    to_complete = "; ".join(filter(None, (of_bill, of_revenue)))
    for line in claim.lines:
        cells = (
            decision.patient_month_id,
            type_of_bill,
            claim.claim_id,
            *_line_cells(line, revenue_code),
            plain_dollars(claim.charge_amount_cents),
            claim.diagnosis_codes[0],
            _LIST_SEPARATOR.join(claim.diagnosis_codes[1:]),
            *_party_cells(claim, decision),
            to_complete,
            *decision.made_with,
        )
        yield tuple(map(safe_cell, cells))


def _line_cells(line: ServiceLine, revenue_code: str) -> Sequence[str]:
    day = line.service_date.isoformat()
    return (
        day,
        day,
        str(line.claim_line_number),
        revenue_code,
        line.hcpcs_code,
        day,
        str(line.service_unit_quantity),
        plain_dollars(line.charge_amount_cents),
    )


def _party_cells(claim: Claim, decision: MonthDecision) -> Sequence[str]:
    """Who treats, who bills, who pays, who is treated. The billing practitioner is the attending one."""
    attending = decision.case.billing_practitioner
    subscriber = claim.subscriber
    return (
        attending.npi if attending else "",
        attending.last_name if attending else "",
        attending.first_name if attending else "",
        claim.billing.name,
        claim.billing.identifier,
        claim.billing.tin,
        claim.payer.name,
        claim.payer.identifier,
        claim.member_id,
        claim.group_number,
        claim.relationship,
        subscriber.last_name if subscriber else claim.patient_last_name,
        subscriber.first_name if subscriber else claim.patient_first_name,
        claim.patient_id,
        claim.patient_last_name,
        claim.patient_first_name,
        claim.patient_birth_date.isoformat(),
        claim.patient_sex,
        _in_one_line(claim.patient_address),
    )


def _in_one_line(address: Address) -> str:
    return f"{address.line}, {address.city}, {address.state} {address.postal_code}"


@lru_cache(maxsize=1024)
def _type_of_bill(
    policy: PackOn, taxonomy_code: str, place_of_service_code: str, frequency_code: str
) -> tuple[str, str]:
    """The type of bill with its frequency digit, and what is left to complete.

    Of the payer's types it is the one of the facility's taxonomy, else of the site's place of service, else the only
    one; where none of this tells, all stand there for the facility to choose.
    """
    rule = policy.value("claim.bill_types")
    known = [kind for kind in bill_types(policy.pack.rulebook) if kind.bill_type in rule.members]
    by_taxonomy = {kind.bill_type for kind in known if kind.taxonomy_code == taxonomy_code}
    by_place = {kind.bill_type for kind in known if kind.place_of_service_code == place_of_service_code}
    for found in (by_taxonomy, by_place, set(rule.members)):
        if len(found) == 1:
            return found.pop().replace(_ANY_DIGIT, frequency_code), ""
    possible = " or ".join(kind.replace(_ANY_DIGIT, frequency_code) for kind in sorted(rule.members))
    return possible, "the facility's type of bill"


@lru_cache(maxsize=1024)
def _revenue_code(policy: PackOn) -> tuple[str, str]:
    """The revenue code, and what is left to complete: the rules may know all but the last digit, or nothing."""
    code = policy.text("claim.revenue_code") or ""
    if not code:
        return "", "the department's revenue code"
    return code, "the last digit of the revenue code" if code.endswith(_ANY_DIGIT) else ""
