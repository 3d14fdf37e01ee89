"""Passes over subscribers' levels whose faultlessness follows from what the full check has found faultless before.

Every rule stays where it is: a level that is not known goes through the full check, segment for segment, and where that
finds nothing, what it depended on is remembered. A later level is right as well where

- its segments have the same tags and selecting codes in the same order, so that each is of the same use;
- each segment's text is right by itself: known, or examined by the same `SegmentCheck` and `texts` of the rules;
- what rules compare between segments is, all together, what it was in a level found right (`joint`), under the same
  file day; codes of dated sets were found right on the same days;
- the few values that are new in every claim are right: levels are numbered on, births lie before the first service, and
  the control numbers of lines differ.

Which values no rule compares is said in the tables below, and only there; a test holds them against the rules that look
at these segments. Whatever is in no table counts as compared, so that a new rule makes the check slower, never blind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import call, itemgetter
from typing import Any, Final, NamedTuple

from cocm.x12.claim_dates_check import LIFE_YEARS_MAX, is_day, service_days
from cocm.x12.dated_codes import CodeSets
from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import ElementUse, Guide, SegmentUse
from cocm.x12.meaning import MeaningChecks, OnSegment
from cocm.x12.patterns import value_pattern
from cocm.x12.problem import Report
from cocm.x12.tokens import (
    DELIMITER_SETS_MAX,
    LEVELS_TAG,
    Delimiters,
    Segment,
    Source,
    read_pieces,
    segments_within,
)
from cocm.x12.walker import State, Walker

SUBSCRIBER_LOOP: Final = "2000B"
PROVIDER_LOOP: Final = "2000A"
_PATIENT_LOOP: Final = "2000C"

_Place = tuple[str, str]
# The file's own day and what else a level may depend on; see `MeaningChecks.standing`.
Standing = tuple[str, bool]
_Days = tuple[str, str]

# Elements that no rule looks into, except that they stand: names, streets, numbers, which are new in every claim.
FREE_ELEMENTS: Final[Mapping[_Place, tuple[int, ...]]] = {
    ("2000B", "subscriber"): (3, 4),
    ("2010BA", "subscriber_name"): (3, 4, 5, 9),
    ("2010BA", "subscriber_city"): (1,),
    ("2010CA", "patient_city"): (1,),
    ("2300", "claim"): (1,),
}
# Those of them whose texts do not come again, so that remembering them is of no use.
EVER_NEW: Final[frozenset[_Place]] = frozenset({("2010BA", "subscriber_name"), ("2300", "claim")})
# Segments of which the rules that follow a claim need to know only that they stand, or of which
# `ProvenLevels` itself judges what is new: births and numbers of lines.
PRESENT_ONLY: Final[frozenset[_Place]] = frozenset(
    {
        ("2010BA", "subscriber_address"),
        ("2010BA", "subscriber_city"),
        ("2010BA", "subscriber_birth"),
        ("2010BB", "payer_name"),
        ("2010BB", "billing_number_at_payer"),
        ("2010CA", "patient_birth"),
        ("2300", "payer_claim_control_number"),
        ("2400", "line_control_number"),
    }
)
LEVELS: Final[frozenset[_Place]] = frozenset({("2000B", "subscriber_level"), ("2000C", "patient_level")})
BIRTHS: Final[frozenset[_Place]] = frozenset({("2010BA", "subscriber_birth"), ("2010CA", "patient_birth")})
DIAGNOSES: Final[_Place] = ("2300", "diagnoses")
SERVICE_DATE: Final[_Place] = ("2400", "service_date")
LINE_NUMBER: Final[_Place] = ("2400", "line_control_number")

# Limits of what is remembered; beyond them all is learned anew.
PLANS_MAX: Final = 1_024
JOINTS_MAX: Final = 32_768
TEXTS_PER_USE_MAX: Final = 8_192
HEADS_MAX: Final = 32_768
TEXT_CHARACTERS_MAX: Final = 256
_LEVEL_SEGMENTS_MAX: Final = 512
_DAY_CHARACTERS: Final = 8
_FIRST_ELEMENT: Final = frozenset({(1, 0), (1, 1)})


class LevelText(NamedTuple):
    """A subscriber's level with what is below it (`is_level`), or what else stood between two of them.

    `text` ends with the last terminator, as written; `texts` are its segments without line ends.
    """

    is_level: bool
    text: str
    texts: list[str]
    start: int
    number: int


@dataclass(slots=True, eq=False)
class _Plan:
    """How to look at the levels of one sequence of segments. `looks` make of each text what counts of it, or None."""

    uses: tuple[SegmentUse, ...]
    looks: tuple[Callable[[str], object], ...]
    joint: Callable[[Sequence[object]], Hashable]
    levels: tuple[tuple[int, bool], ...]
    births: tuple[int, ...]
    days: tuple[int, ...]
    dated: tuple[int, ...]
    line_numbers: tuple[int, ...]
    claim_count: int
    right: set[tuple[Standing, Hashable]]


def level_texts(piece: Segment) -> Iterator[LevelText]:
    """The levels in a piece of them (see `read_pieces`)."""
    terminator, separator = piece.delimiters.terminator, piece.delimiters.element
    after = piece.text[piece.text.index(terminator) + 1 :]
    line_end = after[: len(after) - len(after.lstrip("\r\n"))] if terminator not in "\r\n" else ""
    end, head = terminator + line_end, f"HL{separator}"
    if not piece.text.endswith(end):  # line ends of several kinds
        yield LevelText(False, piece.text, [], piece.start, piece.number)
        return
    begins = re.compile(_begins_level(piece.delimiters)).match
    sends_off = re.compile(_ends_transaction(piece.delimiters)).match
    chunks = piece.text[len(head) :].split(end + head)
    chunks[-1] = chunks[-1].removesuffix(end)
    last_mark = f"{end}SE{separator}"
    start, number = piece.start, piece.number
    at, count = 0, len(chunks)
    while at < count:
        chunk = chunks[at]
        at += 1
        begun = begins(chunk)
        while at < count and begins(chunks[at]) is None:
            chunk = f"{chunk}{end}{head}{chunks[at]}"
            at += 1
        parts = [head + chunk]
        if last_mark in chunk:
            place = parts[0].index(last_mark) + len(end)
            if sends_off(parts[0], place):
                parts = [parts[0][: place - len(end)], parts[0][place:]]
        for part_at, part in enumerate(parts):
            texts = part.split(end)
            is_level = part_at == 0 and begun is not None and begun.lastindex is not None
            yield LevelText(is_level, part + end, texts, start, number)
            start += len(part) + len(end)
            number += part.count(terminator) + 1


def read_past_levels(source: Source) -> Iterator[Segment]:
    """As `read_segments`, but subscribers' levels that hold no segment of an envelope come in one piece, or in few.

    Such a piece has the tag `LEVELS_TAG`; its `number` is that of the segment before it.
    """
    for piece in read_pieces(source):
        if piece.tag != LEVELS_TAG:
            yield piece
            continue
        marks = piece.delimiters
        has_envelope = _envelope_pattern(marks).search
        if has_envelope(piece.text) is None:
            yield piece
            continue
        for level in level_texts(piece):
            if level.is_level and has_envelope(level.text) is None:
                end = level.start + level.text.rindex(marks.terminator) + 1
                yield Segment(LEVELS_TAG, level.text, [], level.number, level.start, end, marks)
            else:
                yield from segments_within(level.text, level.start, level.number, marks)


@lru_cache(maxsize=DELIMITER_SETS_MAX)
def _envelope_pattern(delimiters: Delimiters) -> re.Pattern[str]:
    """Any segment of an envelope inside a text."""
    by, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    return re.compile(rf"{end}\s*(?:ISA|TA1|GS|ST|SE|GE|IEA)\s*(?:{by}|{end})", re.IGNORECASE)


def _begins_level(delimiters: Delimiters) -> str:
    """The rest of an HL segment that begins a subscriber's level (with a group) or a provider's."""
    by, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    return rf"[0-9]{{1,9}}{by}(?:([0-9]{{1,9}}){by}22|{by}20){by}[01](?:{end}|\Z)"


def _ends_transaction(delimiters: Delimiters) -> str:
    by, end = re.escape(delimiters.element), re.escape(delimiters.terminator)
    return rf"SE{by}[0-9]{{1,10}}{by}[0-9A-Za-z]{{1,9}}(?:{end}|\Z)"


class ProvenLevels:
    """What is known of the levels of a file under one set of delimiters."""

    def __init__(
        self,
        guide: Guide,
        delimiters: Delimiters,
        code_sets: CodeSets,
        rules: MeaningChecks,
        report: Report,
    ) -> None:
        """`rules` are the rules once more, with a report of their own, for those that look at a text alone."""
        self._guide = guide
        self._delimiters = delimiters
        self._separator = delimiters.element
        self._code_sets = code_sets
        self._report = report
        self._rules = rules
        self._walker = Walker(guide)
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._joint_count = 0
        self._looks: dict[SegmentUse, _Look] = {}
        self._dated_right: set[tuple[SegmentUse, str, tuple[str, str]]] = set()
        self._heads = _Heads(self._walker.selected, delimiters)
        self._head_end = _head_characters(guide)
        self._days = _DaysOfService(delimiters)
        self._born_from = _BirthLimit()
        self._deep_tags = {
            tag for tag, places in self._walker.selected.items() if not {*places} <= _FIRST_ELEMENT
        }
        self._uses = {
            place: guide.use(*place)
            for place in {*FREE_ELEMENTS, *PRESENT_ONLY, *LEVELS, *BIRTHS, DIAGNOSES, SERVICE_DATE}
        }
        self._places = {use: place for place, use in self._uses.items()}

    def passes(self, level: LevelText, parent: str, number: int, standing: Standing) -> int:
        """How many levels this one is, with those inside it, where it is proven right; 0 where it must be checked.

        It stands in the level `parent`, and `number` is what it must have.
        """
        texts, head_end = level.texts, self._head_end
        plan = self._plans.get(tuple(map(self._heads.__getitem__, [text[:head_end] for text in texts])))
        if plan is None:
            return 0
        found = list(map(call, plan.looks, texts))
        if not all(found) or (standing, plan.joint(found)) not in plan.right:
            return 0
        if not self._is_numbered(plan, texts, parent, number):
            return 0
        if (plan.births or plan.dated) and not self._days_are_right(plan, texts, standing[0]):
            return 0
        line_numbers = plan.line_numbers
        if len(line_numbers) > 1:
            separator = self._separator
            if len({texts[at].split(separator, 3)[2] for at in line_numbers}) != len(line_numbers):
                return 0
        return len(plan.levels)

    def _is_numbered(self, plan: _Plan, texts: Sequence[str], parent: str, number: int) -> bool:
        """Whether the levels count on, and each names the one around it."""
        by, subscriber = self._separator, number
        for at, is_subscriber in plan.levels:
            around = parent if is_subscriber else subscriber
            if not texts[at].startswith(f"HL{by}{number}{by}{around}{by}"):
                return False
            number += 1
        return True

    def _days_are_right(self, plan: _Plan, texts: Sequence[str], created_on: str) -> bool:
        """Whether births lie before all services, and codes are known to be right on their days."""
        at_all = [texts[at] for at in plan.days]
        key = at_all[0] if len(at_all) == 1 else (plan.claim_count, *at_all)
        days = self._days[key]
        if days is None:
            return False
        for at in plan.births:
            born_on = texts[at].split(self._separator, 3)[2]
            if len(born_on) != _DAY_CHARACTERS or not self._born_from[created_on] <= born_on <= days[0]:
                return False
        right = self._dated_right
        return not plan.dated or all((plan.uses[at], texts[at], days) in right for at in plan.dated)

    def learn(self, level: LevelText, segments: Sequence[Segment], state: State, standing: Standing) -> None:
        """Remember a level that the full check found right; it began in this state."""
        texts = level.texts
        if len(texts) != len(segments) or len(segments) > _LEVEL_SEGMENTS_MAX:
            return
        heads = tuple([self._heads[text[: self._head_end]] for text in texts])
        uses = self._uses_of(segments, state)
        if uses is None:
            return
        plan = self._plans.get(heads)
        if plan is None:
            plan = self._plan(uses)
        elif plan.uses != uses:
            return
        found = list(map(call, plan.looks, texts))
        if not all(found):
            return
        if self._joint_count >= JOINTS_MAX or len(self._plans) >= PLANS_MAX:
            self._plans.clear()
            self._dated_right.clear()
            plan.right.clear()
            self._joint_count = 0
        self._plans[heads] = plan
        plan.right.add((standing, plan.joint(found)))
        self._joint_count += 1
        days = self._days[(plan.claim_count, *[texts[at] for at in plan.days])]
        if days is not None:
            self._dated_right.update((plan.uses[at], texts[at], days) for at in plan.dated)

    def _uses_of(self, segments: Sequence[Segment], state: State) -> tuple[SegmentUse, ...] | None:
        """Which use each segment is."""
        self._walker.state = state
        uses = [self._walker.step(segment).use for segment in segments]
        known = tuple(use for use in uses if use is not None)
        return known if len(known) == len(uses) else None

    def _plan(self, uses: tuple[SegmentUse, ...]) -> _Plan:
        places = [self._places.get(use) for use in uses]
        looks = [self._look(use) for use in uses]
        joint = [at for at, look in enumerate(looks) if look.is_joint]
        return _Plan(
            uses,
            tuple(look.take for look in looks),
            itemgetter(*joint, joint[0]),
            tuple(
                (at, place == ("2000B", "subscriber_level"))
                for at, place in enumerate(places)
                if place in LEVELS
            ),
            tuple(at for at, place in enumerate(places) if place in BIRTHS),
            tuple(at for at, place in enumerate(places) if place == SERVICE_DATE),
            tuple(at for at, look in enumerate(looks) if look.waits_for_days),
            tuple(at for at, place in enumerate(places) if place == LINE_NUMBER),
            sum(use.tag == "CLM" for use in uses),
            set(),
        )

    def _look(self, use: SegmentUse) -> _Look:
        look = self._looks.get(use)
        if look is None:
            look = self._looks[use] = self._make_look(use)
        return look

    def _make_look(self, use: SegmentUse) -> _Look:
        place = self._places.get(use)
        check = SegmentCheck(use, self._delimiters, self._code_sets)
        on_text = self._rules.on_text(use)
        is_heard = self._rules.on_segment(use) is not None and place not in PRESENT_ONLY
        is_joint = is_heard or use.tag in self._deep_tags
        if not is_joint and on_text is None and check.is_pattern_alone:
            return _Look(check.is_right, is_joint=False, waits_for_days=False)
        examined = _Examined(use, check, on_text, self._report, self._delimiters)
        take: Callable[[str], object] = examined.__getitem__
        if place in LEVELS:
            take = _LevelHead(self._separator, examined).take
        elif place is not None and place in FREE_ELEMENTS:
            take = _Reduced(use, FREE_ELEMENTS[place], self._delimiters, examined).take
            if place not in EVER_NEW:
                take = _Remembered(take).__getitem__
        elif place == DIAGNOSES:
            take = _Remembered(_Kinds(self._delimiters, examined).take).__getitem__
        waits = check.has_dated_codes and (not is_joint or place == DIAGNOSES)
        return _Look(take, is_joint=is_joint, waits_for_days=waits)


class _Look(NamedTuple):
    """What counts of a use's texts: None where one is not right by itself."""

    take: Callable[[str], object]
    is_joint: bool
    waits_for_days: bool


