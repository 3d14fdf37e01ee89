"""What a table's rows are made of: which segments begin a row, which elements fill its columns, which other segments
of the row's loop are asked.

The elements are named as in the guide's map and their places are taken from there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from cocm.x12.columns.codes import AnyArray, Flags, Whole, distinct, word_of
from cocm.x12.columns.keys import KeyKeeper, stepped
from cocm.x12.columns.placement import Placed, Placer
from cocm.x12.columns.table import Column, Kind, Names, Numbers, Text
from cocm.x12.columns.values import CENTS_DECIMALS, QUANTITY_DECIMALS, Read, days, decimals
from cocm.x12.columns.view import Spans
from cocm.x12.guide_parts import REQUIRED, ElementUse
from cocm.x12.problem import ProblemKind

TEXT: Final = "text"
# The ends of a period as CCYYMMDD-CCYYMMDD; of a single day both are that day.
FIRST_DAY: Final = "first day"
LAST_DAY: Final = "last day"
UseName = tuple[str, str]
Wanted = str | Kind

_EXPECTED: Final = {
    Kind.CENTS: "an amount in whole cents",
    Kind.DAY: "a date as CCYYMMDD",
    Kind.QUANTITY: "a number with at most three decimals",
    Kind.COUNT: "a whole number",
}
_POSITION_CHARACTERS: Final = 2
# Their values stand in tables of their own, and in those of claims and lines as well; they are read once.
_ASKED_TWICE: Final = frozenset({"AMT", "DTM", "DTP"})
_DAY_CHARACTERS, _PERIOD_CHARACTERS, _DASH = 8, 17, ord("-")
_DECIMALS: Final = {Kind.CENTS: CENTS_DECIMALS, Kind.QUANTITY: QUANTITY_DECIMALS}


@dataclass(frozen=True, slots=True)
class Place:
    """An element of a segment: where it stands, and what it is called in a message."""

    position: int
    component: int = 0
    label: str = ""
    is_required: bool = False

    @property
    def tag(self) -> str:
        """The tag in the label."""
        return self.label[:-_POSITION_CHARACTERS]


@dataclass(frozen=True, slots=True)
class Part:
    """Segments each of which makes a row, and where the values of its columns stand in them.

    Without a value at `needs` a segment makes no row. `tag` names the segments where no guide has them.
    """

    uses: tuple[UseName, ...]
    places: Mapping[str, Place | str]
    needs: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """A column filled from another segment of the row's loop: the first of its use, or the last.

    With `codes` only segments whose element `selector` has one of them are asked, in the order of these codes.
    """

    column: str
    wanted: Wanted
    uses: tuple[UseName, ...]
    element: str
    selector: str = ""
    codes: tuple[str, ...] = ()
    takes_last: bool = False


@dataclass(frozen=True, slots=True)
class TableForm:
    """A table: its keys to other tables' rows, its columns, and what fills them.

    `extent` names what its bytes span. `requires` are pairs of a segment that begins a row and one that must follow it
    in that row, as the record readers insist on it.
    """

    name: str
    keys: tuple[str, ...]
    columns: Mapping[str, Wanted]
    parts: tuple[Part, ...]
    companions: tuple[Companion, ...] = ()
    extent: str = ""
    has_use: bool = False
    requires: tuple[tuple[UseName, UseName], ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A value that could not be read, or is missing: `row` is its segment in the block."""

    row: int
    kind: ProblemKind
    element: str
    what: str
    expected: str


def numbered(names: str, first: int = 1, last: int = 6) -> tuple[str, ...]:
    """Names with a running number in them."""
    return tuple(names.format(at) for at in range(first, last + 1))


