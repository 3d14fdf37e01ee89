"""A remittance (835) as it was read: one payment with its claims, service lines and adjustments, in whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cocm.x12.claim_record import PartyRecord, PlacedSegment


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why a charge was not paid in full: group (CO, PR, OA, PI), reason, and the amount by which less was paid."""

    group_code: str
    reason_code: str
    amount_cents: int
    quantity: Decimal | None


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money moved outside any claim (PLB). A positive amount lowers the payment."""

    provider_identifier: str
    fiscal_year_end: date
    reason_code: str
    reference: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class ServicePayment:
    """One service line as it was paid. Dates are None where the line has none of its own."""

    hcpcs_code: str
    modifiers: tuple[str, ...]
    submitted_hcpcs_code: str
    charge_amount_cents: int
    paid_amount_cents: int
    paid_quantity: Decimal | None
    service_from_date: date | None
    service_to_date: date | None
    line_control_number: str
    allowed_amount_cents: int | None
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClaimPayment:
    """One claim's decision. `status_code` 1 to 3: processed as primary to tertiary, 4 denied, 22 reversal.

    `adjustments` are those of the claim as a whole; lines have their own. `segments` are all of the claim's; `start`
    and `end` are its bytes.
    """

    claim_id: str
    status_code: str
    charge_amount_cents: int
    paid_amount_cents: int
    patient_responsibility_amount_cents: int
    claim_filing_code: str
    payer_claim_control_number: str
    place_of_service_code: str
    frequency_code: str
    patient: PartyRecord
    subscriber: PartyRecord | None
    corrected: PartyRecord | None
    rendering: PartyRecord | None
    crossover_payer: PartyRecord | None
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...]
    statement_from_date: date | None
    statement_to_date: date | None
    received_date: date | None
    lines: tuple[ServicePayment, ...]
    segments: tuple[PlacedSegment, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class RemittanceRecord:
    """One payment: a transaction from ST to SE. `paid_amount_cents` is negative for a debit.

    `segments` are those outside any claim: payment, payer, payee, summaries, and any that the guide does not know.
    """

    interchange_control_number: str
    group_control_number: str
    transaction_control_number: str
    handling_code: str
    paid_amount_cents: int
    method: str
    payment_date: date
    trace_number: str
    payer_identifier: str
    payer: PartyRecord
    payee: PartyRecord
    production_date: date | None
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]
    segments: tuple[PlacedSegment, ...]
    start: int
    end: int