class _Examined(dict[str, str | None]):
    """Texts of a use, each with itself where nothing is wrong with it alone."""

    def __init__(
        self,
        use: SegmentUse,
        check: SegmentCheck,
        on_text: OnSegment | None,
        report: Report,
        delimiters: Delimiters,
    ) -> None:
        super().__init__()
        self._use = use
        self._check = check
        self._on_text = on_text
        self._report = report
        self._delimiters = delimiters

    def __missing__(self, text: str) -> str | None:
        segment = Segment(
            self._use.tag, text, text.split(self._delimiters.element), 0, 0, 0, self._delimiters
        )
        verdict = None if self._check.examine(segment)[0] else text
        if self._on_text is not None and verdict is not None:
            self._on_text(self._use, segment)
            if self._report.problems:
                self._report.problems.clear()
                self._report.is_full = False
                verdict = None
        if len(text) <= TEXT_CHARACTERS_MAX:
            if len(self) >= TEXTS_PER_USE_MAX:
                self.clear()
            self[text] = verdict
        return verdict


class _LevelHead:
    """An HL segment without its numbers, which are counted elsewhere."""

    def __init__(self, separator: str, examined: _Examined) -> None:
        self._separator = separator
        self._examined = examined

    def take(self, text: str) -> str | None:
        separator = self._separator
        elements = text.split(separator, 3)
        return self._examined[separator.join(("HL", "1", "1", elements[3]))] if len(elements) == 4 else None


