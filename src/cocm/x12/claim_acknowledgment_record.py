"""Claim acknowledgments (277CA): which claims of a batch were taken in, and which were not and why.

The same records are read and written; what a file gives beyond its content takes no part in comparing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from cocm.basics.records import quickly_made
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import Origin
from cocm.x12.status_record import StatusRecord
from cocm.x12.wire_parts import Reference


@dataclass(frozen=True, slots=True)
class AcknowledgedLine:
    """A service line that was looked at by itself; mostly only rejected lines are."""

    hcpcs_code: str
    modifiers: tuple[str, ...]
    charge_amount_cents: int
    line_control_number: str
    statuses: tuple[StatusRecord, ...]
    code_type: str = "HC"
    revenue_code: str = ""
    submitted_quantity: Decimal | None = None
    prescription_number: str = ""
    service_from_date: date | None = None
    service_to_date: date | None = None


@quickly_made
@dataclass(frozen=True, slots=True)
class AcknowledgedClaim:
    """The answer to one claim. `claim_id` is the sender's (CLM01)."""

    claim_id: str
    patient: PartyRecord
    statuses: tuple[StatusRecord, ...]
    service_from_date: date | None
    service_to_date: date | None
    payer_claim_control_number: str = ""
    clearinghouse_number: str = ""
    bill_type: str = ""
    lines: tuple[AcknowledgedLine, ...] = ()
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def is_accepted(self) -> bool:
        """Whether the claim goes on to adjudication: no status of it rejects it."""
        return not any(status.is_rejected for status in self.statuses)


@dataclass(frozen=True, slots=True)
class AcknowledgmentTotals:
    """How many claims were taken in and rejected, and what was charged on them; None where it is not said."""

    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_amount_cents: int | None = None
    rejected_amount_cents: int | None = None


NO_TOTALS = AcknowledgmentTotals()


@dataclass(frozen=True, slots=True)
class AcknowledgedProvider:
    """The claims of one billing provider. `trace_number` empty: nothing is said of the provider as a whole."""

    party: PartyRecord
    claims: tuple[AcknowledgedClaim, ...]
    trace_number: str = ""
    statuses: tuple[StatusRecord, ...] = ()
    numbers: tuple[Reference, ...] = ()
    totals: AcknowledgmentTotals = NO_TOTALS


@dataclass(frozen=True, slots=True)
class AcknowledgedBatch:
    """The answer to one batch. `batch_number` is the reference of the claims' transaction (BHT03)."""

    receiver: PartyRecord
    batch_number: str
    statuses: tuple[StatusRecord, ...]
    totals: AcknowledgmentTotals = NO_TOTALS
    providers: tuple[AcknowledgedProvider, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimAcknowledgment:
    """One 277CA. `source_entity_code` PR: from the payer, AY: from a clearinghouse."""

    reference: str
    source_entity_code: str
    source: PartyRecord
    trace_number: str
    received_date: date
    processed_date: date
    batches: tuple[AcknowledgedBatch, ...]
    created_at: datetime | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def claims(self) -> Iterator[AcknowledgedClaim]:
        """All claims that are answered, in the file's order."""
        for batch in self.batches:
            for provider in batch.providers:
                yield from provider.claims
