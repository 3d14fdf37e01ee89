"""A claim as the plan's edits see it: the wire's content, the history of all practices, and what a plan knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from cocm.basics.identity import Provenance
from cocm.basics.records import copier
from cocm.care.people import Address
from cocm.care.records import HistoryLine
from cocm.edits.subject import EditSubject, Evidence
from cocm.plan.records import CoverageSpan, Member, PlanBook
from cocm.rules import PackOn
from cocm.x12.claim_conversion import claim_from_record
from cocm.x12.claim_record import ClaimRecord, LineRecord, PartyRecord

_NOWHERE: Final = Address("", "", "", "")
_ONE_DAY: Final = timedelta(days=1)
_record_with = copier(ClaimRecord)
_party_with = copier(PartyRecord)
_EVIDENCE_MAX: Final = 4_096


def edit_subject(
    book: PlanBook,
    member: Member,
    span: CoverageSpan,
    record: ClaimRecord,
    lines: Iterable[LineRecord],
    policy: PackOn,
    history: tuple[HistoryLine, ...],
    provenance: Provenance,
) -> EditSubject:
    """The claim with these of its lines. Minutes, consent and visits are not on an 837P and stay unknown.

    Raises `X12Error` for a line whose units are not whole.
    """
    own = tuple(lines)
    first = own[0]
    adapted = record
    if own != record.lines or first.place_of_service_code or first.rendering or not record.patient.address:
        adapted = _record_with(
            record,
            place_of_service_code=first.place_of_service_code or record.place_of_service_code,
            rendering=first.rendering or record.rendering,
            patient=record.patient
            if record.patient.address
            else _party_with(record.patient, address=_NOWHERE),
            lines=own,
        )
    claim = claim_from_record(
        adapted, organization_id="", pack_id=policy.payer_id, patient_id="", provenance=provenance
    )
    return EditSubject(
        claim=claim,
        payer=None,
        policy=policy,
        history=history,
        evidence=_evidence(book, member, span, record, adapted),
        as_of_date=provenance.as_of_date,
    )


def _evidence(
    book: PlanBook, member: Member, span: CoverageSpan, record: ClaimRecord, adapted: ClaimRecord
) -> Evidence:
    """The policy's days, a death on record, and the places that the biller or practitioner is enrolled at."""
    end = span.period.effective_to
    npis = [adapted.rendering.identifier if adapted.rendering is not None else "", record.billing.identifier]
    places: frozenset[str] = frozenset()
    for npi in npis:
        enrolled = book.providers.get(npi)
        if enrolled is not None:
            places |= enrolled.places
    return _known_evidence(span.period.effective_from, end, places, member.death_date)


@lru_cache(maxsize=_EVIDENCE_MAX)
def _known_evidence(
    start: date, end: date | None, places: frozenset[str], death_date: date | None
) -> Evidence:
    """What is known of members covered alike."""
    return replace(
        Evidence.unknown(),
        coverage_from_date=start,
        coverage_to_date=None if end is None else end - _ONE_DAY,
        credentialed_places=places or None,
        death_date=death_date,
    )