class _Reduced:
    """A segment with its free elements, each of which must be right, replaced by one and the same text."""

    def __init__(
        self, use: SegmentUse, positions: Sequence[int], delimiters: Delimiters, examined: _Examined
    ) -> None:
        self._separator = delimiters.element
        self._examined = examined
        self._last = max(positions) + 1
        by_position = {element.position: element for element in use.elements}
        self._free = [(at, *_free(by_position[at], delimiters)) for at in positions]

    def take(self, text: str) -> str | None:
        elements = text.split(self._separator, self._last)
        count = len(elements)
        for at, matches, instead in self._free:
            if at >= count:
                break
            value = elements[at]
            if value:
                if matches(value) is None:
                    return None
                elements[at] = instead
        return self._examined[self._separator.join(elements)]


def _free(element: ElementUse, delimiters: Delimiters) -> tuple[Callable[[str], Any], str]:
    """What a free element must match (no blanks at its ends), and what stands for it."""
    is_plain = element.data_type == "AN" and not element.codes and not element.code_set
    assert is_plain and not element.component and element.repeat_max == 1, element.name
    pattern = value_pattern(element, delimiters.all)
    return re.compile(rf"(?! ){pattern}(?<! )").fullmatch, "A" * element.length_min


class _Remembered(dict[str, object]):
    """What a look makes of texts that come again."""

    def __init__(self, take: Callable[[str], object]) -> None:
        super().__init__()
        self._take = take

    def __missing__(self, text: str) -> object:
        found = self._take(text)
        if len(text) <= TEXT_CHARACTERS_MAX:
            if len(self) >= TEXTS_PER_USE_MAX:
                self.clear()
            self[text] = found
        return found


