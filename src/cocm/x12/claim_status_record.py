"""Claim status: what is asked about claims (276) and what the payer answers (277), as one set of records.

A transaction names a payer, under it who asks, under that providers, subscribers and their dependents. The claims stand
with the patient: the subscriber, or a dependent. The same records are read and written; what a file gives beyond its
content takes no part in comparing them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import Origin
from cocm.x12.status_record import StatusRecord
from cocm.x12.wire_parts import ContactRecord, Reference


@dataclass(frozen=True, slots=True)
class ClaimStatusLine:
    """A service line. A 277 has `paid_amount_cents` and `statuses`."""

    hcpcs_code: str
    modifiers: tuple[str, ...]
    charge_amount_cents: int
    service_from_date: date | None
    service_to_date: date | None
    line_control_number: str = ""
    code_type: str = "HC"
    revenue_code: str = ""
    submitted_quantity: Decimal | None = None
    paid_amount_cents: int | None = None
    statuses: tuple[StatusRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimStatus:
    """One claim that is asked about, or answered. `trace_number` is the asker's and comes back.

    `patient_account_number` is the sender's own claim id (CLM01). `numbers` are others by their kind (LU, 6P, XZ, VV).
    `charge_amount_cents` is asked with (276); an answer has amounts in its statuses.
    """

    trace_number: str
    statuses: tuple[StatusRecord, ...] = ()
    payer_claim_control_number: str = ""
    bill_type: str = ""
    patient_account_number: str = ""
    clearinghouse_number: str = ""
    numbers: tuple[Reference, ...] = ()
    charge_amount_cents: int | None = None
    service_from_date: date | None = None
    service_to_date: date | None = None
    lines: tuple[ClaimStatusLine, ...] = ()
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class StatusMember:
    """A subscriber with own claims and dependents, or a dependent. A 276 has birth date and sex in `party`."""

    party: PartyRecord
    claims: tuple[ClaimStatus, ...] = ()
    dependents: tuple[StatusMember, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusProvider:
    """Who rendered the services, by one or two names. With `trace_number` and `statuses` it is itself rejected."""

    parties: tuple[PartyRecord, ...]
    subscribers: tuple[StatusMember, ...] = ()
    trace_number: str = ""
    statuses: tuple[StatusRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReceiver:
    """Who asks. `trace_number` and `statuses`: the request as a whole is rejected."""

    party: PartyRecord
    providers: tuple[StatusProvider, ...] = ()
    trace_number: str = ""
    statuses: tuple[StatusRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusSource:
    """The payer."""

    party: PartyRecord
    receivers: tuple[StatusReceiver, ...] = ()
    contacts: tuple[ContactRecord, ...] = ()


class StatusAsked(NamedTuple):
    """One claim of a transaction with who stands above. `dependent` None: the patient is the subscriber."""

    source: StatusSource
    receiver: StatusReceiver
    provider: StatusProvider
    subscriber: StatusMember
    dependent: StatusMember | None
    claim: ClaimStatus


@dataclass(frozen=True, slots=True)
class ClaimStatusRecord:
    """One transaction. `reference` (BHT03) comes back as it was sent."""

    reference: str
    sources: tuple[StatusSource, ...]
    created_at: datetime | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def claims(self) -> Iterator[StatusAsked]:
        """Every claim that the transaction asks or tells about, in its order."""
        for source in self.sources:
            for receiver in source.receivers:
                for provider in receiver.providers:
                    for subscriber in provider.subscribers:
                        above = source, receiver, provider, subscriber
                        for claim in subscriber.claims:
                            yield StatusAsked(*above, None, claim)
                        for dependent in subscriber.dependents:
                            for claim in dependent.claims:
                                yield StatusAsked(*above, dependent, claim)
