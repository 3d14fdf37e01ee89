"""Reads subscribers' levels whose sequence of segments was met before: the places found then hold for them as well.

Where a segment belongs depends on its tag and a few selecting codes alone (`walker`). So the first level of a kind is
followed segment by segment, and of its like only the values are taken; what claims share (a payer, a practitioner, a
service on a day) is read once. The records are the same either way: a kind is known only where reading its first level
both ways gave the same, and a level with a value that cannot be read is left to the reader that follows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final, NamedTuple, overload

from cocm.basics.errors import X12Error
from cocm.basics.records import maker
from cocm.care.people import Address
from cocm.x12.claim_record import ClaimRecord, LineRecord, PartyRecord, PlacedSegment, Transmission
from cocm.x12.guide_parts import SegmentUse
from cocm.x12.line_reader import LineReader, diagnosis_codes
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import cents, day
from cocm.x12.proven_levels import LevelText
from cocm.x12.tokens import ELEMENTS_PER_SEGMENT_MAX, SEGMENT_BYTES_MAX, Delimiters, Segment

KINDS_MAX: Final = 1_024
KEPT_MAX: Final = 16_384
DAYS_KEPT_MAX: Final = 65_536
KEPT_TEXT_CHARACTERS_MAX: Final = 1_024
_HEAD_CHARACTERS: Final = 8
_LEVEL_SEGMENTS_MAX: Final = 512

_CLAIM, _LINE = "2300", "2400"
_PARTIES: Final = {"2310A": "referring", "2310B": "rendering", "2310C": "facility", "2310D": "supervising"}
# Loops and segments that only the reader that follows a level knows how to read.
_LEFT_TO_FOLLOWING: Final = ("232", "233", "242", "243")
_LEFT_NAMES: Final = frozenset(
    {
        "claim_note",
        "claim_paperwork",
        "line_note",
        "line_paperwork",
        "line_prior_authorization",
        "line_referral_number",
    }
)

_CLAIM_VALUES: Final = ("claim_id", "charge_amount", "place_of_service_code", "frequency_code")
_NAME_VALUES: Final = (
    "entity_type",
    "last_or_organization_name",
    "first_name",
    "middle_name",
    "name_suffix",
    "identifier_type",
    "identifier",
)
_STREET_VALUES: Final = ("line_1", "line_2")
_CITY_VALUES: Final = ("city", "state", "postal_code")
_BIRTH_VALUES: Final = ("birth_date", "sex")
_NUMBER_VALUE: Final = ("number",)
_PERSON_TAGS: Final = frozenset({"NM1", "N3", "N4", "DMG"})

Place = tuple[str, SegmentUse]


class LevelSegments(Sequence[PlacedSegment]):
    """Segments with their places, made when somebody looks at them: those above a level, then some of its own."""

    __slots__ = ("_above", "_made", "_of_level", "_own")

    def __init__(self, above: Sequence[PlacedSegment], of_level: _PlacedLevel, own: Sequence[int]) -> None:
        self._above, self._of_level, self._own = above, of_level, own
        self._made: tuple[PlacedSegment, ...] | None = None

    @property
    def all(self) -> tuple[PlacedSegment, ...]:
        """All of them."""
        if self._made is None:
            self._made = (*self._above, *map(self._of_level.segment, self._own))
        return self._made

    def __len__(self) -> int:
        return len(self._above) + len(self._own)

    def __iter__(self) -> Iterator[PlacedSegment]:
        return iter(self.all)

    @overload
    def __getitem__(self, at: int) -> PlacedSegment: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[PlacedSegment, ...]: ...
    def __getitem__(self, at: int | slice) -> PlacedSegment | tuple[PlacedSegment, ...]:
        return self.all[at]

    def __eq__(self, other: object) -> bool:
        return self.all == (other.all if isinstance(other, LevelSegments) else other)

    def __hash__(self) -> int:
        return hash(self.all)

    def __repr__(self) -> str:
        return repr(self.all)

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (self.all,)


class _PlacedLevel:
    """A level's texts with their places and first bytes."""

    __slots__ = ("delimiters", "number", "places", "starts", "texts")

    def __init__(self, level: LevelText, places: Sequence[Place], delimiters: Delimiters) -> None:
        self.texts, self.places, self.delimiters = level.texts, places, delimiters
        lengths = list(map(len, level.texts))
        between = (len(level.text) - sum(lengths)) // len(lengths)
        self.starts = list(accumulate([length + between for length in lengths], initial=level.start))
        self.number = level.number + 1

    def segment(self, at: int) -> PlacedSegment:
        """The segment at a place of the level."""
        text, start = self.texts[at], self.starts[at]
        loop_id, use = self.places[at]
        elements = text.split(self.delimiters.element)
        tag, end = elements[0].strip().upper(), start + len(text) + 1
        return PlacedSegment(
            loop_id, use, Segment(tag, text, elements, self.number + at, start, end, self.delimiters)
        )