class Extractor:
    """Fills one table's columns from one block after another."""

    def __init__(self, form: TableForm, placer: Placer) -> None:
        self.form = form
        self._placer = placer
        self._uses = [tuple(placer.number(*use) for use in part.uses) for part in form.parts]
        self._places = [self._resolved(part) for part in form.parts]
        self._needs = [self._place(part, part.needs) if part.needs else None for part in form.parts]
        self._use_names = tuple(use.name for use in placer.uses)

    @property
    def row_uses(self) -> frozenset[int]:
        """The uses whose segments make rows of this table."""
        return frozenset(number for numbers in self._uses for number in numbers)

    @property
    def companion_uses(self) -> frozenset[int]:
        """The uses whose segments are asked for a row's columns."""
        return frozenset(self._placer.number(*use) for one in self.form.companions for use in one.uses)

    def extract(
        self, placed: Placed, keys: Mapping[str, Whole], keeper: KeyKeeper, faults: list[Fault]
    ) -> tuple[Whole, dict[str, Column]]:
        """The rows' segments and the columns of a block."""
        parts = [(rows, at) for at in range(len(self.form.parts)) if len(rows := self._rows(placed, at))]
        order, rows = _merged([rows for rows, _ in parts])
        columns = self._keys(placed, rows, keys)
        # What texts are located with is kept until they are asked for: in half the room.
        small = [(some.astype(np.int32), at) for some, at in parts]
        small_order = None if order is None else order.astype(np.int32)
        for name, wanted in self.form.columns.items():
            if wanted == TEXT:
                locate = partial(self._spans, placed, name, small, small_order)
                columns[name] = _text(placed, len(rows), locate)
            else:
                columns[name] = self._column(placed, rows, parts, order, name, wanted, faults)
        columns.update(self._companions(placed, rows, faults))
        for first, wanted_use in self.form.requires:
            self._require(placed, first, wanted_use, faults)
        last = keeper.last(placed, keys, self.form.extent, rows) if self.form.extent else rows
        self._add_bytes(placed, columns, rows, last)
        return rows, columns

    def extract_rows(
        self, placed: Placed, rows: Whole, keys: Mapping[str, Whole]
    ) -> tuple[Whole, dict[str, Column]]:
        """Given segments as rows with their tags."""
        columns = self._keys(placed, rows, keys)
        small = rows.astype(np.int32)
        columns["tag"] = _text(placed, len(rows), lambda: placed.view.value(small, 0))
        self._add_bytes(placed, columns, rows, rows)
        return rows, columns

    def _keys(self, placed: Placed, rows: Whole, keys: Mapping[str, Whole]) -> dict[str, Column]:
        columns: dict[str, Column] = {
            name: Numbers(Kind.KEY, keys[name].take(rows)) for name in self.form.keys
        }
        if self.form.has_use:
            columns["loop"] = Names(self._placer.loop_ids, placed.loop.take(rows).astype(np.int16))
            columns["segment"] = Names(self._use_names, placed.use.take(rows).astype(np.int16))
        return columns

    def _add_bytes(self, placed: Placed, columns: dict[str, Column], rows: Whole, last: Whole) -> None:
        block = placed.block
        columns["start"] = Numbers(Kind.BYTE, block.start.take(rows) + block.base)
        columns["end"] = Numbers(Kind.BYTE, block.stop.take(last) + block.base)

    def _require(self, placed: Placed, first: UseName, wanted: UseName, faults: list[Fault]) -> None:
        """Tell the rows in which a segment is missing without which the record readers refuse them."""
        rows = placed.rows(self._placer.number(*first))
        if not len(rows):
            return
        found = np.zeros(len(rows), np.bool_)
        owners = np.searchsorted(rows, placed.rows(self._placer.number(*wanted)), "right") - 1
        found[owners[owners >= 0]] = True
        use = self._placer.guide.use(*wanted)
        words = f"{use.name.replace('_', ' ')} ({use.tag}) is missing"
        for row in rows[~found].tolist():
            faults.append(Fault(row, ProblemKind.MISSING_SEGMENT, "", words, f"it in loop {wanted[0]}"))

    def _rows(self, placed: Placed, at: int) -> Whole:
        if self.form.parts[at].tag:
            rows = placed.rows_of_tag(self.form.parts[at].tag)
        else:
            rows = placed.rows_of(self._uses[at])
        needed = self._needs[at]
        if needed is not None and len(rows):
            rows = rows[placed.block.count.take(rows) > needed.position]
            rows = rows[placed.view.value(rows, needed.position, needed.component).length > 0]
        return rows

    def _spans(
        self, placed: Placed, name: str, parts: Sequence[tuple[AnyArray, int]], order: AnyArray | None
    ) -> Spans:
        """Where a column's values stand; rows of a part that has no such element have none."""
        found = []
        for rows, at in parts:
            place = self._places[at].get(name)
            if place is None:
                found.append(_nothing(len(rows)))
            else:
                found.append(placed.view.value(rows, place.position, place.component))
        if len(found) <= 1:
            return found[0] if found else _nothing(0)
        start = np.concatenate([spans.start for spans in found])
        end = np.concatenate([spans.end for spans in found])
        return Spans(start, end) if order is None else Spans(start.take(order), end.take(order))

    def _column(
        self,
        placed: Placed,
        rows: Whole,
        parts: Sequence[tuple[Whole, int]],
        order: Whole | None,
        name: str,
        wanted: Wanted,
        faults: list[Fault],
    ) -> Column:
        place = next((one[name] for one in self._places if name in one), Place(0))
        asked = np.ones(len(rows), np.bool_)
        spans = partial(self._spans, placed, name, parts, order)
        return _read(placed, rows, spans, place, wanted, asked, faults)

    def _companions(self, placed: Placed, rows: Whole, faults: list[Fault]) -> Iterator[tuple[str, Column]]:
        """The columns from other segments, each of which belongs to the last row before it in the same loop."""
        before = (
            stepped(rows, len(placed.use), -1) if self.form.companions else rows
        )  # the row of each segment
        answers: dict[Hashable, tuple[Whole, Flags, AnyArray]] = {}
        for companion in self.form.companions:
            question = (companion.uses, companion.selector, companion.codes, companion.takes_last)
            answer = answers.get(question)
            if answer is None:
                found = self._found(placed, rows, before, companion)
                answer = answers[question] = found, found >= 0, found.astype(np.int32)
            found, asked, small = answer
            place = self._element_place(companion.uses[0], companion.element)
            if companion.wanted == TEXT:
                column: Column = _text(placed, len(found), partial(_spans_of, placed, small, place))
            else:
                column = _asked(placed, found, asked, place, companion.wanted, faults)
            yield companion.column, column

    def _found(self, placed: Placed, rows: Whole, before: Whole, companion: Companion) -> Whole:
        """For each row the segment that a companion asks; -1 where there is none."""
        found = np.full(len(rows), -1, np.int64)
        others = placed.rows_of(self._placer.number(*use) for use in companion.uses)
        if not len(others) or not len(rows):
            return found
        owner = before.take(others)
        mine = placed.loop.take(rows.take(owner, mode="clip")) == placed.loop.take(others)
        mine &= owner >= 0
        if not mine.all():
            owner = _owners_by_loop(placed, rows, others)
            others, owner = others[owner >= 0], owner[owner >= 0]
        if not companion.codes:
            _take_one(found, others, owner, takes_last=companion.takes_last)
            return found
        selector = self._element_place(companion.uses[0], companion.selector)
        words = placed.view.words(placed.view.value(others, selector.position, selector.component))
        for code in reversed(companion.codes):
            has = words == np.uint64(word_of(code))
            _take_one(found, others[has], owner[has], takes_last=companion.takes_last)
        return found

    def _resolved(self, part: Part) -> dict[str, Place]:
        return {column: self._place(part, place) for column, place in part.places.items()}

    def _place(self, part: Part, place: Place | str) -> Place:
        if isinstance(place, Place):
            return place
        return self._element_place(part.uses[0], place)

    def _element_place(self, use: UseName, name: str) -> Place:
        segment = self._placer.guide.use(*use)
        return place_of(segment.tag, segment.element(name))


