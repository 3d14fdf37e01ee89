"""Reads eligibility requests (270) and answers (271), both at 005010X279A1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PlacedSegment
from cocm.x12.eligibility_record import (
    YES,
    Benefit,
    BenefitDelivery,
    BenefitEntity,
    BenefitInquiry,
    BenefitPlace,
    EligibilityMember,
    EligibilityReceiver,
    EligibilityRecord,
    EligibilitySource,
    MemberRelationship,
    Rejection,
    TraceRecord,
)
from cocm.x12.loop_tree import LoopNode, TransactionTree
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import whole
from cocm.x12.tokens import Source
from cocm.x12.tree_reader import created_at, read_transactions
from cocm.x12.tree_values import (
    amounts,
    contacts,
    decimal_or_none,
    optional_cents,
    party,
    references,
    span_record,
)

ELIGIBILITY_REQUEST_GUIDE: Final = "270-005010X279A1"
ELIGIBILITY_ANSWER_GUIDE: Final = "271-005010X279A1"

# The segments of a name's loop that make a party; numbers and contacts are records of their own.
PARTY_TAGS: Final = frozenset({"NM1", "N3", "N4", "DMG", "PRV"})
PLACES: Final = (1, 2, 3, 4)
DIAGNOSES: Final = range(1, 9)


def read_271(source: Source) -> Iterator[EligibilityRecord]:
    """The answers of a file in their order; a transaction usually tells about one patient.

    Raises `X12Error` for a file that cannot be read or holds another transaction, and for a value that is none (an
    amount, a date), with its byte and element.
    """
    return _read(source, ELIGIBILITY_ANSWER_GUIDE)


def read_270(source: Source) -> Iterator[EligibilityRecord]:
    """The requests of a file in their order; as `read_271`."""
    return _read(source, ELIGIBILITY_REQUEST_GUIDE)


def _read(source: Source, guide: str) -> Iterator[EligibilityRecord]:
    reader = _MemberReader()
    return (_record(reader, tree) for tree in read_transactions(source, (guide,)))


def _record(reader: _MemberReader, tree: TransactionTree) -> EligibilityRecord:
    root = tree.root
    start = root.find("transaction_start")
    if start is None:
        raise X12Error(f"byte {root.start}: the transaction lacks its beginning (BHT)")
    return EligibilityRecord(
        purpose_code=start.value("purpose"),
        reference=start.value("reference"),
        sources=tuple(map(reader.source, root.children("2000A"))),
        kind=start.value("kind"),
        created_at=created_at(start.value("date"), start.value("time")),
        origin=tree.origin,
        segments=root.segments,
        start=root.start,
        end=root.end,
    )


class _MemberReader:
    """Reads the levels; parties that come again are read once."""

    def __init__(self) -> None:
        self._parties = PartyReader()

    def source(self, level: LoopNode) -> EligibilitySource:
        """The information source and all below it."""
        name = _needed(level, "2100A")
        return EligibilitySource(
            entity_code=name.value("source_name", "entity"),
            party=party(self._parties, name.segments, PARTY_TAGS),
            contacts=contacts(name.find_all("source_contact")),
            rejections=(*_rejections(level), *_rejections(name)),
            receivers=tuple(map(self._receiver, level.children("2000B"))),
        )

    def _receiver(self, level: LoopNode) -> EligibilityReceiver:
        name = _needed(level, "2100B")
        return EligibilityReceiver(
            entity_code=name.value("receiver_name", "entity"),
            party=party(self._parties, name.segments, PARTY_TAGS),
            numbers=references(name.find_all("receiver_numbers")),
            rejections=_rejections(name),
            provider_role=name.value("receiver_taxonomy", "provider_role"),
            subscribers=tuple(self._member(inner, "subscriber", "C") for inner in level.children("2000C")),
        )

    def _member(self, level: LoopNode, who: str, letter: str) -> EligibilityMember:
        name = _needed(level, f"2100{letter}")
        inner = tuple(name.children(f"2110{letter}"))
        return EligibilityMember(
            party=party(self._parties, name.segments, PARTY_TAGS),
            traces=tuple(map(_trace, level.find_all("trace"))),
            numbers=references(name.find_all(f"{who}_numbers")),
            rejections=_rejections(name),
            provider_role=name.value(f"{who}_taxonomy", "provider_role"),
            relationship=_relationship(name.find(f"{who}_relationship")),
            diagnoses=_diagnoses(name.find("diagnoses")),
            dates=tuple(map(span_record, name.find_all(f"{who}_dates"))),
            benefits=tuple(self._benefit(one, letter) for one in inner if one.find("benefit") is not None),
            inquiries=tuple(map(_inquiry, (one for one in inner if one.find("inquiry") is not None))),
            dependents=tuple(self._member(one, "dependent", "D") for one in level.children("2000D")),
            segments=(*level.segments, *name.segments),
            start=level.start,
            end=max((level.end, *(one.end for one in level.loops if one.loop_id != "2000D"))),
        )

    def _benefit(self, loop: LoopNode, letter: str) -> Benefit:
        first = loop.segments[0]
        entities = (
            one for group in loop.children(f"2119{letter}") for one in group.children(f"2120{letter}")
        )
        return Benefit(
            information_code=first.value("information"),
            coverage_level_code=first.value("coverage_level"),
            service_type_codes=_repeated(first, "service_type"),
            insurance_type_code=first.value("insurance_type"),
            plan_description=first.value("plan_description"),
            time_period_code=first.value("time_period"),
            amount_cents=optional_cents(first),
            percent=decimal_or_none(first, "percent"),
            quantity_type=first.value("quantity_type"),
            quantity=decimal_or_none(first, "quantity"),
            is_authorization_required=first.value("authorization"),
            in_network=first.value("in_network"),
            code_type=first.value("code_type"),
            hcpcs_code=first.value("hcpcs_code"),
            modifiers=_numbered(first, "modifier"),
            hcpcs_code_end=first.value("hcpcs_code_end"),
            diagnosis_pointers=_pointers(first),
            deliveries=tuple(map(_delivery, loop.find_all("delivery"))),
            numbers=references(loop.find_all("benefit_numbers")),
            dates=tuple(map(span_record, loop.find_all("benefit_dates"))),
            rejections=_rejections(loop),
            messages=tuple(one.value("text") for one in loop.find_all("message")),
            places=tuple(_place(one.segments[0]) for one in loop.children(f"2115{letter}")),
            entities=tuple(map(self._entity, entities)),
            segments=tuple(loop.all_segments()),
            start=loop.start,
            end=loop.end,
        )

    def _entity(self, loop: LoopNode) -> BenefitEntity:
        return BenefitEntity(
            entity_code=loop.value("entity_name", "entity"),
            party=party(self._parties, loop.segments, PARTY_TAGS),
            contacts=contacts(loop.find_all("entity_contact")),
            provider_role=loop.value("entity_taxonomy", "provider_role"),
            relationship_code=loop.value("entity_name", "relationship"),
        )


def _inquiry(loop: LoopNode) -> BenefitInquiry:
    first = loop.segments[0]
    return BenefitInquiry(
        service_type_codes=_repeated(first, "service_type"),
        coverage_level_code=first.value("coverage_level"),
        code_type=first.value("code_type"),
        hcpcs_code=first.value("hcpcs_code"),
        modifiers=_numbered(first, "modifier"),
        diagnosis_pointers=_pointers(first),
        amounts=amounts((*loop.find_all("spend_down_amount"), *loop.find_all("spend_down_billed_amount"))),
        places=tuple(map(_place, loop.find_all("place"))),
        numbers=references(loop.find_all("benefit_numbers")),
        dates=tuple(map(span_record, loop.find_all("benefit_dates"))),
    )


def _needed(level: LoopNode, loop_id: str) -> LoopNode:
    """The loop that names whom a level is about."""
    name = level.child(loop_id)
    if name is None:
        raise X12Error(
            f"byte {level.start}, segment {level.segments[0].segment.number}: loop {level.loop_id} names nobody; "
            f"expected loop {loop_id} (NM1)"
        )
    return name


def _rejections(loop: LoopNode) -> tuple[Rejection, ...]:
    return tuple(
        Rejection(one.value("is_valid") == YES, one.value("reason"), one.value("follow_up"))
        for one in loop.find_all("rejection")
    )


def _trace(placed: PlacedSegment) -> TraceRecord:
    return TraceRecord(
        placed.value("trace_type"),
        placed.value("trace_number"),
        placed.value("company"),
        placed.value("company_supplement"),
    )


def _relationship(placed: PlacedSegment | None) -> MemberRelationship | None:
    if placed is None:
        return None
    return MemberRelationship(
        relationship_code=placed.value("relationship"),
        maintenance_type_code=placed.value("maintenance_type"),
        maintenance_reason_code=placed.value("maintenance_reason"),
        birth_sequence=whole(placed, "birth_sequence") if placed.value("birth_sequence") else None,
    )


def _diagnoses(placed: PlacedSegment | None) -> tuple[tuple[str, str], ...]:
    if placed is None:
        return ()
    pairs = ((placed.value(f"code_type_{at}"), placed.value(f"code_{at}")) for at in DIAGNOSES)
    return tuple(pair for pair in pairs if pair[1])


def _delivery(placed: PlacedSegment) -> BenefitDelivery:
    return BenefitDelivery(
        quantity_type=placed.value("quantity_type"),
        quantity=decimal_or_none(placed, "quantity"),
        measure=placed.value("measure"),
        sample_modulus=decimal_or_none(placed, "sample_modulus"),
        time_period_code=placed.value("time_period"),
        period_count=whole(placed, "period_count") if placed.value("period_count") else None,
        frequency_code=placed.value("frequency"),
        pattern_code=placed.value("pattern"),
    )


def _place(placed: PlacedSegment) -> BenefitPlace:
    return BenefitPlace(
        placed.value("code_type"), placed.value("code"), placed.value("category"), placed.value("text")
    )


def _repeated(placed: PlacedSegment, name: str) -> tuple[str, ...]:
    """The values of a repeated element."""
    text, mark = placed.value(name), placed.segment.delimiters.repetition
    return tuple(one.strip() for one in (text.split(mark) if mark else [text]) if one.strip())


def _numbered(placed: PlacedSegment, name: str) -> tuple[str, ...]:
    return tuple(filter(None, (placed.value(f"{name}_{at}") for at in PLACES)))


def _pointers(placed: PlacedSegment) -> tuple[int, ...]:
    return tuple(
        whole(placed, f"diagnosis_pointer_{at}") for at in PLACES if placed.value(f"diagnosis_pointer_{at}")
    )
