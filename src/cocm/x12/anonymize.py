"""Anonymizes a file: names, ids, addresses, birth dates, control numbers and free text go; what can be tested stays.

Kept are the structure, codes, amounts and balances, and relations: the same value becomes the same replacement in every
file that is anonymized with the same seed, so a claim still meets its remittance. Dates move by a span of the
person's own. What the guide's map does not know (segments, elements) is left out, because nobody can say what it holds.

The result serves for tests and examples. It is no finding that data is de-identified in the sense of 45 CFR 164.514.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import BinaryIO, Final

from cocm.basics.errors import X12Error
from cocm.x12.anonymize_rules import Action, action_for, may_be_kept
from cocm.x12.date_shift import DateShift
from cocm.x12.guide_parts import REQUIRED, ElementUse, SegmentUse
from cocm.x12.placed_values import place
from cocm.x12.placing import SegmentInFile, place_segments
from cocm.x12.pseudonym import Pseudonyms
from cocm.x12.tokens import Segment, Source

HELD_SEGMENTS_MAX: Final = 60
REMOVED: Final = "REMOVED"

_DOCUMENT_TAGS: Final = frozenset(["BIN", "BDS"])
_PERSON_ENTITIES: Final = frozenset(["IL", "QC"])
_DEPENDENT_LEVEL: Final = "23"
_FIXED_WIDTH_TAG: Final = "ISA"
_SHORT_NAME: Final = 2
_HOUSE_NUMBERS: Final = 900


@dataclass(slots=True)
class Anonymized:
    """What was done: counts of transactions, segments written, segments left out, elements emptied."""

    transaction_count: int = 0
    segment_count: int = 0
    dropped_segment_count: int = 0
    emptied_element_count: int = 0
    dropped_tags: set[str] = field(default_factory=set)


def anonymize(source: Source, out: BinaryIO, *, seed: int, keeps_months: bool = False) -> Anonymized:
    """Write a file without what tells who somebody is.

    `keeps_months` moves dates by whole months, so that what is counted by calendar months stays together. Raises
    `X12Error` for a file that cannot be read, holds a transaction without a map, or carries documents (275); what
    was written until then must be thrown away.
    """
    work = _Anonymizing(out, Pseudonyms(seed), keeps_months)
    for placed in place_segments(source):
        work.take(placed)
    work.release()
    return work.done


class _Anonymizing:
    """Follows a file. The segments at a person's beginning are held until the member id is known."""

    def __init__(self, out: BinaryIO, pseudonyms: Pseudonyms, keeps_months: bool) -> None:
        self._out = out
        self._pseudonyms = pseudonyms
        self._dates = DateShift(pseudonyms, keeps_months=keeps_months)
        self._held: list[SegmentInFile] = []
        self._is_holding = self._person_is_new = False
        self._person = ""
        self._name = ""
        self._written_in_transaction = 0
        self.done = Anonymized()

    def take(self, placed: SegmentInFile) -> None:
        """The file's next segment."""
        segment = placed.segment
        if placed.guide is None or placed.placed.loop_id == placed.guide.root.loop_id:
            self.release()  # the file's own again, nobody's
            self._person = ""
        match segment.tag:
            case "ST":
                self._refuse_unknown(placed)
                self._written_in_transaction = 0
                self.done.transaction_count += 1
            case "CLM":
                self.release()
            case "HL" | "CLP":
                self.release()
                self._is_holding = True
                if segment.tag == "CLP" or segment.value(3).strip() != _DEPENDENT_LEVEL:
                    self._person = ""
            case "NM1" if placed.use is not None and segment.value(1).strip() in _PERSON_ENTITIES:
                self._learn(segment)
        self._held.append(placed)
        if not self._is_holding or self._person_is_new or len(self._held) >= HELD_SEGMENTS_MAX:
            self.release()

    def release(self) -> None:
        """Write what was held, by the person who is known now."""
        if not self._person and self._name:
            self._person = self._name
        held, self._held = self._held, []
        self._is_holding = self._person_is_new = False
        self._name = ""
        for placed in held:
            self._write(placed)

    def _learn(self, segment: Segment) -> None:
        identifier = segment.value(9).strip().upper()
        if not self._is_holding:
            return
        if identifier:
            self._person = f"id {identifier}"
            self._person_is_new = True
        elif not self._person:
            self._name = f"name {segment.value(3).strip().upper()} {segment.value(4).strip().upper()}"

    def _refuse_unknown(self, placed: SegmentInFile) -> None:
        if placed.guide is None:
            raise X12Error(
                f"{place(placed.segment)}: there is no map of guide {placed.version or '(none)'}, so nobody can tell "
                "what identifies a person in it. Nothing was written; split such transactions off (cocm x12 split)"
            )

    def _write(self, placed: SegmentInFile) -> None:
        segment, use = placed.segment, placed.use
        if segment.tag in _DOCUMENT_TAGS:
            raise X12Error(
                f"{place(segment)}: the transaction carries a document, which cannot be anonymized. Nothing was written"
            )
        elements = None if use is None else self._elements(segment, use)
        if elements is None:
            self.done.dropped_segment_count += 1
            self.done.dropped_tags.add(segment.tag if use is not None else "unknown")
            return
        self.done.segment_count += 1
        self._written_in_transaction += 1
        if segment.tag == "SE" and len(elements) > 1:
            elements[1] = str(self._written_in_transaction)
        while len(elements) > 1 and not elements[-1]:
            elements.pop()
        text = segment.delimiters.element.join(elements) + segment.delimiters.terminator
        self._out.write(text.encode("ascii", "replace"))

    def _elements(self, segment: Segment, use: SegmentUse) -> list[str] | None:
        """The segment's elements made anew; None where a required one held nothing but free text."""
        uses = _by_place(use)
        made = [segment.tag]
        for position, text in enumerate(segment.elements[1:], 1):
            if not text:
                made.append("")
                continue
            known = uses.get(position)
            if known is None:
                self.done.emptied_element_count += bool(text.strip())
                made.append("")
                continue
            new = self._repeated(segment, use, known, text)
            if text.strip() and not new and any(one.usage == REQUIRED for one in known.values()):
                if not use.is_required:
                    return None
                new = REMOVED
            made.append(new)
        return made

    def _repeated(self, segment: Segment, use: SegmentUse, known: Mapping[int, ElementUse], text: str) -> str:
        """An element made anew, each of its repeats by itself."""
        if segment.tag == _FIXED_WIDTH_TAG:
            return self._value(segment, use, known[0], text, "")
        mark = segment.delimiters.repetition
        if not mark or mark not in text:
            return self._one(segment, use, known, text)
        return mark.join(self._one(segment, use, known, repeat) for repeat in text.split(mark))

    def _one(self, segment: Segment, use: SegmentUse, known: Mapping[int, ElementUse], text: str) -> str:
        if 0 not in known:
            return self._components(segment, use, known, text)
        return self._value(segment, use, known[0], text, self._format(segment, known[0], []))

    def _components(
        self, segment: Segment, use: SegmentUse, known: Mapping[int, ElementUse], text: str
    ) -> str:
        mark = segment.delimiters.component
        parts = text.split(mark)
        made = []
        for component, part in enumerate(parts, 1):
            element = known.get(component)
            if element is None:
                self.done.emptied_element_count += bool(part.strip())
                made.append("")
            else:
                made.append(self._value(segment, use, element, part, self._format(segment, element, parts)))
        while made and not made[-1]:
            made.pop()
        return mark.join(made)

    @staticmethod
    def _format(segment: Segment, element: ElementUse, siblings: list[str]) -> str:
        """The format that an earlier sibling names for this value, where one does."""
        if not element.format_offset:
            return ""
        if element.component:
            at = element.component - element.format_offset - 1
            return siblings[at].strip() if 0 <= at < len(siblings) else ""
        return segment.value(element.position - element.format_offset).strip()

    def _value(self, segment: Segment, use: SegmentUse, element: ElementUse, text: str, form: str) -> str:
        """One value made anew; blanks around it stay where the width is fixed."""
        value = text.strip()
        if not value:
            return text if segment.tag == _FIXED_WIDTH_TAG else ""
        action = action_for(use, element)
        if may_be_kept(action, element, value) or (segment.tag == _FIXED_WIDTH_TAG and len(value) == 1):
            return text
        new = self._replaced(action, element, value, form)
        return new.ljust(len(text)) if segment.tag == _FIXED_WIDTH_TAG else new

    def _replaced(self, action: Action, element: ElementUse, value: str, form: str) -> str:
        pseudonyms, dates, person = self._pseudonyms, self._dates, self._person
        match action:
            case Action.BLANKS:
                return ""
            case Action.FREE_TEXT:
                self.done.emptied_element_count += 1
                return ""
            case Action.WORD if len(value) > _SHORT_NAME:
                return pseudonyms.word(element.name, value, element.length_max)
            case Action.ADDRESS:
                number = 1 + pseudonyms.number("house", value) % _HOUSE_NUMBERS
                return f"{number} {pseudonyms.word('street', value, element.length_max - 7)} ST"
            case Action.DATE | Action.BIRTH_DATE:
                moved = dates.moved_text(value, person, is_birth=action is Action.BIRTH_DATE)
                return moved if moved is not None else pseudonyms.identifier(value)
            case Action.FORMATTED_DATE | Action.FORMATTED_BIRTH_DATE:
                is_birth = action is Action.FORMATTED_BIRTH_DATE
                moved = dates.moved_formatted(value, form, person, is_birth=is_birth)
                return moved if moved is not None else pseudonyms.identifier(value)
        return pseudonyms.identifier(value)


@lru_cache(maxsize=10_000)
def _by_place(use: SegmentUse) -> Mapping[int, Mapping[int, ElementUse]]:
    """A segment's elements by position and component."""
    uses: dict[int, dict[int, ElementUse]] = {}
    for element in use.elements:
        uses.setdefault(element.position, {})[element.component] = element
    return uses
