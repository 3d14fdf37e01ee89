"""A file as a tree to read: each segment with its loop, our own words for it and for each of its elements.

The words are the names in the guide's map. What the map does not have is shown as such, never left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from cocm.rules.adjustment_codes import AdjustmentCode, CodeList, adjustment_codes
from cocm.rules.codes import hcpcs_codes, places_of_service, taxonomies
from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table
from cocm.x12.guide_parts import ElementUse, SegmentUse
from cocm.x12.placing import SegmentInFile, place_segments
from cocm.x12.tokens import Segment, Source

UNKNOWN_ELEMENT: Final = "not in the guide"
UNKNOWN_SEGMENT: Final = "not in the guide here"
# Elements of an eligibility answer, with the table and column of their codes.
_ELIGIBILITY_TABLES: Final = {
    "information": ("benefit_information", "information_code"),
    "service_type": ("benefit_service_types", "service_type"),
    "insurance_type": ("benefit_insurance_types", "insurance_type"),
    "reason": ("eligibility_rejections", "reason"),
    "follow_up": ("eligibility_follow_ups", "follow_up"),
}

Meanings: TypeAlias = Mapping[str, Mapping[str, str]]

UNKNOWN_GUIDE: Final = "no map for this guide"


@dataclass(frozen=True, slots=True)
class ShownElement:
    """An element or component that has a value: its label (`CLM05-1`), its words, and the value as written.

    `name` is the map's name, empty where the map does not have the element. `meaning` is our own word for a code,
    where the rulebook has one.
    """

    label: str
    name: str
    words: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ShownSegment:
    """A segment in the tree. `depth` counts the loops around it; `heading` names the loop it opens, if it opens one.

    `name` is the map's name, empty where the map does not have the segment. `start` and `end` are bytes.
    """

    depth: int
    loop_id: str
    heading: str
    tag: str
    name: str
    words: str
    elements: tuple[ShownElement, ...]
    number: int
    start: int
    end: int

    @property
    def is_known(self) -> bool:
        return bool(self.name)


def shown_segments(source: Source, rulebook: Rulebook) -> Iterator[ShownSegment]:
    """All segments of a file in their order. Raises `X12Error` as `read_segments` does."""
    meanings = code_meanings(rulebook)
    return (_shown(placed, meanings) for placed in place_segments(source))


@lru_cache(maxsize=4)
def code_meanings(rulebook: Rulebook) -> Meanings:
    """Our own words for the codes that the rulebook has words for, by the name of their set in the guides."""
    adjustments = adjustment_codes(rulebook)
    return {
        "adjustment_reason": _labels(adjustments, CodeList.CARC),
        "remark": _labels(adjustments, CodeList.RARC),
        "group_code": _labels(adjustments, CodeList.GROUP),
        "place_of_service": {code: one.label for code, one in places_of_service(rulebook).items()},
        "hcpcs_code": {code: one.label for code, one in hcpcs_codes(rulebook).items()},
        "taxonomy": {code: one.label for code, one in taxonomies(rulebook).items()},
        **{element: _table(rulebook, name, key) for element, (name, key) in _ELIGIBILITY_TABLES.items()},
    }


def _table(rulebook: Rulebook, name: str, key: str) -> Mapping[str, str]:
    return {row.text(key): row.text("label") for row in read_table(rulebook.data_file(f"codes/{name}.csv"))}


def _labels(codes: Mapping[tuple[CodeList, str], AdjustmentCode], wanted: CodeList) -> Mapping[str, str]:
    return {code: one.label for (code_list, code), one in codes.items() if code_list is wanted and one.label}


def _shown(placed: SegmentInFile, meanings: Meanings) -> ShownSegment:
    segment, use = placed.segment, placed.use
    heading = ""
    if placed.opened is not None:
        heading = placed.opened.label
        if placed.opened is (placed.guide.root if placed.guide is not None else None):
            heading = (
                f"{heading}, {placed.guide.transaction} at {placed.version}" if placed.guide else heading
            )
    elif segment.tag == "ST" and placed.guide is None:
        heading = f"{UNKNOWN_GUIDE} ({placed.version or 'none is named'})"
    if use is not None:
        words = words_of(use.name)
    else:
        words = UNKNOWN_GUIDE if placed.guide is None else UNKNOWN_SEGMENT
    return ShownSegment(
        depth=max(len(placed.loops) - 1, 0),
        loop_id=placed.placed.loop_id,
        heading=heading,
        tag=segment.tag,
        name=use.name if use is not None else "",
        words=words,
        elements=tuple(_elements(segment, use, meanings)),
        number=segment.number,
        start=segment.start,
        end=segment.end,
    )


def _elements(segment: Segment, use: SegmentUse | None, meanings: Meanings) -> Iterator[ShownElement]:
    """Every element that has a value; repeats and components one by one where the map knows components."""
    uses: dict[int, list[ElementUse]] = {}
    for element in use.elements if use is not None else ():
        uses.setdefault(element.position, []).append(element)
    is_header = segment.tag == "ISA"
    for position, text in enumerate(segment.elements[1:], 1):
        if not text.strip():
            continue
        known = uses.get(position, [])
        if is_header or not segment.delimiters.repetition:
            repeats = [text]
        else:
            repeats = text.split(segment.delimiters.repetition)
        for repeat in repeats:
            if known and known[0].component == 0:
                yield _element(segment.tag, known[0], repeat.strip(), meanings)
            elif known:
                yield from _components(
                    segment, position, {one.component: one for one in known}, repeat, meanings
                )
            else:
                yield ShownElement(f"{segment.tag}{position:02d}", "", UNKNOWN_ELEMENT, repeat.strip())


def _components(
    segment: Segment, position: int, known: dict[int, ElementUse], text: str, meanings: Meanings
) -> Iterator[ShownElement]:
    for component, value in enumerate(text.split(segment.delimiters.component), 1):
        if not value.strip():
            continue
        if component in known:
            yield _element(segment.tag, known[component], value.strip(), meanings)
        else:
            label = f"{segment.tag}{position:02d}-{component}"
            yield ShownElement(label, "", UNKNOWN_ELEMENT, value.strip())


def _element(tag: str, element: ElementUse, value: str, meanings: Meanings) -> ShownElement:
    known = meanings.get(element.code_set) or meanings.get(element.name)
    meaning = known.get(value, "") if known is not None else ""
    return ShownElement(element.label(tag), element.name, words_of(element.name), value, meaning)


def words_of(name: str) -> str:
    """A map's name in words: `payer_claim_control_number` reads `payer claim control number`."""
    return name.replace("_", " ")
