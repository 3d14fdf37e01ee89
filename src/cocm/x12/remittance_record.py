"""A remittance (835): one payment with its claims, service lines and adjustments, in whole cents.

The same records are read and written. What a file gives beyond its content (bytes, segments) takes no part when two
records are compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from cocm.basics.records import quickly_made
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.wire_parts import AmountRecord, ContactRecord, Reference


@quickly_made
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
class PaymentAccounts:
    """From which account to which a payment went (BPR05 to BPR15). Bank types `01`: an ABA routing number."""

    format_code: str
    sender_bank_type: str
    sender_bank: str
    sender_account_type: str
    sender_account: str
    sender_company: str
    sender_company_supplement: str
    receiver_bank_type: str
    receiver_bank: str
    receiver_account_type: str
    receiver_account: str


@dataclass(frozen=True, slots=True)
class ServicePayment:
    """One service line as it was paid. Dates are None where the line has none of its own.

    `allowed_amount_cents` is the amount of kind B6, `amounts` are the others; `numbers` are all but the line's control
    number (policies have the kind 0K).
    """

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
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    code_type: str = "HC"
    revenue_code: str = ""
    submitted_quantity: Decimal | None = None
    numbers: tuple[Reference, ...] = ()
    amounts: tuple[AmountRecord, ...] = ()


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
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    coverage_end_date: date | None = None
    corrected_payer: PartyRecord | None = None
    other_subscriber: PartyRecord | None = None
    numbers: tuple[Reference, ...] = ()
    amounts: tuple[AmountRecord, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class RemittanceRecord:
    """One payment: a transaction from ST to SE. `paid_amount_cents` is negative for a debit.

    The three control numbers are those it was read with; a written file numbers anew. `payer_contacts` must name a
    technical one (kind BL). `payer_identifier` is the payer's tax number with a 1 before it (TRN03).
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
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)
    accounts: PaymentAccounts | None = None
    payer_contacts: tuple[ContactRecord, ...] = ()
    payer_numbers: tuple[Reference, ...] = ()
    payee_numbers: tuple[Reference, ...] = ()
    receiver_number: str = ""
    payer_supplement: str = ""
