"""Writes professional claims (837P, 005010X222A1): one interchange, one group, a transaction for every so
many claims.

Claims are taken in the order they come; a new billing level starts where the billing provider changes, and
each claim has its own subscriber level. The same claims and envelope give the same bytes. At most one
transaction is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim, Organization
from cocm.x12.claim_batch import BatchWriter
from cocm.x12.claim_columns import columns_of
from cocm.x12.claim_writer import ClaimWriter
from cocm.x12.envelope import CONTROL_NUMBER_MAX, Envelope, EnvelopeWriter
from cocm.x12.guide import load_guide
from cocm.x12.tokens import Delimiters

PROFESSIONAL_GUIDE: Final = "005010X222A1"
CLAIMS_PER_TRANSACTION_MAX: Final = 5_000  # the guide's own recommendation

# Written at once; a batch that holds a claim that is not right is halved down to so few that they go one by one.
CLAIMS_PER_BATCH_MAX: Final = 250  # their columns fit the processor's own memory
CLAIMS_PER_BATCH_MIN: Final = 8

Refused = Callable[[Claim, X12Error], None]


@dataclass(frozen=True, slots=True)
class Transaction:
    """One finished transaction set, ST to SE."""

    control_number: str
    content: bytes
    claim_count: int
    service_line_count: int
    segment_count: int
    charge_amount_cents: int


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What was written. Counts are of claims that went out; `byte_count` 0: there was none, and nothing was
    written.
    """

    transaction_count: int
    claim_count: int
    service_line_count: int
    segment_count: int
    byte_count: int
    charge_amount_cents: int


def write_837p(
    claims: Iterable[Claim],
    envelope: Envelope,
    out: BinaryIO,
    *,
    claims_per_transaction: int = CLAIMS_PER_TRANSACTION_MAX,
    on_refused: Refused | None = None,
) -> WriteResult:
    """Write claims as one interchange.

    A claim that cannot be sent raises `X12Error` naming it; with `on_refused` it is handed over with the
    reason instead, and the others are written.
    """
    return write_transactions(
        _transactions(claims, envelope, claims_per_transaction, on_refused), envelope, out
    )


def write_transactions(transactions: Iterable[Transaction], envelope: Envelope, out: BinaryIO) -> WriteResult:
    """Write finished transactions (made elsewhere, perhaps in other processes) as one interchange."""
    writer = EnvelopeWriter(envelope, load_guide(PROFESSIONAL_GUIDE))
    transaction_count = claim_count = line_count = segment_count = byte_count = charge_amount_cents = 0
    control_numbers: set[str] = set()
    for transaction in transactions:
        if not transaction.claim_count:
            continue
        if transaction.control_number in control_numbers:
            raise X12Error(f"two transactions have the control number {transaction.control_number}")
        control_numbers.add(transaction.control_number)
        if not transaction_count:
            byte_count += out.write(writer.start().encode("ascii"))
        byte_count += out.write(transaction.content)
        transaction_count += 1
        claim_count += transaction.claim_count
        line_count += transaction.service_line_count
        segment_count += transaction.segment_count
        charge_amount_cents += transaction.charge_amount_cents
    if transaction_count:
        byte_count += out.write(writer.end(transaction_count).encode("ascii"))
        segment_count += len(("ISA", "GS", "GE", "IEA"))
    return WriteResult(
        transaction_count, claim_count, line_count, segment_count, byte_count, charge_amount_cents
    )


def professional_transaction(
    claims: Iterable[Claim], envelope: Envelope, control_number: int, *, on_refused: Refused | None = None
) -> Transaction:
    """Write claims as one transaction set. `control_number` must be unique within the interchange.

    Raises `X12Error` where two claims have one id, or, without `on_refused`, for a claim that cannot be sent.
    """
    return _TransactionBuilder(envelope).build(claims, control_number, on_refused)


def _transactions(
    claims: Iterable[Claim], envelope: Envelope, claims_per_transaction: int, on_refused: Refused | None
) -> Iterator[Transaction]:
    if claims_per_transaction < 1:
        raise X12Error("claims_per_transaction must be at least 1")
    builder = _TransactionBuilder(envelope)
    control_number = envelope.first_transaction_control_number
    remaining = iter(claims)
    while batch := tuple(islice(remaining, claims_per_transaction)):
        yield builder.build(batch, control_number, on_refused)
        control_number += 1


@lru_cache(maxsize=4)
def _writers(delimiters: Delimiters) -> tuple[ClaimWriter, BatchWriter]:
    """The compiled forms, and the parts they have already written; kept from one transaction to the next."""
    writer = ClaimWriter(load_guide(PROFESSIONAL_GUIDE), delimiters)
    return writer, BatchWriter(writer)