@dataclass(frozen=True, slots=True)
class _LinePlan:
    """A line of a claim: from which of the level's segments to which, and where its own number stands (-1: nowhere)."""

    first: int
    end: int
    number: int


class _PersonPlan(NamedTuple):
    """Where a person's name, street, city and birth stand (-1: nowhere)."""

    name: int
    street: int
    city: int
    birth: int


@dataclass(frozen=True, slots=True)
class _ClaimPlan:
    """A claim of a level: from which of its segments to which, those above it, and what stands where.

    `parties` are the segments of each by the field they go to; those of the levels by their loop. `subscriber` and
    `patient` are None where the person is told with more than is common, or not at all.
    """

    first: int
    end: int
    above: tuple[int, ...]
    own: Mapping[str, int]
    coverage: int
    patient_level: int
    parties: Mapping[str, tuple[int, ...]]
    subscriber: _PersonPlan | None
    patient: _PersonPlan | None
    lines: tuple[_LinePlan, ...]


class _Kind(NamedTuple):
    """What is known of the levels of one sequence of segments."""

    places: tuple[Place, ...]
    claims: tuple[_ClaimPlan, ...]


class _Coverage(NamedTuple):
    payer_sequence: str
    relationship: str
    group_number: str
    claim_filing_code: str
    insurance_type: str


class _Elements(NamedTuple):
    """What picks elements out of a segment's, and which of those are components (by place among them)."""

    picked: Callable[[Sequence[str]], Sequence[str]]
    components: tuple[tuple[int, int], ...]


# More elements than the map names in any segment, so that each has a text.
_NOTHING: Final = [""] * 40


