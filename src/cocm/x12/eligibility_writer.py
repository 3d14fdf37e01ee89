"""Writes eligibility requests (270) and answers (271), both at 005010X279A1, from one set of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.eligibility_reader import DIAGNOSES, ELIGIBILITY_ANSWER_GUIDE, ELIGIBILITY_REQUEST_GUIDE, PLACES
from cocm.x12.eligibility_record import (
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
from cocm.x12.envelope import Envelope
from cocm.x12.tree_values import (
    address_values,
    amount_text,
    contact_values,
    day_text,
    name_values,
    optional_amount,
    optional_number,
    plain,
    reference_values,
    span_values,
    time_text,
)
from cocm.x12.tree_writer import LoopValues, SegmentValues, Value, Written, segment, write_trees
from cocm.x12.wire_parts import DateSpan

MESSAGE_MAX: Final = 264
DESCRIPTION_MAX: Final = 50

_STRUCTURE: Final = "0022"
_SUBSCRIBER: Final = "IL"
_DEPENDENT: Final = "03"
_ENTITIES_LOOP: Final = "2120"
_SPEND_DOWN: Final = "R"
_YES, _NO = "Y", "N"


def write_270(inquiries: Iterable[EligibilityRecord], envelope: Envelope, out: BinaryIO) -> Written:
    """Write eligibility requests as one interchange, a transaction each.

    Raises `X12Error` naming the request, loop and element for what the guide does not allow; then nothing is written.
    """
    trees = map(partial(_transaction, envelope, _inquiry_loops), inquiries)
    return write_trees(ELIGIBILITY_REQUEST_GUIDE, trees, envelope, out)


def write_271(answers: Iterable[EligibilityRecord], envelope: Envelope, out: BinaryIO) -> Written:
    """Write eligibility answers; as `write_270`."""
    return write_trees(
        ELIGIBILITY_ANSWER_GUIDE, map(partial(_transaction, envelope, _benefit_loops), answers), envelope, out
    )


_Loops = Callable[[EligibilityMember, str, str], Iterator[LoopValues]]


def _transaction(envelope: Envelope, loops: _Loops, record: EligibilityRecord) -> LoopValues:
    subject = f"eligibility {record.reference}".strip()
    start = segment(
        "transaction_start",
        structure=_STRUCTURE,
        purpose=record.purpose_code,
        reference=record.reference,
        date=day_text(envelope.created_at.date()),
        time=time_text(envelope.created_at),
        **({"kind": record.kind} if record.kind else {}),
    )
    sources = tuple(_source(one, loops, subject) for one in record.sources)
    return LoopValues("transaction", (start,), sources, subject)


def _source(source: EligibilitySource, loops: _Loops, subject: str) -> LoopValues:
    name = LoopValues(
        "2100A",
        (
            SegmentValues("source_name", name_values(source.party, source.entity_code)),
            *(contact_values("source_contact", one) for one in source.contacts),
            *_rejections(source.rejections),
        ),
        (),
        subject,
    )
    receivers = (_receiver(one, loops, subject) for one in source.receivers)
    return LoopValues("2000A", (), (name, *receivers), subject)


def _receiver(receiver: EligibilityReceiver, loops: _Loops, subject: str) -> LoopValues:
    name = LoopValues(
        "2100B",
        (
            SegmentValues("receiver_name", name_values(receiver.party, receiver.entity_code)),
            *reference_values("receiver_numbers", receiver.numbers),
            *address_values("receiver", receiver.party.address),
            *_rejections(receiver.rejections),
            *_taxonomy("receiver", receiver.provider_role, receiver.party),
        ),
        (),
        subject,
    )
    members = (_member(one, "subscriber", "C", loops, subject) for one in receiver.subscribers)
    return LoopValues("2000B", (), (name, *members), subject)


def _member(member: EligibilityMember, who: str, letter: str, loops: _Loops, subject: str) -> LoopValues:
    if member.traces:
        subject = f"{subject}, trace {member.traces[0].number}"
    name = LoopValues(
        f"2100{letter}", tuple(_member_segments(member, who)), tuple(loops(member, letter, subject)), subject
    )
    dependents = tuple(_member(one, "dependent", "D", loops, subject) for one in member.dependents)
    if dependents and letter == "D":
        raise X12Error(f"{subject}: a dependent has no dependents; put them under the subscriber")
    return LoopValues(f"2000{letter}", tuple(map(_trace, member.traces)), (name, *dependents), subject)


def _member_segments(member: EligibilityMember, who: str) -> Iterator[SegmentValues]:
    party, entity = member.party, _SUBSCRIBER if who == "subscriber" else _DEPENDENT
    yield SegmentValues(f"{who}_name", name_values(party, entity))
    yield from reference_values(f"{who}_numbers", member.numbers)
    yield from address_values(who, party.address)
    yield from _rejections(member.rejections)
    yield from _taxonomy(who, member.provider_role, party)
    if party.birth_date is not None or party.sex:
        yield segment(
            f"{who}_demographics",
            birth_date_format="D8" if party.birth_date is not None else "",
            birth_date=day_text(party.birth_date),
            sex=party.sex,
        )
    if member.relationship is not None:
        yield _relationship(who, member.relationship)
    if len(member.diagnoses) > len(DIAGNOSES):
        raise X12Error(f"{who}: at most {len(DIAGNOSES)} diagnoses fit, not {len(member.diagnoses)}")
    if member.diagnoses:
        values: dict[str, Value] = {}
        for at, (code_type, code) in enumerate(member.diagnoses, start=1):
            values |= {f"code_type_{at}": code_type, f"code_{at}": code}
        yield SegmentValues("diagnoses", values)
    yield from _spans(f"{who}_dates", member.dates)


def _trace(trace: TraceRecord) -> SegmentValues:
    return segment(
        "trace",
        trace_type=trace.kind,
        trace_number=trace.number,
        company=trace.company,
        company_supplement=trace.company_supplement,
    )


def _relationship(who: str, given: MemberRelationship) -> SegmentValues:
    values: dict[str, Value] = {
        "is_subscriber": _YES if who == "subscriber" else _NO,
        "relationship": given.relationship_code,
    }
    if given.maintenance_type_code:
        values["maintenance_type"] = given.maintenance_type_code
    if given.maintenance_reason_code:
        values["maintenance_reason"] = given.maintenance_reason_code
    if given.birth_sequence is not None:
        values["birth_sequence"] = str(given.birth_sequence)
    return SegmentValues(f"{who}_relationship", values)


def _inquiry_loops(member: EligibilityMember, letter: str, subject: str) -> Iterator[LoopValues]:
    for inquiry in member.inquiries:
        yield LoopValues(f"2110{letter}", tuple(_inquiry_segments(inquiry)), (), subject)


def _inquiry_segments(inquiry: BenefitInquiry) -> Iterator[SegmentValues]:
    values: dict[str, Value] = {"service_type": inquiry.service_type_codes, **_procedure(inquiry)}
    if inquiry.coverage_level_code:  # of a dependent there is none
        values["coverage_level"] = inquiry.coverage_level_code
    yield SegmentValues("inquiry", values)
    for amount in inquiry.amounts:
        name = "spend_down_amount" if amount.kind == _SPEND_DOWN else "spend_down_billed_amount"
        yield segment(name, amount_type=amount.kind, amount=amount_text(amount.amount_cents))
    yield from map(_place, inquiry.places)
    yield from reference_values("benefit_numbers", inquiry.numbers)
    yield from _spans("benefit_dates", inquiry.dates)


def _benefit_loops(member: EligibilityMember, letter: str, subject: str) -> Iterator[LoopValues]:
    for benefit in member.benefits:
        loops = [LoopValues(f"2115{letter}", (_place(one),), (), subject) for one in benefit.places]
        if benefit.entities:
            marks = (
                segment("entities_header", loop=_ENTITIES_LOOP),
                segment("entities_trailer", loop=_ENTITIES_LOOP),
            )
            entities = tuple(_entity(one, letter, subject) for one in benefit.entities)
            loops.append(LoopValues(f"2119{letter}", marks, entities, subject))
        yield LoopValues(f"2110{letter}", tuple(_benefit_segments(benefit)), loops, subject)


def _benefit_segments(benefit: Benefit) -> Iterator[SegmentValues]:
    values: dict[str, Value] = {
        "information": benefit.information_code,
        "coverage_level": benefit.coverage_level_code,
        "service_type": benefit.service_type_codes,
        "insurance_type": benefit.insurance_type_code,
        "plan_description": plain(benefit.plan_description, DESCRIPTION_MAX),
        "time_period": benefit.time_period_code,
        "amount": optional_amount(benefit.amount_cents),
        "percent": optional_number(benefit.percent),
        "quantity_type": benefit.quantity_type,
        "quantity": optional_number(benefit.quantity),
        "authorization": benefit.is_authorization_required,
        "in_network": benefit.in_network,
        "hcpcs_code_end": benefit.hcpcs_code_end,
        **_procedure(benefit),
    }
    yield SegmentValues("benefit", values)
    yield from map(_delivery, benefit.deliveries)
    yield from reference_values("benefit_numbers", benefit.numbers)
    yield from _spans("benefit_dates", benefit.dates)
    yield from _rejections(benefit.rejections)
    for message in benefit.messages:
        yield segment("message", text=plain(message, MESSAGE_MAX))


def _procedure(asked: Benefit | BenefitInquiry) -> dict[str, Value]:
    """The procedure and the diagnoses it points to."""
    if len(asked.modifiers) > len(PLACES) or len(asked.diagnosis_pointers) > len(PLACES):
        raise X12Error(
            f"procedure {asked.hcpcs_code}: at most {len(PLACES)} modifiers and diagnosis pointers fit"
        )
    values: dict[str, Value] = {}
    if asked.hcpcs_code:
        values |= {"code_type": asked.code_type, "hcpcs_code": asked.hcpcs_code}
    values |= {f"modifier_{at}": code for at, code in enumerate(asked.modifiers, start=1)}
    values |= {f"diagnosis_pointer_{at}": str(to) for at, to in enumerate(asked.diagnosis_pointers, start=1)}
    return values


def _delivery(delivery: BenefitDelivery) -> SegmentValues:
    return segment(
        "delivery",
        quantity_type=delivery.quantity_type,
        quantity=optional_number(delivery.quantity),
        measure=delivery.measure,
        sample_modulus=optional_number(delivery.sample_modulus),
        time_period=delivery.time_period_code,
        period_count=optional_number(delivery.period_count),
        frequency=delivery.frequency_code,
        pattern=delivery.pattern_code,
    )


def _entity(entity: BenefitEntity, letter: str, subject: str) -> LoopValues:
    name = name_values(entity.party, entity.entity_code)
    if entity.relationship_code:
        name["relationship"] = entity.relationship_code
    return LoopValues(
        f"2120{letter}",
        (
            SegmentValues("entity_name", name),
            *address_values("entity", entity.party.address),
            *(contact_values("entity_contact", one) for one in entity.contacts),
            *_taxonomy("entity", entity.provider_role, entity.party),
        ),
        (),
        subject,
    )


def _place(place: BenefitPlace) -> SegmentValues:
    return segment(
        "place",
        code_type=place.code_type,
        code=place.code,
        **({"category": place.category} if place.category else {}),
        **({"text": place.text} if place.text else {}),
    )


def _rejections(rejections: Iterable[Rejection]) -> Iterator[SegmentValues]:
    for one in rejections:
        yield segment(
            "rejection",
            is_valid=_YES if one.is_valid else _NO,
            reason=one.reason_code,
            follow_up=one.follow_up_code,
        )


def _taxonomy(who: str, role: str, party: PartyRecord) -> Iterator[SegmentValues]:
    if role:
        taxonomy = (
            {"taxonomy_type": "PXC", "taxonomy_code": party.taxonomy_code} if party.taxonomy_code else {}
        )
        yield SegmentValues(f"{who}_taxonomy", {"provider_role": role, **taxonomy})


def _spans(name: str, spans: Iterable[DateSpan]) -> Iterator[SegmentValues]:
    return (SegmentValues(name, span_values(one)) for one in spans)
