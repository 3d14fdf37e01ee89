"""Reads and writes claim acknowledgments (277CA, 005010X214)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from io import BytesIO
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_acknowledgment_batch import AcknowledgedTexts
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedLine,
    AcknowledgedProvider,
    AcknowledgmentTotals,
    ClaimAcknowledgment,
)
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.envelope import Envelope, EnvelopeWriter
from cocm.x12.guide import load_guide
from cocm.x12.loop_tree import LoopNode, TransactionTree
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import cents, whole
from cocm.x12.service_values import (
    modifiers,
    named_party,
    number_values,
    service_dates,
    service_span,
    service_values,
)
from cocm.x12.status_record import status_values, statuses
from cocm.x12.tokens import Delimiters, Source
from cocm.x12.tree_reader import created_at, read_transactions
from cocm.x12.tree_values import (
    amount_text,
    day_text,
    decimal_or_none,
    name_values,
    optional_cents,
    optional_day,
    reference_values,
    references,
    span_values,
    time_text,
)
from cocm.x12.tree_writer import (
    LoopValues,
    SegmentValues,
    Written,
    interchange_bytes,
    segment,
    transaction_text,
    write_trees,
)
from cocm.x12.wire_parts import DateSpan

CLAIM_ACKNOWLEDGMENT_GUIDE: Final = "005010X214"

CLAIMS_IN_BATCH_MIN: Final = 200
"""So many claims are worth the preparation of writing them at once."""

# The codes of the counts (QTY01), accepted and rejected, by loop.
_COUNT_TYPES: Final = {"2200B": ("90", "AA"), "2200C": ("QA", "QC")}


def read_277ca(source: Source) -> Iterator[ClaimAcknowledgment]:
    """The claim acknowledgments of a file in their order.

    Raises `X12Error` for a file that cannot be read or holds another transaction, and for a value that is none.
    """
    parties = PartyReader()
    return (_read(parties, tree) for tree in read_transactions(source, (CLAIM_ACKNOWLEDGMENT_GUIDE,)))


def write_277ca(acknowledgments: Iterable[ClaimAcknowledgment], envelope: Envelope, out: BinaryIO) -> Written:
    """Write claim acknowledgments as one interchange, a transaction each.

    Raises `X12Error` naming the claim, loop and element for what the guide does not allow; then nothing is written.
    """
    together = tuple(acknowledgments)
    claim_count = sum(
        [len(one.claims) for told in together for batch in told.batches for one in batch.providers]
    )
    if claim_count >= CLAIMS_IN_BATCH_MIN:
        written = _write_batch(together, envelope, out)
        if written is not None:
            return written
    return write_277ca_exactly(together, envelope, out)


def write_277ca_exactly(
    acknowledgments: Iterable[ClaimAcknowledgment], envelope: Envelope, out: BinaryIO
) -> Written:
    """As `write_277ca`, but every claim is laid out and checked by itself: the same bytes, later."""
    return write_trees(
        CLAIM_ACKNOWLEDGMENT_GUIDE, map(partial(_transaction, envelope), acknowledgments), envelope, out
    )


def _write_batch(
    acknowledgments: Sequence[ClaimAcknowledgment], envelope: Envelope, out: BinaryIO
) -> Written | None:
    """Write acknowledgments whose claims are filled in; None where something in them must be written exactly."""
    if any(
        len(told.batches) != 1 or not all(one.claims for one in told.batches[0].providers)
        for told in acknowledgments
    ):
        return None
    guide, texts = load_guide(CLAIM_ACKNOWLEDGMENT_GUIDE), []
    filler = AcknowledgedTexts(guide, envelope.delimiters, _claim_values)
    kinds: dict[object, AcknowledgedClaim] = {}
    proofs = []
    number = envelope.first_transaction_control_number
    try:
        for told in acknowledgments:
            filled = []
            for provider in told.batches[0].providers:
                written = [filler.write(claim) for claim in provider.claims]
                for claim, one in zip(provider.claims, written, strict=True):
                    if one is None:
                        return None
                    if one.kind not in kinds:
                        if one.text != filler.exact(claim):
                            return None
                        kinds[one.kind] = claim
                filled.append([one.text for one in written if one is not None])
            first_claims = _with_claims(told, [one.claims[:1] for one in told.batches[0].providers])
            around = transaction_text(
                guide, _transaction(envelope, first_claims), envelope.delimiters, f"{number:04d}"
            )
            texts.append(_filled(around, filled, envelope.delimiters))
            proofs.append(first_claims)
            number += 1
        # One claim of each kind, and everything around the claims, must be right.
        all_kinds = tuple(kinds.values())
        proofs.append(_with_claims(acknowledgments[0], [all_kinds]))
        write_277ca_exactly(proofs, envelope, BytesIO())
    except X12Error:
        return None
    envelope_writer = EnvelopeWriter(envelope, guide)
    content = interchange_bytes(
        (envelope_writer.start(), *texts, envelope_writer.end(len(texts))), envelope.delimiters
    )
    out.write(content)
    end = envelope.delimiters.terminator.encode()
    return Written(len(texts), content.count(end), len(content))


def _with_claims(
    told: ClaimAcknowledgment, claims: Sequence[tuple[AcknowledgedClaim, ...]]
) -> ClaimAcknowledgment:
    """An acknowledgment with these claims of as many of its providers."""
    (batch,) = told.batches
    providers = tuple(
        replace(provider, claims=own) for provider, own in zip(batch.providers, claims, strict=False)
    )
    return replace(told, batches=(replace(batch, providers=providers),))


def _filled(around: str, claims: Sequence[Sequence[str]], delimiters: Delimiters) -> str:
    """A transaction in which each provider has one claim, with all its claims instead; levels are numbered anew."""
    by, end = delimiters.element, delimiters.terminator
    head = f"HL{by}"
    start, source, receiver, *levels = around.split(f"{end}{head}")
    levels[-1], _, trailer = levels[-1].partition(f"{end}SE{by}")
    parts = [start, end, head, source, end, head, receiver, end]
    number, receiver_number = 2, "2"
    for provider, claim, texts in zip(levels[::2], levels[1::2], claims, strict=True):
        number += 1
        parent = str(number)
        parts += (head, parent, by, receiver_number, by, provider.split(by, 2)[2], end)
        own = claim.partition(end)[0].split(by, 2)[2]
        for text in texts:
            number += 1
            parts += (head, str(number), by, parent, by, own, end, text)
    text = "".join(parts)
    control_number = trailer.removesuffix(end).split(by)[1]
    return f"{text}{by.join(('SE', str(text.count(end) + 1), control_number))}{end}"


def _read(parties: PartyReader, tree: TransactionTree) -> ClaimAcknowledgment:
    root = tree.root
    start, source = root.find("transaction_start"), root.child("2000A")
    name = source.child("2100A") if source is not None else None
    receipt = source.child("2200A") if source is not None else None
    received = optional_day(receipt.find("received_date")) if receipt is not None else None
    processed = optional_day(receipt.find("processed_date")) if receipt is not None else None
    if start is None or source is None or name is None or receipt is None or not received or not processed:
        raise X12Error(
            f"byte {root.start}: the claim acknowledgment lacks its beginning (BHT), who sends it (2100A), or when "
            "the claims came and were looked at (2200A)"
        )
    return ClaimAcknowledgment(
        reference=start.value("reference"),
        source_entity_code=name.value("source_name", "entity"),
        source=parties.party(name.segments[:1]),
        trace_number=receipt.value("trace", "trace_number"),
        received_date=received,
        processed_date=processed,
        batches=tuple(_batch(parties, level) for level in source.children("2000B")),
        created_at=created_at(start.value("date"), start.value("time")),
        origin=tree.origin,
        segments=tuple(one for one in root.all_segments() if one.use is None),
        start=root.start,
        end=root.end,
    )


def _batch(parties: PartyReader, level: LoopNode) -> AcknowledgedBatch:
    answer = level.child("2200B")
    return AcknowledgedBatch(
        receiver=named_party(parties, level, "2100B"),
        batch_number=answer.value("trace", "trace_number") if answer is not None else "",
        statuses=statuses(answer.find_all("status")) if answer is not None else (),
        totals=_totals(answer),
        providers=tuple(_provider(parties, inner) for inner in level.children("2000C")),
    )


def _provider(parties: PartyReader, level: LoopNode) -> AcknowledgedProvider:
    answer = level.child("2200C")
    return AcknowledgedProvider(
        party=named_party(parties, level, "2100C"),
        claims=tuple(
            _claim(parties, patient, claim)
            for patient in level.children("2000D")
            for claim in patient.children("2200D")
        ),
        trace_number=answer.value("trace", "trace_number") if answer is not None else "",
        statuses=statuses(answer.find_all("status")) if answer is not None else (),
        numbers=references(answer.find_all("provider_numbers")) if answer is not None else (),
        totals=_totals(answer),
    )


def _claim(parties: PartyReader, level: LoopNode, loop: LoopNode) -> AcknowledgedClaim:
    span = service_span(loop)
    return AcknowledgedClaim(
        claim_id=loop.value("trace", "trace_number"),
        patient=named_party(parties, level, "2100D"),
        statuses=statuses(loop.find_all("status")),
        service_from_date=span[0],
        service_to_date=span[1],
        payer_claim_control_number=loop.value("payer_claim_control_number", "number"),
        clearinghouse_number=loop.value("clearinghouse_number", "number"),
        bill_type=loop.value("bill_type", "number"),
        lines=tuple(map(_line, loop.children("2220D"))),
        segments=tuple(loop.all_segments()),
        start=loop.start,
        end=loop.end,
    )


def _line(loop: LoopNode) -> AcknowledgedLine:
    service, span = loop.segments[0], service_span(loop)
    return AcknowledgedLine(
        hcpcs_code=service.value("hcpcs_code"),
        modifiers=modifiers(service),
        charge_amount_cents=cents(service, "charge_amount"),
        line_control_number=loop.value("line_control_number", "number"),
        statuses=statuses(loop.find_all("status")),
        code_type=service.value("code_type"),
        revenue_code=service.value("revenue_code"),
        submitted_quantity=decimal_or_none(service, "submitted_quantity"),
        prescription_number=loop.value("prescription_number", "number"),
        service_from_date=span[0],
        service_to_date=span[1],
    )


def _totals(answer: LoopNode | None) -> AcknowledgmentTotals:
    if answer is None:
        return AcknowledgmentTotals()
    return AcknowledgmentTotals(
        accepted_count=_count(answer.find("accepted_quantity")),
        rejected_count=_count(answer.find("rejected_quantity")),
        accepted_amount_cents=optional_cents(answer.find("accepted_amount")),
        rejected_amount_cents=optional_cents(answer.find("rejected_amount")),
    )


def _count(placed: PlacedSegment | None) -> int | None:
    return whole(placed, "quantity") if placed is not None else None


def _transaction(envelope: Envelope, record: ClaimAcknowledgment) -> LoopValues:
    subject = f"claim acknowledgment {record.reference}"
    start = segment(
        "transaction_start",
        structure="0085",
        purpose="08",
        reference=record.reference,
        date=day_text(envelope.created_at.date()),
        time=time_text(envelope.created_at),
        kind="TH",
    )
    name = LoopValues(
        "2100A", (SegmentValues("source_name", name_values(record.source, record.source_entity_code)),)
    )
    receipt = LoopValues(
        "2200A",
        (
            segment("trace", trace_type="1", trace_number=record.trace_number),
            _day("received_date", "050", record.received_date),
            _day("processed_date", "009", record.processed_date),
        ),
        (),
        subject,
    )
    batches = (_batch_values(batch, subject) for batch in record.batches)
    level = LoopValues("2000A", (), (name, receipt, *batches), subject)
    return LoopValues("transaction", (start,), (level,), subject)


def _batch_values(batch: AcknowledgedBatch, subject: str) -> LoopValues:
    subject = f"{subject}, batch {batch.batch_number}"
    name = LoopValues(
        "2100B", (SegmentValues("receiver_name", name_values(batch.receiver, "41")),), (), subject
    )
    answer = LoopValues(
        "2200B",
        (
            segment("trace", trace_type="2", trace_number=batch.batch_number),
            *map(status_values, batch.statuses),
            *_totals_values("2200B", batch.totals),
        ),
        (),
        subject,
    )
    providers = (_provider_values(provider, subject) for provider in batch.providers)
    return LoopValues("2000B", (), (name, answer, *providers), subject)


def _provider_values(provider: AcknowledgedProvider, subject: str) -> LoopValues:
    subject = f"{subject}, provider {provider.party.identifier}"
    loops = [
        LoopValues("2100C", (SegmentValues("provider_name", name_values(provider.party, "85")),), (), subject)
    ]
    if provider.trace_number:
        answer = (
            segment("trace", trace_type="1", trace_number=provider.trace_number),
            *map(status_values, provider.statuses),
            *reference_values("provider_numbers", provider.numbers),
            *_totals_values("2200C", provider.totals),
        )
        loops.append(LoopValues("2200C", answer, (), subject))
    loops.extend(map(_claim_values, provider.claims))
    return LoopValues("2000C", (), loops, subject)


def _claim_values(claim: AcknowledgedClaim) -> LoopValues:
    subject = f"claim {claim.claim_id}"
    segments = [
        segment("trace", trace_type="2", trace_number=claim.claim_id),
        *map(status_values, claim.statuses),
        *number_values("payer_claim_control_number", "1K", claim.payer_claim_control_number),
        *number_values("clearinghouse_number", "D9", claim.clearinghouse_number),
        *number_values("bill_type", "BLT", claim.bill_type),
        *service_dates(claim.service_from_date, claim.service_to_date),
    ]
    name = LoopValues(
        "2100D", (SegmentValues("patient_name", name_values(claim.patient, "QC")),), (), subject
    )
    lines = tuple(_line_values(line, subject) for line in claim.lines)
    return LoopValues("2000D", (), (name, LoopValues("2200D", segments, lines, subject)), subject)


def _line_values(line: AcknowledgedLine, subject: str) -> LoopValues:
    service = service_values(
        line.code_type,
        line.hcpcs_code,
        line.modifiers,
        line.charge_amount_cents,
        line.revenue_code,
        line.submitted_quantity,
    )
    segments = [
        SegmentValues("service", service),
        *map(status_values, line.statuses),
        *number_values("line_control_number", "FJ", line.line_control_number),
        *number_values("prescription_number", "XZ", line.prescription_number),
        *service_dates(line.service_from_date, line.service_to_date),
    ]
    return LoopValues("2220D", segments, (), subject)


def _totals_values(loop_id: str, totals: AcknowledgmentTotals) -> Iterator[SegmentValues]:
    accepted, rejected = _COUNT_TYPES[loop_id]
    for name, kind, count in (
        ("accepted_quantity", accepted, totals.accepted_count),
        ("rejected_quantity", rejected, totals.rejected_count),
    ):
        if count is not None:
            yield segment(name, quantity_type=kind, quantity=str(count))
    for name, kind, amount in (
        ("accepted_amount", "YU", totals.accepted_amount_cents),
        ("rejected_amount", "YY", totals.rejected_amount_cents),
    ):
        if amount is not None:
            yield segment(name, amount_type=kind, amount=amount_text(amount))


def _day(name: str, kind: str, day: date) -> SegmentValues:
    return SegmentValues(name, span_values(DateSpan(kind, day, day)))
