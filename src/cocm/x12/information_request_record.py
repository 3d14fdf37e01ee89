"""Requests for more information about claims (277 at 006020X313, and at 005010X213 from older payers).

The payer asks by LOINC code, perhaps narrowed by others, per claim or per line, and names the day by which it wants the
answer (a 275). The same records are read and written; what a file gives beyond its content takes no part in comparing
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

from cocm.care.people import Address
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.loop_tree import Origin
from cocm.x12.status_record import StatusRecord
from cocm.x12.wire_parts import ContactRecord

LOINC: Final = "LOI"


@dataclass(frozen=True, slots=True)
class RequestedLine:
    """A service line that is asked about."""

    hcpcs_code: str
    modifiers: tuple[str, ...]
    charge_amount_cents: int
    questions: tuple[StatusRecord, ...]
    line_control_number: str = ""
    service_from_date: date | None = None
    service_to_date: date | None = None
    due_date: date | None = None
    code_type: str = "HC"
    revenue_code: str = ""
    submitted_quantity: Decimal | None = None

    @property
    def loinc_codes(self) -> tuple[str, ...]:
        """What is asked for, in LOINC's codes; those that narrow it are in `questions` too."""
        return _loinc_codes(self.questions)


@dataclass(frozen=True, slots=True)
class AnswerPlace:
    """How and where the answer is wanted, where the payer says so (PWK, PER, N1)."""

    report_type: str
    transmission_code: str = ""
    control_number: str = ""
    contacts: tuple[ContactRecord, ...] = ()
    entity_code: str = ""
    name: str = ""
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class RequestedClaim:
    """A claim that is asked about.

    `trace_number` (TRN02, the payer's number for the claim or request) goes back in the answer's trace.
    `patient_account_number` (REF EJ) is the sender's claim id, CLM01.
    """

    trace_number: str
    questions: tuple[StatusRecord, ...]
    patient_account_number: str = ""
    payer_claim_control_number: str = ""
    bill_type: str = ""
    medical_record_number: str = ""
    clearinghouse_number: str = ""
    provider_control_number: str = ""
    service_from_date: date | None = None
    service_to_date: date | None = None
    due_date: date | None = None
    answer_place: AnswerPlace | None = None
    lines: tuple[RequestedLine, ...] = ()
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    @property
    def loinc_codes(self) -> tuple[str, ...]:
        """What is asked for about the claim as a whole, in LOINC's codes."""
        return _loinc_codes(self.questions)


@dataclass(frozen=True, slots=True)
class RequestedPatient:
    """A patient with the claims that are asked about."""

    party: PartyRecord
    claims: tuple[RequestedClaim, ...]


@dataclass(frozen=True, slots=True)
class RequestedProvider:
    """Who rendered or billed the services."""

    party: PartyRecord
    patients: tuple[RequestedPatient, ...]


class Requested(NamedTuple):
    """One claim of a request, with its provider and patient."""

    provider: RequestedProvider
    patient: RequestedPatient
    claim: RequestedClaim


@dataclass(frozen=True, slots=True)
class InformationRequest:
    """One transaction: a payer asks a receiver (`receiver_entity_code` 41 a submitter, 1P a provider, 40)."""

    reference: str
    payer: PartyRecord
    receiver: PartyRecord
    providers: tuple[RequestedProvider, ...]
    payer_contacts: tuple[ContactRecord, ...] = ()
    receiver_entity_code: str = "41"
    purpose_code: str = "48"
    kind: str = "RQ"
    created_at: datetime | None = field(default=None, compare=False)
    origin: Origin | None = field(default=None, compare=False)
    segments: tuple[PlacedSegment, ...] = field(default=(), compare=False, repr=False)
    start: int = field(default=0, compare=False)
    end: int = field(default=0, compare=False)

    def claims(self) -> Iterator[Requested]:
        """Every claim that is asked about, in the file's order."""
        for provider in self.providers:
            for patient in provider.patients:
                for claim in patient.claims:
                    yield Requested(provider, patient, claim)


def _loinc_codes(questions: tuple[StatusRecord, ...]) -> tuple[str, ...]:
    firsts = (question.codes[0] for question in questions if question.codes)
    return tuple(code.status_code for code in firsts if code.code_list == LOINC)
