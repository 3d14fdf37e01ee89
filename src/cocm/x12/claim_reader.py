"""Reads professional claims by the guide's map, one after the other, whatever the size of the file.

What a claim says is taken into records; what the records have no field for stays with the claim as segments. A value
that cannot be read (an amount that is none, say) ends in an `X12Error` naming claim, byte and element, unless the
caller takes such claims and reads on: `validate_837p` reports all faults of a doubtful file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import (
    ClaimRecord,
    LineRecord,
    PartyRecord,
    PlacedSegment,
    Transmission,
    UnreadableClaim,
)
from cocm.x12.coordination_reader import CoordinationReader, read_note, read_paperwork
from cocm.x12.guide import guide_versions, load_envelope, load_guide
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import Placed, cents, day, find, groups, number, place, value_of, whole
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.walker import Walker

PROFESSIONAL_GUIDE: Final = "005010X222A1"
SEGMENTS_PER_CLAIM_MAX: Final = 50_000
SEGMENTS_PER_LEVEL_MAX: Final = 10_000
ACKNOWLEDGMENTS_MAX: Final = 1_000

_CLAIM_LOOP: Final = "2300"
_LINE_LOOP: Final = "2400"
_LEVEL_TAG: Final = "HL"
_ENVELOPE_TAGS: Final = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})


def read_837p(
    source: Source, *, on_unreadable: Callable[[UnreadableClaim], None] | None = None
) -> Iterator[ClaimRecord]:
    """The claims of a file in their order.

    A claim with a value that cannot be read is handed to `on_unreadable` and passed over; without it, it ends the
    reading. Raises `X12Error` for a file that cannot be read or holds another transaction than professional claims.
    """
    reader = _ClaimReader(on_unreadable)
    for segment in read_segments(source):
        record = reader.segment(segment)
        if record is not None:
            yield record
    last = reader.finish()
    if last is not None:
        yield last


class _ClaimReader:
    """Follows a file and hands out each claim when it has ended."""

    def __init__(self, on_unreadable: Callable[[UnreadableClaim], None] | None) -> None:
        self._on_unreadable = on_unreadable
        self._walker = Walker(load_guide(PROFESSIONAL_GUIDE))
        self._interchange: Segment | None = None
        self._group: Segment | None = None
        self._transaction: Segment | None = None
        self._transmission: Transmission | None = None
        self._header: list[PlacedSegment] = []
        self._levels: dict[str, list[PlacedSegment]] = {}
        self._claim: list[PlacedSegment] = []
        self._parties = PartyReader()
        self._coordination = CoordinationReader(self._parties)
        self._acknowledgments: list[Segment] = []

    def segment(self, segment: Segment) -> ClaimRecord | None:
        """Take the next segment; a claim that it ends is handed out."""
        tag = segment.tag
        if tag not in _ENVELOPE_TAGS:
            return self._inner(segment) if self._transaction is not None else None
        record = self.finish()
        self._transaction = None
        if tag == "ISA":
            self._interchange, self._group, self._acknowledgments = segment, None, []
        elif tag == "TA1":
            self._acknowledgments = [*self._acknowledgments[:ACKNOWLEDGMENTS_MAX], segment]
        elif tag == "GS":
            self._group = segment
        elif tag == "ST":
            self._start(segment)
        return record

    def finish(self) -> ClaimRecord | None:
        """The claim that is still open."""
        if not self._claim:
            return None
        claim, self._claim = self._claim, []
        try:
            return self._record(claim)
        except X12Error as problem:
            if self._on_unreadable is None:
                raise
            first = claim[0].segment
            self._on_unreadable(
                UnreadableClaim(claim[0].value("claim_id"), first.start, first.number, str(problem))
            )
            return None

    def _start(self, segment: Segment) -> None:
        version = segment.value(3).strip() or (
            self._group.value(8).strip() if self._group is not None else ""
        )
        if guide_versions().get(version) != PROFESSIONAL_GUIDE:
            raise X12Error(
                f"{place(segment)}: the transaction names the guide {version or '(none)'}; expected professional "
                f"claims, {PROFESSIONAL_GUIDE}"
            )
        self._transaction, self._transmission = segment, None
        self._levels = {}
        self._walker.start()
        step = self._walker.step(segment)
        self._header = [PlacedSegment(step.state.loop.loop_id, step.use, segment)]

    def _inner(self, segment: Segment) -> ClaimRecord | None:
        step = self._walker.step(segment)
        record, use, opened = None, step.use, step.opened
        if step.closed:
            for loop in step.closed:
                if loop.loop_id == _CLAIM_LOOP:
                    record = self.finish()
                self._levels.pop(loop.loop_id, None)
        loop_id = use.loop_id if use is not None else step.state.loop.loop_id
        kept, count_max = self._claim, SEGMENTS_PER_CLAIM_MAX
        if not self._claim and loop_id != _CLAIM_LOOP:
            if opened is not None and opened.first.tag == _LEVEL_TAG:
                self._levels[opened.loop_id] = []
            kept = next(reversed(self._levels.values())) if self._levels else self._header
            count_max = SEGMENTS_PER_LEVEL_MAX
        if len(kept) >= count_max:
            raise X12Error(f"{place(segment)}: more than {count_max} segments in one claim or level")
        kept.append(PlacedSegment(loop_id, use, segment))
        return record

    def _record(self, claim: list[PlacedSegment]) -> ClaimRecord:
        """The claim with everything that stands above it."""
        if self._transmission is None:
            self._transmission = self._read_transmission(claim[0].segment)
        parties, first = self._parties, claim[0]
        above = {loop_id: self._levels.get(loop_id, []) for loop_id in ("2000A", "2000B", "2000C")}
        coverage, patient_level = (
            find(above["2000B"], "2000B", "subscriber"),
            find(above["2000C"], "2000C", "patient"),
        )
        subscriber = self._party(above["2000B"], "2010BA", first)
        own = _first_uses(claim)
        relationship = patient_level or coverage
        return ClaimRecord(
            transmission=self._transmission,
            claim_id=first.value("claim_id"),
            charge_amount_cents=cents(first, "charge_amount"),
            place_of_service_code=first.value("place_of_service_code"),
            frequency_code=first.value("frequency_code"),
            payer_claim_control_number=value_of(own, "payer_claim_control_number", "number"),
            payer_sequence=coverage.value("payer_sequence") if coverage else "",
            relationship_code=relationship.value("relationship") if relationship else "",
            group_number=coverage.value("group_number") if coverage else "",
            claim_filing_code=coverage.value("claim_filing_code") if coverage else "",
            insurance_type_code=coverage.value("insurance_type") if coverage else "",
            prior_authorization_number=value_of(own, "prior_authorization", "number"),
            referral_number=value_of(own, "referral_number", "number"),
            note=read_note(own.get("claim_note")),
            paperwork=read_paperwork(claim, _CLAIM_LOOP, "claim_paperwork")
            if "claim_paperwork" in own
            else (),
            billing=self._billing(above["2000A"], first),
            subscriber=subscriber,
            patient=self._party(above["2000C"], "2010CA", first) if patient_level else subscriber,
            payer=self._party(above["2000B"], "2010BB", first),
            rendering=parties.first(claim, "2310B"),
            supervising=parties.first(claim, "2310D"),
            referring=tuple(parties.all(claim, "2310A")),
            service_facility=parties.first(claim, "2310C"),
            other_payers=self._coordination.other_payers(claim),
            diagnosis_codes=_diagnosis_codes(own.get("diagnoses")),
            lines=tuple(self._line(parts) for parts in groups(claim, _LINE_LOOP, everything=True)),
            level_segments=tuple(chain.from_iterable(above.values())),
            segments=tuple(claim),
            start=first.segment.start,
            end=claim[-1].segment.end,
        )

    def _party(self, level: Placed, loop_id: str, claim: PlacedSegment) -> PartyRecord:
        party = self._parties.first(level, loop_id)
        if party is None:
            where = f"{place(claim.segment)}, claim {claim.value('claim_id')}"
            raise X12Error(f"{where}: loop {loop_id} is missing above the claim")
        return party

    def _billing(self, level: Placed, claim: PlacedSegment) -> PartyRecord:
        """The billing provider, whose taxonomy stands outside its own loop."""
        taxonomy = find(level, "2000A", "billing_taxonomy")
        parts = [placed for placed in level if placed.loop_id == "2010AA" or placed is taxonomy]
        if taxonomy is None or len(parts) == 1:
            return self._party(level, "2010AA", claim)
        return self._parties.party(parts)

    def _line(self, parts: Placed) -> LineRecord:
        own = {placed.use.name: placed for placed in reversed(parts) if placed.use is not None}
        service, dates = own.get("service"), own.get("service_date")
        if service is None or dates is None:
            where = f"{place(parts[0].segment)}, loop {_LINE_LOOP}"
            raise X12Error(f"{where}: the line lacks its service (SV1) or date (DTP*472)")
        first_text, _, last_text = dates.value("date").partition("-")
        first, parties = day(dates, first_text, "DTP03"), self._parties
        return LineRecord(
            claim_line_number=whole(parts[0], "line_number"),
            hcpcs_code=service.value("hcpcs_code"),
            modifiers=_values(service, "modifier"),
            charge_amount_cents=cents(service, "charge_amount"),
            unit=service.value("unit"),
            service_unit_quantity=number(service, "quantity"),
            place_of_service_code=service.value("place_of_service_code"),
            diagnosis_pointers=tuple(_pointer(service, text) for text in _values(service, "pointer")),
            service_from_date=first,
            service_to_date=day(dates, last_text, "DTP03") if last_text else first,
            line_control_number=value_of(own, "line_control_number", "number"),
            rendering=parties.first(parts, "2420A"),
            supervising=parties.first(parts, "2420D"),
            referring=parties.first(parts, "2420F"),
            prior_authorization_number=_own_number(parts, "line_prior_authorization"),
            referral_number=_own_number(parts, "line_referral_number"),
            note=read_note(own.get("line_note")),
            paperwork=read_paperwork(parts, _LINE_LOOP, "line_paperwork") if "line_paperwork" in own else (),
            adjudications=self._coordination.line_adjudications(parts) if "line_adjudication" in own else (),
            start=parts[0].segment.start,
            end=parts[-1].segment.end,
        )

    def _read_transmission(self, at: Segment) -> Transmission:
        interchange, group, transaction = self._interchange, self._group, self._transaction
        if interchange is None or group is None or transaction is None:
            raise X12Error(
                f"{place(at)}: the claim stands outside an interchange and group; expected ISA and GS before"
            )
        envelope = load_envelope()
        isa = PlacedSegment("interchange", envelope.use("interchange", "interchange_header"), interchange)
        gs = PlacedSegment("group", envelope.use("group", "group_header"), group)
        acknowledgment = envelope.use("interchange", "interchange_acknowledgment")
        acknowledgments = [PlacedSegment("interchange", acknowledgment, one) for one in self._acknowledgments]
        contact = find(self._header, "1000A", "submitter_contact")
        moment = f"{gs.value('date')}{gs.value('time')[:4]}"
        try:
            created_at = datetime.strptime(moment, "%Y%m%d%H%M")  # noqa: DTZ007  # the file has no offset
        except ValueError:
            raise X12Error(
                f"{place(group)}, GS04 and GS05: expected a date as CCYYMMDD and a time as HHMM"
            ) from None
        return Transmission(
            sender_type=isa.value("sender_type"),
            sender_id=isa.value("sender"),
            receiver_type=isa.value("receiver_type"),
            receiver_id=isa.value("receiver"),
            created_at=created_at,
            interchange_control_number=whole(isa, "control_number"),
            group_control_number=whole(gs, "control_number"),
            transaction_control_number=transaction.value(2).strip(),
            guide_version=transaction.value(3).strip() or gs.value("version"),
            is_test=isa.value("usage_indicator") == "T",
            acknowledgment_requested=isa.value("acknowledgment_requested") == "1",
            delimiters=interchange.delimiters,
            submitter=self._parties.first(self._header, "1000A"),
            submitter_contact_name=contact.value("contact_name") if contact else "",
            submitter_contact_phone=contact.value("number_1") if contact else "",
            receiver=self._parties.first(self._header, "1000B"),
            segments=(isa, *acknowledgments, gs, *self._header),
        )


def _diagnosis_codes(diagnoses: PlacedSegment | None) -> tuple[str, ...]:
    """The codes of the diagnoses in their order: the second component of each element."""
    if diagnoses is None:
        return ()
    segment = diagnoses.segment
    codes = (segment.value(position, 2).strip() for position in range(1, len(segment.elements)))
    return tuple(code for code in codes if code)


def _first_uses(claim: Placed) -> dict[str, PlacedSegment]:
    """The first segment of each name in the claim's own loop."""
    return {
        placed.use.name: placed
        for placed in reversed(claim)
        if placed.use is not None and placed.loop_id == _CLAIM_LOOP
    }


def _own_number(parts: Placed, name: str) -> str:
    """A number that the payer addressed has given; those of other payers name them."""
    for placed in parts:
        if placed.name == name and not placed.value("payer_number"):
            return placed.value("number")
    return ""


def _values(placed: PlacedSegment, prefix: str) -> tuple[str, ...]:
    """The components that the map names `prefix_1` to `prefix_4`, as far as they stand."""
    return tuple(filter(None, (placed.value(f"{prefix}_{at}") for at in (1, 2, 3, 4))))


def _pointer(service: PlacedSegment, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise X12Error(f"{place(service.segment)}, SV107: expected the place of a diagnosis, 1 to 12")
    return int(text)