class _Kinds:
    """Of diagnoses, what other segments depend on: their number, and the code list of each."""

    def __init__(self, delimiters: Delimiters, examined: _Examined) -> None:
        self._delimiters = delimiters
        self._examined = examined

    def take(self, text: str) -> object:
        if self._examined[text] is None:
            return None
        values, component = text.split(self._delimiters.element)[1:], self._delimiters.component
        return text if "." in text else tuple(one.partition(component)[:2] for one in values)


class _Heads(dict[str, str]):
    """Of a segment's first characters, its tag with what stands in its first element where that selects its use."""

    def __init__(self, selected: Mapping[str, Sequence[tuple[int, int]]], delimiters: Delimiters) -> None:
        super().__init__()
        self._by_first = {tag for tag, places in selected.items() if {*places} & _FIRST_ELEMENT}
        self._delimiters = delimiters

    def __missing__(self, text: str) -> str:
        separator, component = self._delimiters.element, self._delimiters.component
        tag, _, rest = text.partition(separator)
        head = tag
        if tag in self._by_first:
            head = f"{tag}{separator}{rest.partition(separator)[0].partition(component)[0]}"
        if len(self) >= HEADS_MAX:
            self.clear()
        self[text] = head
        return head


def _head_characters(guide: Guide) -> int:
    """So many first characters of a segment hold its tag and any code in its first element that selects its use."""
    uses = (use for loop in guide.loops.values() for use in (*loop.segments, *loop.closing))
    return max(
        len(use.tag) + 1 + len(code)
        for use in uses
        for selector in use.selectors
        if selector.position == 1
        for code in selector.codes
    )


