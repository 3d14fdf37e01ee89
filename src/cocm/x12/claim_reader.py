"""Reads professional claims by the guide's map, one after the other, whatever the size of the file.

What a claim says is taken into records; what the records have no field for stays with the claim as segments. A value
that cannot be read (an amount that is none, say) ends in an `X12Error` naming claim, byte and element: check a
doubtful file with `validate_837p` first, which reports all faults.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Final

from cocm.basics.errors import X12Error
from cocm.basics.money import cents_from_decimal
from cocm.care.people import Address
from cocm.x12.claim_record import ClaimRecord, LineRecord, PartyRecord, PlacedSegment, Transmission
from cocm.x12.guide import guide_versions, load_envelope, load_guide
from cocm.x12.patterns import number_or_none
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.walker import Walker

PROFESSIONAL_GUIDE: Final = "005010X222A1"
SEGMENTS_PER_CLAIM_MAX: Final = 50_000
SEGMENTS_PER_LEVEL_MAX: Final = 10_000

_CLAIM_LOOP: Final = "2300"
_LINE_LOOP: Final = "2400"
_LEVEL_TAG: Final = "HL"
_TAX_NUMBER_TYPES: Final = ("EI", "SY")
_DIGITS_MAX: Final = 18

_Placed = Sequence[PlacedSegment]


def read_837p(source: Source) -> Iterator[ClaimRecord]:
    """The claims of a file in their order.

    Raises `X12Error` for a file that cannot be read or holds another transaction than professional claims.
    """
    reader = _ClaimReader()
    for segment in read_segments(source):
        yield from reader.segment(segment)
    yield from reader.finish()


class _ClaimReader:
    """Follows a file and hands out each claim when it has ended."""

    def __init__(self) -> None:
        self._walker = Walker(load_guide(PROFESSIONAL_GUIDE))
        self._interchange: Segment | None = None
        self._group: Segment | None = None
        self._transaction: Segment | None = None
        self._transmission: Transmission | None = None
        self._header: list[PlacedSegment] = []
        self._levels: dict[str, list[PlacedSegment]] = {}
        self._parties: dict[str, PartyRecord] = {}
        self._claim: list[PlacedSegment] = []

    def segment(self, segment: Segment) -> Iterator[ClaimRecord]:
        """Take the next segment; a claim that it ends is handed out."""
        match segment.tag:
            case "ISA" | "GS" | "GE" | "IEA":
                yield from self.finish()
                self._transaction = None
                if segment.tag == "ISA":
                    self._interchange, self._group = segment, None
                elif segment.tag == "GS":
                    self._group = segment
            case "ST":
                yield from self.finish()
                self._start(segment)
            case _ if self._transaction is not None:
                yield from self._inner(segment)

    def finish(self) -> Iterator[ClaimRecord]:
        """Hand out the claim that is still open."""
        if self._claim:
            claim, self._claim = self._claim, []
            yield self._record(claim)

    def _start(self, segment: Segment) -> None:
        version = segment.value(3).strip() or (
            self._group.value(8).strip() if self._group is not None else ""
        )
        if guide_versions().get(version) != PROFESSIONAL_GUIDE:
            raise X12Error(
                f"{_place(segment)}: the transaction names the guide {version or '(none)'}; expected professional "
                f"claims, {PROFESSIONAL_GUIDE}"
            )
        self._transaction, self._transmission = segment, None
        self._header, self._levels = [], {}
        self._walker.start()
        self._walker.step(segment)

    def _inner(self, segment: Segment) -> Iterator[ClaimRecord]:
        step = self._walker.step(segment)
        for loop in step.closed:
            if loop.loop_id == _CLAIM_LOOP:
                yield from self.finish()
            self._levels.pop(loop.loop_id, None)
        if step.opened is not None and step.opened.first.tag == _LEVEL_TAG:
            self._levels[step.opened.loop_id] = []
            self._parties.clear()
        loop_id = step.use.loop_id if step.use is not None else step.state.loop.loop_id
        placed = PlacedSegment(loop_id, step.use, segment)
        is_claim = bool(self._claim) or (step.opened is not None and step.opened.loop_id == _CLAIM_LOOP)
        if is_claim:
            self._keep(self._claim, placed, SEGMENTS_PER_CLAIM_MAX)
        elif self._levels:
            self._keep(next(reversed(self._levels.values())), placed, SEGMENTS_PER_LEVEL_MAX)
        else:
            self._keep(self._header, placed, SEGMENTS_PER_LEVEL_MAX)

    @staticmethod
    def _keep(kept: list[PlacedSegment], placed: PlacedSegment, count_max: int) -> None:
        if len(kept) >= count_max:
            raise X12Error(f"{_place(placed.segment)}: more than {count_max} segments in one claim or level")
        kept.append(placed)

    def _record(self, claim: list[PlacedSegment]) -> ClaimRecord:
        """The claim with everything that stands above it."""
        if self._transmission is None:
            self._transmission = self._read_transmission(claim[0].segment)
        levels = tuple(chain.from_iterable(self._levels.values()))
        first = claim[0]
        coverage = _find(levels, "2000B", "subscriber")
        patient_level = _find(levels, "2000C", "patient")
        subscriber = self._party(levels, "2010BA", first)
        patient = subscriber if patient_level is None else self._party(levels, "2010CA", first)
        control_number = _find(claim, _CLAIM_LOOP, "payer_claim_control_number")
        diagnoses = _find(claim, _CLAIM_LOOP, "diagnoses")
        relationship = patient_level if patient_level is not None else coverage
        return ClaimRecord(
            transmission=self._transmission,
            claim_id=first.value("claim_id"),
            charge_amount_cents=_cents(first, "charge_amount"),
            place_of_service_code=first.value("place_of_service_code"),
            frequency_code=first.value("frequency_code"),
            payer_claim_control_number=control_number.value("number") if control_number else "",
            payer_sequence=coverage.value("payer_sequence") if coverage else "",
            relationship_code=relationship.value("relationship") if relationship else "",
            group_number=coverage.value("group_number") if coverage else "",
            claim_filing_code=coverage.value("claim_filing_code") if coverage else "",
            billing=self._party(levels, "2010AA", first, taxonomy=_find(levels, "2000A", "billing_taxonomy")),
            subscriber=subscriber,
            patient=patient,
            payer=self._party(levels, "2010BB", first),
            rendering=_first_party(claim, "2310B"),
            supervising=_first_party(claim, "2310D"),
            referring=tuple(_party(parts) for parts in _instances(claim, "2310A")),
            service_facility=_first_party(claim, "2310C"),
            diagnosis_codes=_diagnosis_codes(diagnoses),
            lines=tuple(_line(parts) for parts in _line_groups(claim)),
            level_segments=levels,
            segments=tuple(claim),
            start=first.segment.start,
            end=claim[-1].segment.end,
        )

    def _party(
        self, levels: _Placed, loop_id: str, claim: PlacedSegment, *, taxonomy: PlacedSegment | None = None
    ) -> PartyRecord:
        """A party of the levels above the claims, read once for all claims under it."""
        party = self._parties.get(loop_id)
        if party is None:
            parts = [placed for placed in levels if placed.loop_id == loop_id]
            if not parts:
                raise X12Error(f"{_claim_place(claim)}: loop {loop_id} is missing above the claim")
            party = _party(parts if taxonomy is None else [*parts, taxonomy])
            self._parties[loop_id] = party
        return party

    def _read_transmission(self, at: Segment) -> Transmission:
        interchange, group, transaction = self._interchange, self._group, self._transaction
        if interchange is None or group is None or transaction is None:
            raise X12Error(
                f"{_place(at)}: the claim stands outside an interchange and group; expected ISA and GS before"
            )
        envelope = load_envelope()
        isa = PlacedSegment("interchange", envelope.use("interchange", "interchange_header"), interchange)
        gs = PlacedSegment("group", envelope.use("group", "group_header"), group)
        contact = _find(self._header, "1000A", "submitter_contact")
        moment = f"{gs.value('date')}{gs.value('time')[:4]}"
        try:
            created_at = datetime.strptime(moment, "%Y%m%d%H%M")  # noqa: DTZ007  # the file has no offset
        except ValueError:
            raise X12Error(
                f"{_place(group)}, GS04 and GS05: expected a date as CCYYMMDD and a time as HHMM"
            ) from None
        return Transmission(
            sender_type=isa.value("sender_type"),
            sender_id=isa.value("sender"),
            receiver_type=isa.value("receiver_type"),
            receiver_id=isa.value("receiver"),
            created_at=created_at,
            interchange_control_number=_whole(isa, "control_number"),
            group_control_number=_whole(gs, "control_number"),
            transaction_control_number=transaction.value(2).strip(),
            guide_version=transaction.value(3).strip() or gs.value("version"),
            is_test=isa.value("usage_indicator") == "T",
            acknowledgment_requested=isa.value("acknowledgment_requested") == "1",
            delimiters=interchange.delimiters,
            submitter=_first_party(self._header, "1000A"),
            submitter_contact_name=contact.value("contact_name") if contact else "",
            submitter_contact_phone=contact.value("number_1") if contact else "",
            receiver=_first_party(self._header, "1000B"),
        )


def _find(placed: _Placed, loop_id: str, name: str) -> PlacedSegment | None:
    """The first segment of this name in a loop."""
    return next((one for one in placed if one.loop_id == loop_id and one.name == name), None)


def _instances(placed: _Placed, loop_id: str) -> Iterator[list[PlacedSegment]]:
    """The segments of each time a loop stands."""
    parts: list[PlacedSegment] = []
    for one in placed:
        if one.loop_id != loop_id:
            continue
        if one.use is not None and one.use.starts_loop and parts:
            yield parts
            parts = []
        parts.append(one)
    if parts:
        yield parts


def _first_party(placed: _Placed, loop_id: str) -> PartyRecord | None:
    return next((_party(parts) for parts in _instances(placed, loop_id)), None)


def _party(parts: _Placed) -> PartyRecord:
    """A party from the segments of its loop: name, address, tax number, taxonomy, telephone, birth."""
    by_tag: dict[str, PlacedSegment] = {}
    tin = ""
    for part in parts:
        by_tag.setdefault(part.segment.tag, part)
        if part.segment.tag == "REF" and part.value("number_type") in _TAX_NUMBER_TYPES:
            tin = tin or part.value("number")
    name = by_tag.get("NM1", parts[0])
    taxonomy, contact, birth = by_tag.get("PRV"), by_tag.get("PER"), by_tag.get("DMG")
    return PartyRecord(
        is_person=name.value("entity_type") == "1",
        last_or_organization_name=name.value("last_or_organization_name"),
        first_name=name.value("first_name"),
        middle_name=name.value("middle_name"),
        name_suffix=name.value("name_suffix"),
        identifier_type=name.value("identifier_type"),
        identifier=name.value("identifier"),
        tin=tin,
        taxonomy_code=taxonomy.value("taxonomy_code") if taxonomy else "",
        address=_address(by_tag.get("N3"), by_tag.get("N4")),
        phone=_phone(contact),
        birth_date=_day(birth, birth.value("birth_date"), "DMG02") if birth else None,
        sex=birth.value("sex") if birth else "",
    )


def _address(lines: PlacedSegment | None, city: PlacedSegment | None) -> Address | None:
    if lines is None and city is None:
        return None
    street = " ".join(filter(None, (lines.value("line_1"), lines.value("line_2")))) if lines else ""
    if city is None:
        return Address(street, "", "", "")
    return Address(street, city.value("city"), city.value("state"), city.value("postal_code"))


def _phone(contact: PlacedSegment | None) -> str:
    if contact is None:
        return ""
    channels = ((contact.value(f"channel_{place}"), contact.value(f"number_{place}")) for place in (1, 2, 3))
    return next((number for channel, number in channels if channel == "TE"), "")


def _diagnosis_codes(diagnoses: PlacedSegment | None) -> tuple[str, ...]:
    if diagnoses is None:
        return ()
    return tuple(filter(None, (diagnoses.value(f"code_{place}") for place in range(1, 13))))


def _line_groups(claim: _Placed) -> Iterator[list[PlacedSegment]]:
    """The segments of each service line with those of the loops inside it."""
    parts: list[PlacedSegment] = []
    for placed in claim:
        starts = placed.loop_id == _LINE_LOOP and placed.use is not None and placed.use.starts_loop
        if starts and parts:
            yield parts
            parts = []
        if starts or parts:
            parts.append(placed)
    if parts:
        yield parts


def _line(parts: _Placed) -> LineRecord:
    service, dates = _find(parts, _LINE_LOOP, "service"), _find(parts, _LINE_LOOP, "service_date")
    if service is None or dates is None:
        raise X12Error(
            f"{_place(parts[0].segment)}, loop {_LINE_LOOP}: the line lacks its service (SV1) or date (DTP*472)"
        )
    control_number = _find(parts, _LINE_LOOP, "line_control_number")
    first_text, _, last_text = dates.value("date").partition("-")
    first = _day(dates, first_text, "DTP03")
    return LineRecord(
        claim_line_number=_whole(parts[0], "line_number"),
        hcpcs_code=service.value("hcpcs_code"),
        modifiers=_values(service, "modifier"),
        charge_amount_cents=_cents(service, "charge_amount"),
        unit=service.value("unit"),
        service_unit_quantity=_number(service, "quantity"),
        place_of_service_code=service.value("place_of_service_code"),
        diagnosis_pointers=tuple(_pointer(service, text) for text in _values(service, "pointer")),
        service_from_date=first,
        service_to_date=_day(dates, last_text, "DTP03") if last_text else first,
        line_control_number=control_number.value("number") if control_number else "",
        rendering=_first_party(parts, "2420A"),
        start=parts[0].segment.start,
        end=parts[-1].segment.end,
    )


def _values(placed: PlacedSegment, prefix: str) -> tuple[str, ...]:
    return tuple(filter(None, (placed.value(f"{prefix}_{place}") for place in (1, 2, 3, 4))))


def _pointer(service: PlacedSegment, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise X12Error(f"{_place(service.segment)}, SV107: expected the place of a diagnosis, 1 to 12")
    return int(text)


def _number(placed: PlacedSegment, name: str) -> Decimal:
    number = number_or_none(placed.value(name))
    if number is None:
        raise X12Error(f"{_place(placed.segment)}, {_label(placed, name)}: expected a number")
    return number


def _cents(placed: PlacedSegment, name: str) -> int:
    amount = _number(placed, name)
    cents = cents_from_decimal(amount)
    if Decimal(cents).scaleb(-2) != amount:
        raise X12Error(f"{_place(placed.segment)}, {_label(placed, name)}: expected an amount in whole cents")
    return cents


def _whole(placed: PlacedSegment, name: str) -> int:
    text = placed.value(name)
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX):
        raise X12Error(f"{_place(placed.segment)}, {_label(placed, name)}: expected a whole number")
    return int(text)


def _day(placed: PlacedSegment, text: str, label: str) -> date:
    try:
        if len(text) != 8 or not (text.isascii() and text.isdigit()):
            raise ValueError
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        raise X12Error(f"{_place(placed.segment)}, {label}: expected a date as CCYYMMDD") from None


def _label(placed: PlacedSegment, name: str) -> str:
    return (
        placed.use.element(name).label(placed.segment.tag) if placed.use is not None else placed.segment.tag
    )


def _claim_place(claim: PlacedSegment) -> str:
    return f"{_place(claim.segment)}, claim {claim.value('claim_id')}"


def _place(segment: Segment) -> str:
    return f"byte {segment.start}, segment {segment.number}"