class LevelReader:
    """What is known of the levels of a file under one set of delimiters."""

    def __init__(
        self,
        selected: Mapping[str, Sequence[tuple[int, int]]],
        delimiters: Delimiters,
        parties: PartyReader,
        lines: LineReader,
    ) -> None:
        self._selected = selected
        self._delimiters = delimiters
        self._separator, self._component = delimiters.element, delimiters.component
        self._parties = parties
        self._lines = lines
        self._heads: dict[str, str | None] = {}
        self._kinds: dict[tuple[str, ...], _Kind | None] = {}
        self._kept: dict[tuple[str, ...], Any] = {}
        self._element_places: dict[tuple[SegmentUse, tuple[str, ...]], _Elements] = {}
        self._known_cents: dict[str, int] = {}
        self._known_days: dict[str, date] = {}

    def read(
        self,
        level: LevelText,
        above: Sequence[PlacedSegment],
        billing: PartyRecord,
        transmission: Transmission,
    ) -> list[ClaimRecord] | None:
        """The claims of a level under a billing provider; None where it must be followed."""
        if len(level.text) > SEGMENT_BYTES_MAX or len(level.texts) > _LEVEL_SEGMENTS_MAX:
            return None
        kind = self._kinds.get(self._key(level.texts))
        if kind is None or level.text.count(self._delimiters.element) > ELEMENTS_PER_SEGMENT_MAX * len(
            kind.claims
        ):
            return None
        placed = _PlacedLevel(level, kind.places, self._delimiters)
        try:
            return [self._claim(placed, plan, above, billing, transmission) for plan in kind.claims]
        except X12Error:
            return None

    def learn(
        self,
        level: LevelText,
        records: Sequence[ClaimRecord],
        above: Sequence[PlacedSegment],
        billing: PartyRecord,
        transmission: Transmission,
    ) -> None:
        """Remember a level's kind from the claims that were found in it."""
        key = self._key(level.texts)
        if key in self._kinds or len(level.texts) > _LEVEL_SEGMENTS_MAX or not records:
            return
        if len(self._kinds) >= KINDS_MAX:
            self._kinds.clear()
        found = _found_in(level, records)
        if len(found) != len(level.texts):
            return  # a claim that could not be read tells nothing of others
        kind = self._kinds[key] = _kind_of(level, records, found)
        if kind is not None and self.read(level, above, billing, transmission) != list(records):
            self._kinds[key] = None

    def _key(self, texts: Sequence[str]) -> tuple[str, ...]:
        """What the places of a level's segments depend on."""
        found = list(map(self._heads.get, [text[:_HEAD_CHARACTERS] for text in texts]))
        if None in found:
            found = [one or self._head(text) for one, text in zip(found, texts, strict=True)]
        return tuple(found)  # type: ignore[arg-type]  # no None is left

    def _head(self, text: str) -> str:
        """A segment's tag with the codes that select its use."""
        separator = self._separator
        tag = text.partition(separator)[0]
        places = self._selected.get(tag) or self._selected.get(tag.strip().upper())
        if not places:
            return tag
        elements = text.split(separator, places[-1][0] + 1)
        if len(places) == 1 and places[0][0] > 1:  # no start of such a text tells all
            return f"{tag}{separator}{self._selecting(elements, *places[0])}"
        head = separator.join((tag, *[self._selecting(elements, *place) for place in places]))
        start = text[:_HEAD_CHARACTERS]
        if self._tells_all(start, text, tag, places):
            if len(self._heads) >= KEPT_MAX:
                self._heads.clear()
            self._heads[start] = head
        return head

    def _selecting(self, elements: Sequence[str], position: int, component: int) -> str:
        """A value that decides where a segment belongs."""
        value = elements[position] if position < len(elements) else ""
        if not component:
            return value
        parts = value.split(self._delimiters.component)
        return parts[component - 1] if component <= len(parts) else ""

    def _tells_all(self, start: str, text: str, tag: str, places: Sequence[tuple[int, int]]) -> bool:
        """Whether every text that starts like this has this one's tag and selecting codes."""
        if start == text:
            return True
        if any(position > 1 for position, _ in places) or len(tag) >= len(start):
            return False
        ends = self._delimiters.element + (self._delimiters.component if (1, 0) not in places else "")
        rest = start[len(tag) + 1 :]
        return any(end in rest for end in ends)

    def _claim(
        self,
        level: _PlacedLevel,
        plan: _ClaimPlan,
        above: Sequence[PlacedSegment],
        billing: PartyRecord,
        transmission: Transmission,
    ) -> ClaimRecord:
        own, parties = plan.own, plan.parties
        claim_id, charge, place_of_service, frequency = self._values(level, plan.first, _CLAIM_VALUES)
        coverage = self._coverage(level, plan.coverage)
        relationship = coverage.relationship
        subscriber = self._person(level, plan.subscriber, parties["2010BA"])
        patient = subscriber
        if plan.patient_level >= 0:
            relationship = self._values(level, plan.patient_level, ("relationship",))[0]
            patient = self._person(level, plan.patient, parties["2010CA"])
        referring = parties.get("referring")
        return _record(
            transmission,
            claim_id,
            self._cents(level, plan.first, charge),
            place_of_service,
            frequency,
            self._number(level, own, "payer_claim_control_number"),
            coverage.payer_sequence,
            relationship,
            coverage.group_number,
            coverage.claim_filing_code,
            coverage.insurance_type,
            self._number(level, own, "prior_authorization"),
            self._number(level, own, "referral_number"),
            "",
            (),
            billing,
            subscriber,
            patient,
            self._of_many(level, parties["2010BB"]),
            self._shared_party(level, parties.get("rendering")),
            self._shared_party(level, parties.get("supervising")),
            () if referring is None else (self._party(level, referring),),
            self._shared_party(level, parties.get("facility")),
            (),
            self._diagnoses(level, own["diagnoses"]) if "diagnoses" in own else (),
            tuple([self._line(level, line) for line in plan.lines]),
            LevelSegments(above, level, plan.above),
            LevelSegments((), level, range(plan.first, plan.end)),
            level.starts[plan.first],
            level.starts[plan.end - 1] + len(level.texts[plan.end - 1]) + 1,
        )

    def _coverage(self, level: _PlacedLevel, at: int) -> _Coverage:
        key = ("coverage", level.texts[at])
        found: _Coverage | None = self._kept.get(key)
        if found is None:
            placed = level.segment(at)
            found = _Coverage(*map(placed.value, _Coverage._fields))
            self._keep(key, found)
        return found

    def _diagnoses(self, level: _PlacedLevel, at: int) -> tuple[str, ...]:
        key = ("diagnoses", level.texts[at])
        found: tuple[str, ...] | None = self._kept.get(key)
        if found is None:
            found = diagnosis_codes(level.segment(at))
            self._keep(key, found)
        return found

    def _number(self, level: _PlacedLevel, own: Mapping[str, int], name: str) -> str:
        at = own.get(name)
        return "" if at is None else self._values(level, at, _NUMBER_VALUE)[0]

    def _values(self, level: _PlacedLevel, at: int, names: tuple[str, ...]) -> list[str]:
        """Elements of a segment by their names, without blanks around them; empty where the file leaves them out."""
        parts = level.texts[at].split(self._separator)
        parts += _NOTHING
        found = self._element_places.get((level.places[at][1], names))
        if found is None:
            found = self._find_places(level.places[at][1], names)
        picked, components = found
        values = list(map(str.strip, picked(parts)))
        for place, component in components:
            inside = values[place].split(self._component)
            values[place] = inside[component - 1].strip() if component <= len(inside) else ""
        return values

    def _find_places(self, use: SegmentUse, names: tuple[str, ...]) -> _Elements:
        """Where elements stand; one that the map does not have where no segment reaches to."""
        elements = [use.by_name.get(name) for name in names]
        positions = [-1 if one is None else one.position for one in elements]
        found = _Elements(
            _picker(positions),
            tuple(
                (at, one.component) for at, one in enumerate(elements) if one is not None and one.component
            ),
        )
        self._element_places[use, names] = found
        return found

    def _cents(self, level: _PlacedLevel, at: int, text: str) -> int:
        """The charge of a claim."""
        known = self._known_cents.get(text)
        if known is None:
            known = cents(level.segment(at), "charge_amount")
            if len(self._known_cents) >= KEPT_MAX:
                self._known_cents.clear()
            self._known_cents[text] = known
        return known

    def _day(self, level: _PlacedLevel, at: int, text: str) -> date:
        """The day on which somebody was born."""
        known = self._known_days.get(text)
        if known is None:
            known = day(level.segment(at), text, "DMG02")
            if len(self._known_days) >= DAYS_KEPT_MAX:
                self._known_days.clear()
            self._known_days[text] = known
        return known

    def _person(self, level: _PlacedLevel, plan: _PersonPlan | None, own: tuple[int, ...]) -> PartyRecord:
        """A subscriber or patient: new in nearly every level."""
        if plan is None:
            return self._party(level, own)
        kind, last, first, middle, suffix, number_type, number = self._values(level, plan.name, _NAME_VALUES)
        address, birth_date, sex = None, None, ""
        if plan.street >= 0 or plan.city >= 0:
            street = self._values(level, plan.street, _STREET_VALUES) if plan.street >= 0 else ()
            city = self._values(level, plan.city, _CITY_VALUES) if plan.city >= 0 else ("", "", "")
            address = Address(" ".join(filter(None, street)), *city)
        if plan.birth >= 0:
            born, sex = self._values(level, plan.birth, _BIRTH_VALUES)
            birth_date = self._day(level, plan.birth, born)
        name = (last, first, middle, suffix, number_type, number)
        return _party(kind == "1", *name, "", "", address, "", birth_date, sex)

    def _party(self, level: _PlacedLevel, own: tuple[int, ...]) -> PartyRecord:
        return self._parties.party([level.segment(at) for at in own])

    def _shared_party(self, level: _PlacedLevel, own: tuple[int, ...] | None) -> PartyRecord | None:
        """A party that may not stand."""
        return None if own is None else self._of_many(level, own)

    def _of_many(self, level: _PlacedLevel, own: tuple[int, ...]) -> PartyRecord:
        """A party that stands on many claims."""
        key = ("party", *[level.texts[at] for at in own])
        found: PartyRecord | None = self._kept.get(key)
        if found is None:
            found = self._party(level, own)
            self._keep(key, found)
        return found

    def _line(self, level: _PlacedLevel, plan: _LinePlan) -> LineRecord:
        """A line; but for its own number and place in the file it is like others."""
        first, end, number = plan.first, plan.end, plan.number
        texts = level.texts[first:end]
        control_number = ""
        if number >= 0:
            control_number = self._values(level, number, _NUMBER_VALUE)[0]
            del texts[number - first]
        key = ("line", *texts)
        like: LineRecord | None = self._kept.get(key)
        if like is None:
            like = self._lines.line([level.segment(at) for at in range(first, end)])
            self._keep(key, like)
        return _line(
            like.claim_line_number,
            like.hcpcs_code,
            like.modifiers,
            like.charge_amount_cents,
            like.unit,
            like.service_unit_quantity,
            like.place_of_service_code,
            like.diagnosis_pointers,
            like.service_from_date,
            like.service_to_date,
            control_number,
            None,
            None,
            None,
            "",
            "",
            "",
            (),
            (),
            level.starts[first],
            level.starts[end - 1] + len(level.texts[end - 1]) + 1,
        )

    def _keep(self, key: tuple[str, ...], value: object) -> None:
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        if sum(map(len, key)) <= KEPT_TEXT_CHARACTERS_MAX:
            self._kept[key] = value