class _DaysOfService(dict[Any, "_Days | None"]):
    """The first and last day of service of a DTP*472 text, or of several with the number of their claims first.

    None where there is none, or where several claims have different ones.
    """

    def __init__(self, delimiters: Delimiters) -> None:
        super().__init__()
        self._separator = delimiters.element

    def __missing__(self, key: str | tuple[Any, ...]) -> _Days | None:
        claim_count, *texts = (1, key) if isinstance(key, str) else key
        days = self._read(claim_count, {text.split(self._separator, 4)[3] for text in texts})
        if len(self) >= TEXTS_PER_USE_MAX:
            self.clear()
        self[key] = days
        return days

    def _read(self, claim_count: int, distinct: set[str]) -> _Days | None:
        if not distinct or (claim_count > 1 and len(distinct) > 1):
            return None
        spans = [service_days(one) for one in distinct]
        read = [span for span in spans if span is not None]
        if len(read) != len(spans):
            return None
        return min(read)[0], max(span[1] for span in read)


class _BirthLimit(dict[str, str]):
    """The earliest birth that fits a file's own day, as text; later than any where that is no day."""

    def __missing__(self, created_on: str) -> str:
        born_from = f"{int(created_on[:4]) - LIFE_YEARS_MAX:04d}0000" if is_day(created_on) else "a"
        self.clear()
        self[created_on] = born_from
        return born_from