def place_of(tag: str, element: ElementUse) -> Place:
    """An element of the map as a place."""
    return Place(element.position, element.component, element.label(tag), element.usage == REQUIRED)


def _nothing(count: int) -> Spans:
    """The spans of values that are left out."""
    return Spans(np.zeros(count, np.int64), np.zeros(count, np.int64))


def _merged(parts: Sequence[Whole]) -> tuple[Whole | None, Whole]:
    """The rows of all parts in the file's order, those of one segment in the order of the parts."""
    if len(parts) <= 1:
        return None, parts[0] if parts else np.empty(0, np.int64)
    rows = np.concatenate(parts)
    order = np.argsort(rows, kind="stable")
    return order, rows.take(order)


def _owners_by_loop(placed: Placed, rows: Whole, others: Whole) -> Whole:
    """The last row before each segment in its own loop, whatever rows of other loops stand between; -1: none."""
    owner = np.full(len(others), -1, np.int64)
    row_loops, loops = placed.loop.take(rows), placed.loop.take(others)
    for loop in distinct(loops).tolist():
        in_loop, asking = np.flatnonzero(row_loops == loop), loops == loop
        before = np.searchsorted(rows.take(in_loop), others[asking], "right")
        owner[asking] = np.concatenate(([-1], in_loop)).take(before)
    return owner