@dataclass(slots=True)
class _OpenTransaction:
    """A transaction set while it is being written. `billing` is whose level is open, with its telephone."""

    parts: list[bytes] = field(default_factory=list)
    segment_count: int = 0
    claim_ids: set[str] = field(default_factory=set)
    billing: tuple[Organization, str] | None = None
    billing_level: int = 0
    level_number: int = 0
    line_count: int = 0
    charge_amount_cents: int = 0

    def append(self, text: str, terminator: bytes) -> None:
        """Add finished segments: encoded while they are at hand, for a copy of the whole takes its time."""
        part = text.encode("ascii")
        self.segment_count += part.count(terminator)
        self.parts.append(part)


class _TransactionBuilder:
    """Builds transaction after transaction with the same compiled forms."""

    def __init__(self, envelope: Envelope) -> None:
        guide = load_guide(PROFESSIONAL_GUIDE)
        self._terminator = envelope.delimiters.terminator.encode("ascii")
        self._envelope_writer = EnvelopeWriter(envelope, guide)
        self._claim_writer, self._batch_writer = _writers(envelope.delimiters)

    def build(self, claims: Iterable[Claim], number: int, on_refused: Refused | None) -> Transaction:
        if not 1 <= number <= CONTROL_NUMBER_MAX:
            raise X12Error(f"the transaction control number must be 1 to {CONTROL_NUMBER_MAX}, not {number}")
        control_number = f"{number:04d}"
        transaction = _OpenTransaction()
        transaction.append(self._envelope_writer.transaction_start(control_number), self._terminator)
        remaining = iter(claims)
        while some := tuple(islice(remaining, CLAIMS_PER_BATCH_MAX)):
            self._add(transaction, some, on_refused)
        segment_count = transaction.segment_count + 1
        end = self._envelope_writer.transaction_end(segment_count, control_number)
        content = b"".join((*transaction.parts, end.encode("ascii")))
        return Transaction(
            control_number,
            content,
            len(transaction.claim_ids),
            transaction.line_count,
            segment_count,
            transaction.charge_amount_cents,
        )

    def _add(
        self, transaction: _OpenTransaction, claims: Sequence[Claim], on_refused: Refused | None
    ) -> None:
        """Claims of one billing provider at once where all are right, else in halves, at last singly."""
        if len(claims) < CLAIMS_PER_BATCH_MIN:
            for claim in claims:
                self._add_one(transaction, claim, on_refused)
        elif not self._add_batch(transaction, claims):
            half = len(claims) // 2
            self._add(transaction, claims[:half], on_refused)
            self._add(transaction, claims[half:], on_refused)

    def _add_batch(self, transaction: _OpenTransaction, claims: Sequence[Claim]) -> bool:
        """Whether the claims were written: all of them, or none."""
        columns = columns_of(claims)
        if columns is None or not columns.have_one_billing:
            return False
        claim_ids = set(columns.claim_ids)
        if len(claim_ids) < len(claims) or not transaction.claim_ids.isdisjoint(claim_ids):
            return False
        billing, level_number = (columns.billings[0], columns.billing_phones[0]), transaction.level_number
        head, billing_level = "", transaction.billing_level
        if billing != transaction.billing:
            level_number += 1
            billing_level = level_number
            try:
                head = self._billing(claims[0], billing_level)
            except X12Error:  # told for each claim, one by one
                return False
        written = self._batch_writer.batch(claims, columns, level_number + 1, billing_level)
        if written is None:
            return False
        transaction.append(head + written.text, self._terminator)
        transaction.claim_ids |= claim_ids
        transaction.billing, transaction.billing_level = billing, billing_level
        transaction.level_number = level_number + written.level_count
        transaction.line_count += written.line_count
        transaction.charge_amount_cents += written.charge_amount_cents
        return True

    def _add_one(self, transaction: _OpenTransaction, claim: Claim, on_refused: Refused | None) -> None:
        level_number, billing_level = transaction.level_number, transaction.billing_level
        billing, head = (claim.billing, claim.billing_phone), ""
        try:
            if claim.claim_id in transaction.claim_ids:
                raise X12Error(
                    f"claim {claim.claim_id}: stands twice in one transaction; the payer would deny it"
                )
            if billing != transaction.billing:
                level_number += 1
                billing_level = level_number
                head = self._billing(claim, billing_level)
            charge_amount_cents = claim.charge_amount_cents
            text, levels = self._claim_writer.claim(
                claim, charge_amount_cents, level_number + 1, billing_level
            )
        except X12Error as problem:
            if on_refused is None:
                raise
            on_refused(claim, problem)
            return
        transaction.append(head + text, self._terminator)
        transaction.claim_ids.add(claim.claim_id)
        transaction.billing, transaction.billing_level = billing, billing_level
        transaction.level_number = level_number + levels
        transaction.line_count += len(claim.lines)
        transaction.charge_amount_cents += charge_amount_cents

    def _billing(self, claim: Claim, level_number: int) -> str:
        """The billing level this claim opens."""
        try:
            return self._claim_writer.billing(level_number, claim.billing, claim.billing_phone)
        except X12Error as problem:
            raise X12Error(f"claim {claim.claim_id}: {problem}") from None