_record = maker(ClaimRecord)
_party = maker(PartyRecord)
_line = maker(LineRecord)


def _found_in(level: LevelText, records: Sequence[ClaimRecord]) -> dict[int, PlacedSegment]:
    """A level's own segments in the claims that were found in it, by their place in the level."""
    before = level.number + 1
    return {
        placed.segment.number - before: placed
        for record in records
        for placed in (*record.level_segments, *record.segments)
        if placed.segment.number >= before
    }


def _kind_of(
    level: LevelText, records: Sequence[ClaimRecord], found: Mapping[int, PlacedSegment]
) -> _Kind | None:
    """What the claims found in a level tell of all levels like it; None where they have parts that must be followed."""
    places: list[Place] = []
    for at, text in enumerate(level.texts):
        placed = found[at]
        if placed.use is None or placed.segment.text != text:
            return None
        if placed.loop_id.startswith(_LEFT_TO_FOLLOWING) or placed.use.name in _LEFT_NAMES:
            return None
        places.append((placed.loop_id, placed.use))
    plans = [_claim_plan(record, level.number + 1, places) for record in records]
    known = tuple(plan for plan in plans if plan is not None)
    return _Kind(tuple(places), known) if len(known) == len(plans) else None


def _claim_plan(record: ClaimRecord, before: int, places: Sequence[Place]) -> _ClaimPlan | None:
    own_at = [placed.segment.number - before for placed in record.segments]
    above = tuple(
        placed.segment.number - before for placed in record.level_segments if placed.segment.number >= before
    )
    first, end = own_at[0], own_at[-1] + 1
    if own_at != list(range(first, end)):
        return None
    parties: dict[str, tuple[int, ...]] = {}
    for at in (*above, *own_at):
        loop_id = places[at][0]
        if loop_id in ("2010BA", "2010BB", "2010CA") or loop_id in _PARTIES:
            name = _PARTIES.get(loop_id, loop_id)
            if places[at][1].starts_loop and name in parties:
                return None
            parties[name] = (*parties.get(name, ()), at)
    names = {(places[at][0], places[at][1].name): at for at in (*reversed(above), *reversed(own_at))}
    coverage = names.get(("2000B", "subscriber"), -1)
    patient_level = names.get(("2000C", "patient"), -1)
    if (
        coverage < 0
        or not {"2010BA", "2010BB"} <= parties.keys()
        or (patient_level >= 0) != ("2010CA" in parties)
    ):
        return None
    starts = [at for at in own_at if places[at][0] == _LINE and places[at][1].starts_loop]
    if not starts:
        return None
    lines = tuple(
        _LinePlan(start, after, _own_number(places, range(start, after)))
        for start, after in zip(starts, [*starts[1:], end], strict=True)
    )
    return _ClaimPlan(
        first,
        end,
        above,
        {name: at for (loop_id, name), at in names.items() if loop_id == _CLAIM},
        coverage,
        patient_level,
        parties,
        _person_plan(places, parties["2010BA"]),
        _person_plan(places, parties.get("2010CA", ())),
        lines,
    )


def _person_plan(places: Sequence[Place], own: Sequence[int]) -> _PersonPlan | None:
    by_tag = {places[at][1].tag: at for at in reversed(own)}
    if not by_tag.keys() <= _PERSON_TAGS or "NM1" not in by_tag:
        return None
    return _PersonPlan(by_tag["NM1"], *[by_tag.get(tag, -1) for tag in ("N3", "N4", "DMG")])


def _picker(positions: Sequence[int]) -> Callable[[Sequence[str]], Sequence[str]]:
    """What picks the texts at some positions, one or several."""
    if len(positions) > 1:
        return itemgetter(*positions)
    (position,) = positions
    return lambda texts: (texts[position],)


def _own_number(places: Sequence[Place], span: range) -> int:
    return next((at for at in span if places[at][1].name == "line_control_number"), -1)