def _take_one(found: Whole, others: Whole, owner: Whole, *, takes_last: bool) -> None:
    """Note for each owner its first or last segment. Of repeated places the last assignment stays."""
    if takes_last:
        found[owner] = others
    else:
        found[owner[::-1]] = others[::-1]


def _text(placed: Placed, count: int, locate: Callable[[], Spans]) -> Text:
    """A column of texts in the block's bytes."""

    def located() -> tuple[Whole, AnyArray]:
        spans = locate()
        return spans.start, spans.length.astype(np.int32)

    return Text(placed.block.buffer, count, located)


def _asked(
    placed: Placed,
    found: Whole,
    asked: Flags,
    place: Place,
    wanted: Wanted,
    faults: list[Fault],
) -> Column:
    """A column of numbers from other segments: `found` (-1: none, where not `asked`)."""

    def locate() -> Spans:
        return _spans_of(placed, found, place)

    return _read(placed, found, locate, place, wanted, asked, faults)


def _spans_of(placed: Placed, found: AnyArray, place: Place) -> Spans:
    """Where the values of given segments stand; -1: there is no segment."""
    asked = found >= 0
    if not asked.any():
        return _nothing(len(asked))
    spans = placed.view.value(np.maximum(found, 0), place.position, place.component)
    return spans if asked.all() else Spans(spans.start * asked, spans.end * asked)


def _read(
    placed: Placed,
    rows: Whole,
    spans: Callable[[], Spans],
    place: Place,
    wanted: Wanted,
    asked: Flags,
    faults: list[Fault],
) -> Column:
    """A column of numbers or dates; what is wrong with one is added to the faults."""
    kind = wanted if isinstance(wanted, Kind) else Kind.DAY
    if not asked.any():
        return Numbers(kind, np.zeros(len(asked), np.int64), asked)
    if place.tag in _ASKED_TWICE:
        read = _of_all(placed, place, wanted).of(rows, asked)
    else:
        read = _numbers(placed, spans(), wanted)
    if read.wrong.any():
        for at in np.flatnonzero(read.wrong).tolist():
            what = "a value of another form"
            faults.append(Fault(int(rows[at]), ProblemKind.WRONG_VALUE, place.label, what, _EXPECTED[kind]))
    if place.is_required:
        missing = asked & ~read.present & ~read.wrong
        for at in np.flatnonzero(missing).tolist():
            faults.append(
                Fault(int(rows[at]), ProblemKind.MISSING_ELEMENT, place.label, "missing", _EXPECTED[kind])
            )
    return Numbers(kind, read.values, read.present)


def _end_of_period(placed: Placed, spans: Spans, *, is_first: bool) -> Spans:
    """The first or last day of periods; what is no period stays as it is."""
    start, end = spans
    is_period = (end - start == _PERIOD_CHARACTERS) & (
        placed.block.buffer.take(start + _DAY_CHARACTERS) == _DASH
    )
    if is_first:
        return Spans(start, np.where(is_period, start + _DAY_CHARACTERS, end))
    return Spans(np.where(is_period, end - _DAY_CHARACTERS, start), end)


def _of_all(placed: Placed, place: Place, wanted: Wanted) -> Read:
    """The values at a place of all segments of its tag, at these segments' places in the block."""
    question = (place.tag, place.position, wanted)
    read = placed.answers.get(question)
    if read is None:
        rows = placed.rows_of_tag(place.tag)
        found = _numbers(placed, placed.view.value(rows, place.position, place.component), wanted)
        count = len(placed.use)
        read = Read(np.zeros(count, np.int64), np.zeros(count, np.bool_), np.zeros(count, np.bool_))
        for every, some in zip(read, found, strict=True):
            every[rows] = some
        placed.answers[question] = read
    return read


def _numbers(placed: Placed, spans: Spans, wanted: Wanted) -> Read:
    if not isinstance(wanted, Kind):
        spans, wanted = _end_of_period(placed, spans, is_first=wanted == FIRST_DAY), Kind.DAY
    if wanted is Kind.DAY:
        return days(placed.view, spans)
    return decimals(placed.view, spans, _DECIMALS.get(wanted, 0))
