"""Reads professional claims by the guide's map, one after the other, whatever the size of the file.

What a claim says is taken into records; what the records have no field for stays with the claim as segments. A value
that cannot be read (an amount that is none, say) ends in an `X12Error` naming claim, byte and element, unless the
caller takes such claims and reads on: `validate_837p` reports all faults of a doubtful file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import chain
from typing import Final, NamedTuple

from cocm.basics.errors import X12Error
from cocm.x12.claim_levels import LevelReader
from cocm.x12.claim_record import (
    ClaimRecord,
    PartyRecord,
    PlacedSegment,
    Transmission,
    UnreadableClaim,
)
from cocm.x12.coordination_reader import CoordinationReader, read_note, read_paperwork
from cocm.x12.guide import guide_versions, load_envelope, load_guide
from cocm.x12.line_reader import LineReader, diagnosis_codes
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import Placed, cents, find, groups, place, value_of, whole
from cocm.x12.proven_levels import level_texts
from cocm.x12.tokens import (
    LEVELS_TAG,
    Delimiters,
    Segment,
    Source,
    read_pieces,
    read_segments,
    segments_within,
)
from cocm.x12.walker import Walker

PROFESSIONAL_GUIDE: Final = "005010X222A1"
SEGMENTS_PER_CLAIM_MAX: Final = 50_000
SEGMENTS_PER_LEVEL_MAX: Final = 10_000
ACKNOWLEDGMENTS_MAX: Final = 1_000

_CLAIM_LOOP: Final = "2300"
_LINE_LOOP: Final = "2400"
_PROVIDER_LOOP: Final = "2000A"
_SUBSCRIBER_LOOP: Final = "2000B"
_LEVEL_TAG: Final = "HL"
_ENVELOPE_TAGS: Final = frozenset({"ISA", "TA1", "GS", "ST", "SE", "GE", "IEA"})


def read_837p(
    source: Source, *, on_unreadable: Callable[[UnreadableClaim], None] | None = None
) -> Iterator[ClaimRecord]:
    """The claims of a file in their order.

    A claim with a value that cannot be read is handed to `on_unreadable` and passed over; without it, it ends the
    reading. Raises `X12Error` for a file that cannot be read or holds another transaction than professional claims.
    """
    return _records(read_pieces(source), on_unreadable)


def follow_837p(
    source: Source, *, on_unreadable: Callable[[UnreadableClaim], None] | None = None
) -> Iterator[ClaimRecord]:
    """As `read_837p`, but every segment is followed, whatever is known of its like: the same records, later."""
    return _records(read_segments(source), on_unreadable)


def _records(
    pieces: Iterator[Segment], on_unreadable: Callable[[UnreadableClaim], None] | None
) -> Iterator[ClaimRecord]:
    reader = _ClaimReader(on_unreadable)
    for piece in pieces:
        if piece.tag == LEVELS_TAG:
            yield from reader.levels(piece)
            continue
        record = reader.segment(piece)
        if record is not None:
            yield record
    last = reader.finish()
    if last is not None:
        yield last


class _Provider(NamedTuple):
    """What all levels inside a provider's share."""

    above: tuple[PlacedSegment, ...]
    billing: PartyRecord
    transmission: Transmission


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
        self._lines = LineReader(self._parties, self._coordination)
        self._acknowledgments: list[Segment] = []
        self._known: dict[Delimiters, LevelReader] = {}
        self._provider: tuple[list[PlacedSegment], _Provider] | None = None

    def levels(self, piece: Segment) -> Iterator[ClaimRecord]:
        """Take whole subscribers' levels; those of a kind that is known are not followed."""
        known = self._known.get(piece.delimiters)
        if known is None:
            known = LevelReader(self._walker.selected, piece.delimiters, self._parties, self._lines)
            self._known[piece.delimiters] = known
        for level in level_texts(piece):
            records = None
            provider = self._rest() if level.is_level else None
            if provider is not None:
                before = self.finish()
                if before is not None:
                    yield before
                records = known.read(level, *provider)
            if records is None:
                records = []
                for segment in segments_within(level.text, level.start, level.number, piece.delimiters):
                    record = self.segment(segment)
                    if record is not None:
                        yield record
                        records.append(record)
                provider = self._rest() if provider is not None else None
                if provider is not None:
                    last = self.finish()
                    if last is not None:
                        yield last
                        records.append(last)
                    known.learn(level, records, *provider)
            else:
                yield from records
            if provider is not None:
                self._pass_levels()

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

    def _rest(self) -> _Provider | None:
        """The provider whose level is open, where it and the transmission can be read; None elsewhere."""
        state, level, transmission = self._walker.state, self._levels.get(_PROVIDER_LOOP), self._transmission
        if self._transaction is None or state is None or level is None or transmission is None:
            return None
        if all(loop.loop_id != _PROVIDER_LOOP for loop, _ in state.levels):
            return None
        if (
            self._provider is None
            or self._provider[0] is not level
            or len(self._provider[1].above) != len(level)
        ):
            try:
                billing = self._billing(level, level[0])
            except X12Error:
                return None
            self._provider = (level, _Provider(tuple(level), billing, transmission))
        return self._provider[1]

    def _pass_levels(self) -> None:
        """Stand behind the levels inside the provider's, in no claim."""
        state = self._walker.state
        assert state is not None  # a provider's level is open
        depth = next(at for at, (loop, _) in enumerate(state.levels) if loop.loop_id == _PROVIDER_LOOP)
        self._walker.state = self._walker.rest(depth, _SUBSCRIBER_LOOP)
        self._levels = {_PROVIDER_LOOP: self._levels[_PROVIDER_LOOP]}

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
            diagnosis_codes=diagnosis_codes(own.get("diagnoses")),
            lines=tuple(self._lines.line(parts) for parts in groups(claim, _LINE_LOOP, everything=True)),
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


def _first_uses(claim: Placed) -> dict[str, PlacedSegment]:
    """The first segment of each name in the claim's own loop."""
    return {
        placed.use.name: placed
        for placed in reversed(claim)
        if placed.use is not None and placed.loop_id == _CLAIM_LOOP
    }
