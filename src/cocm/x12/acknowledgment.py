"""Reads and writes implementation acknowledgments (999, 005010X231A1) and interchange acknowledgments (TA1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.acknowledgment_record import (
    ElementNote,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    NoteContext,
    SegmentNote,
    TransactionResponse,
)
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.envelope import Envelope, EnvelopeWriter
from cocm.x12.guide import load_envelope, load_guide
from cocm.x12.loop_tree import LoopNode, Origin, TransactionTree
from cocm.x12.placed_values import whole
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.tree_reader import created_at, read_transactions
from cocm.x12.tree_writer import (
    LoopValues,
    SegmentValues,
    Value,
    Written,
    interchange_bytes,
    segment,
    segment_text,
    write_trees,
)
from cocm.x12.validate import validate

ACKNOWLEDGMENT_GUIDE: Final = "005010X231A1"
CODES_PER_STATUS_MAX: Final = 5

_STATUS_CODES: Final = range(1, CODES_PER_STATUS_MAX + 1)
_UNKNOWN_MOMENT: Final = ("", "")


def read_999(source: Source) -> Iterator[GroupAcknowledgment]:
    """The acknowledgments of a file in their order, one for each group that is answered.

    Raises `X12Error` for a file that cannot be read or holds another transaction.
    """
    return map(_acknowledgment, read_transactions(source, (ACKNOWLEDGMENT_GUIDE,)))


def read_ta1(source: Source) -> Iterator[InterchangeAcknowledgment]:
    """The interchange acknowledgments of a file, whatever else it holds. Raises `X12Error` for an unreadable file."""
    use = load_envelope().use("interchange", "interchange_acknowledgment")
    interchange: Segment | None = None
    for one in read_segments(source):
        if one.tag == "ISA":
            interchange = one
        elif one.tag == "TA1":
            placed = PlacedSegment("interchange", use, one)
            yield InterchangeAcknowledgment(
                interchange_control_number=placed.value("control_number"),
                created_at=created_at(placed.value("date"), placed.value("time")),
                status=placed.value("status"),
                note=placed.value("note"),
                origin=_interchange_origin(interchange) if interchange is not None else None,
                start=one.start,
                end=one.end,
            )


def write_999(acknowledgments: Iterable[GroupAcknowledgment], envelope: Envelope, out: BinaryIO) -> Written:
    """Write acknowledgments as one interchange, a transaction for each answered group.

    Raises `X12Error` naming loop and element for what the guide does not allow; then nothing is written.
    """
    return write_trees(ACKNOWLEDGMENT_GUIDE, map(_transaction, acknowledgments), envelope, out)


def write_ta1(
    acknowledgments: Iterable[InterchangeAcknowledgment], envelope: Envelope, out: BinaryIO
) -> Written:
    """Write interchange acknowledgments as one interchange that holds nothing else.

    Raises `X12Error` for what the envelope's map does not allow; then nothing is written.
    """
    writer = EnvelopeWriter(envelope, load_guide(ACKNOWLEDGMENT_GUIDE))
    use = load_envelope().use("interchange", "interchange_acknowledgment")
    texts = [writer.interchange_start()]
    for one in acknowledgments:
        day, time = (
            (f"{one.created_at:%y%m%d}", f"{one.created_at:%H%M}") if one.created_at else _UNKNOWN_MOMENT
        )
        values = {
            "control_number": one.interchange_control_number.zfill(9),
            "date": day,
            "time": time,
            "status": one.status,
            "note": one.note,
        }
        texts.append(segment_text(use, values, envelope.delimiters))
    if len(texts) == 1:
        return Written(0, 0, 0)
    texts.append(writer.interchange_end(0))
    content = interchange_bytes(texts, envelope.delimiters)
    problems = validate(content)
    if problems:
        raise X12Error(f"interchange acknowledgment, {problems[0]}")
    out.write(content)
    return Written(0, len(texts), len(content))


def _interchange_origin(interchange: Segment) -> Origin:
    return Origin(
        sender_id=interchange.value(6).strip(),
        receiver_id=interchange.value(8).strip(),
        created_at=created_at(interchange.value(9), interchange.value(10)),
        interchange_control_number=interchange.value(13).strip(),
        group_control_number="",
        transaction_control_number="",
        guide_version="",
        is_test=interchange.value(15).strip() == "T",
    )


def _acknowledgment(tree: TransactionTree) -> GroupAcknowledgment:
    root = tree.root
    response, status = root.find("group_response"), root.find("group_status")
    if response is None or status is None:
        raise X12Error(
            f"byte {root.start}: the acknowledgment lacks the group it answers (AK1) or its status (AK9)"
        )
    return GroupAcknowledgment(
        functional_identifier=response.value("functional_identifier"),
        group_control_number=response.value("group_control_number"),
        guide_version=response.value("guide"),
        transactions=tuple(map(_response, root.children("2000"))),
        status=status.value("status"),
        included_count=whole(status, "included_count"),
        received_count=whole(status, "received_count"),
        accepted_count=whole(status, "accepted_count"),
        codes=_codes(status),
        origin=tree.origin,
        segments=tuple(one for one in root.all_segments() if one.use is None),
        start=root.start,
        end=root.end,
    )


def _response(loop: LoopNode) -> TransactionResponse:
    first, status = loop.segments[0], loop.find("transaction_status")
    return TransactionResponse(
        transaction=first.value("transaction"),
        control_number=first.value("control_number"),
        guide_version=first.value("guide"),
        notes=tuple(map(_note, loop.children("2100"))),
        status=status.value("status") if status is not None else "",
        codes=_codes(status) if status is not None else (),
    )


def _note(loop: LoopNode) -> SegmentNote:
    first = loop.segments[0]
    return SegmentNote(
        segment_tag=first.value("segment"),
        segment_position=whole(first, "segment_position"),
        loop_id=first.value("loop"),
        code=first.value("error"),
        elements=tuple(map(_element, loop.children("2110"))),
        contexts=tuple(map(_context, loop.find_all("context"))),
    )


def _element(loop: LoopNode) -> ElementNote:
    first = loop.segments[0]
    return ElementNote(
        element_position=whole(first, "element_position"),
        component_position=_whole_or_none(first, "component_position"),
        code=first.value("error"),
        repetition_position=_whole_or_none(first, "repetition_position"),
        data_element=first.value("data_element"),
        bad_value=first.value("bad_value"),
        contexts=tuple(map(_context, loop.find_all("context"))),
    )


def _context(placed: PlacedSegment) -> NoteContext:
    return NoteContext(
        context=placed.value("context"),
        reference=placed.value("reference"),
        segment_tag=placed.value("segment"),
        segment_position=_whole_or_none(placed, "segment_position"),
        loop_id=placed.value("loop"),
        element_position=_whole_or_none(placed, "element_position"),
        component_position=_whole_or_none(placed, "component_position"),
        repetition_position=_whole_or_none(placed, "repetition_position"),
    )


def _codes(status: PlacedSegment) -> tuple[str, ...]:
    return tuple(filter(None, (status.value(f"error_{at}") for at in _STATUS_CODES)))


def _whole_or_none(placed: PlacedSegment, name: str) -> int | None:
    return whole(placed, name) if placed.value(name) else None


def _transaction(one: GroupAcknowledgment) -> LoopValues:
    subject = f"acknowledgment of group {one.group_control_number}"
    return LoopValues(
        "transaction",
        (
            segment(
                "group_response",
                functional_identifier=one.functional_identifier,
                group_control_number=one.group_control_number,
                guide=one.guide_version,
            ),
            SegmentValues(
                "group_status",
                {
                    "status": one.status,
                    "included_count": str(one.included_count),
                    "received_count": str(one.received_count),
                    "accepted_count": str(one.accepted_count),
                    **_code_values(one.codes, subject),
                },
            ),
        ),
        tuple(_response_values(response, subject) for response in one.transactions),
        subject,
    )


def _response_values(response: TransactionResponse, subject: str) -> LoopValues:
    subject = f"{subject}, transaction {response.control_number}"
    return LoopValues(
        "2000",
        (
            segment(
                "transaction_response",
                transaction=response.transaction,
                control_number=response.control_number,
                guide=response.guide_version,
            ),
            SegmentValues(
                "transaction_status", {"status": response.status, **_code_values(response.codes, subject)}
            ),
        ),
        tuple(_note_values(note, subject) for note in response.notes),
        subject,
    )


def _note_values(note: SegmentNote, subject: str) -> LoopValues:
    head = segment(
        "segment_note",
        segment=note.segment_tag,
        segment_position=str(note.segment_position),
        loop=note.loop_id,
        error=note.code,
    )
    return LoopValues(
        "2100",
        (head, *map(_context_values, note.contexts)),
        tuple(_element_values(element, subject) for element in note.elements),
        subject,
    )


def _element_values(note: ElementNote, subject: str) -> LoopValues:
    head = segment(
        "element_note",
        element_position=str(note.element_position),
        component_position=_text(note.component_position),
        repetition_position=_text(note.repetition_position),
        data_element=note.data_element,
        error=note.code,
        bad_value=note.bad_value,
    )
    return LoopValues("2110", tuple(chain((head,), map(_context_values, note.contexts))), (), subject)


def _context_values(context: NoteContext) -> SegmentValues:
    return segment(
        "context",
        context=context.context,
        reference=context.reference,
        segment=context.segment_tag,
        segment_position=_text(context.segment_position),
        loop=context.loop_id,
        element_position=_text(context.element_position),
        component_position=_text(context.component_position),
        repetition_position=_text(context.repetition_position),
    )


def _code_values(codes: Sequence[str], subject: str) -> dict[str, Value]:
    if len(codes) > CODES_PER_STATUS_MAX:
        raise X12Error(
            f"{subject}: at most {CODES_PER_STATUS_MAX} codes fit beside a status, not {len(codes)}"
        )
    return {f"error_{at}": code for at, code in enumerate(codes, start=1)}


def _text(position: int | None) -> str:
    return "" if position is None else str(position)
