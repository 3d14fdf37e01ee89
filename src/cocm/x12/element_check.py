"""Checks one segment against its use in the map: usage, type, length, codes, characters, conditions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from cocm.x12.dated_codes import CodeSet, CodeSets, DatedCodes, DatedElement, FoundCode, told_code
from cocm.x12.guide_parts import REQUIRED, REQUIRED_IN_COMPOSITE, Condition, ElementUse, SegmentUse
from cocm.x12.patterns import DATE_FORMATS, EXPECTED_FORMATS, expectation, is_npi, value_matcher
from cocm.x12.problem import ProblemKind
from cocm.x12.segment_pattern import segment_matcher
from cocm.x12.tokens import Delimiters, Segment

NPI_TYPE: Final = "XX"

# A code this short is no patient data, and telling it helps.
_TOLD_CODE_CHARACTERS_MAX: Final = 3

# Which qualifiers beside a code make it one of a set; under another (ICD-9, a HIEC code) the set says nothing.
_QUALIFIERS: Final[Mapping[str, frozenset[str]]] = {
    "diagnosis": frozenset({"ABK", "ABF"}),
    "procedure": frozenset({"HC"}),
    "remark": frozenset({"HE"}),
}
_QUALIFIER_NAME: Final = "code_type"
_RANGE_FORMAT: Final = "RD8"
_DAY_CHARACTERS: Final = 8


class Fault(NamedTuple):
    """What is wrong with an element of a segment."""

    kind: ProblemKind
    element: str
    what: str
    expected: str


class _Coded(NamedTuple):
    """An element of a code set, and the element that must qualify it (None: it stands for itself)."""

    element: ElementUse
    qualifier: ElementUse | None
    qualified_by: frozenset[str]


class SegmentCheck:
    """The check of one segment use under one set of delimiters, with the code sets that are at hand."""

    def __init__(self, use: SegmentUse, delimiters: Delimiters, code_sets: CodeSets) -> None:
        self._use = use
        self._delimiters = delimiters
        self._by_position: dict[int, list[ElementUse]] = {}
        for element in use.elements:
            self._by_position.setdefault(element.position, []).append(element)
        self._plain_sets: list[tuple[_Coded, CodeSet]] = []
        self._dated_sets: list[tuple[_Coded, DatedElement]] = []
        for element in use.elements:
            if element.code_set in code_sets:
                self._add_set(element, code_sets[element.code_set])
        self._ranges = [one for one in use.elements if one.format_offset and self._may_be_range(one)]
        self._npi = self._npi_elements()
        self._has_outer_checks = bool(self._plain_sets or self._npi or self._ranges)
        self._is_right = segment_matcher(use, delimiters).fullmatch

    @property
    def is_right(self) -> Callable[[str], re.Match[str] | None]:
        """Tells a text that the map allows, without looking for what is wrong with another."""
        return self._is_right

    @property
    def has_dated_codes(self) -> bool:
        """Whether an element is of a dated set."""
        return bool(self._dated_sets)

    @property
    def is_pattern_alone(self) -> bool:
        """Whether a text that `is_right` accepts has no fault, and no code that waits for its day."""
        return not self._has_outer_checks and not self._dated_sets

    def examine(self, segment: Segment) -> tuple[Sequence[Fault], tuple[FoundCode, ...]]:
        """Everything wrong with a segment's elements, and its codes that wait for their day."""
        is_right = self._is_right(segment.text) is not None
        faults = [] if is_right else list(self._inner_faults(segment))
        if self._has_outer_checks:
            faults += list(self._outer_faults(segment, {fault.element for fault in faults}))
        return faults, tuple(self._dated_codes(segment, faults)) if self._dated_sets else ()

    def _add_set(self, element: ElementUse, codes: CodeSet) -> None:
        qualified_by = _QUALIFIERS.get(element.code_set, frozenset())
        qualifier = self._qualifier(element) if qualified_by else None
        coded = _Coded(element, qualifier, qualified_by)
        if isinstance(codes, DatedCodes):
            self._dated_sets.append((coded, DatedElement(element, element.code_set, codes)))
        else:
            self._plain_sets.append((coded, codes))

    def _qualifier(self, element: ElementUse) -> ElementUse | None:
        """The code type directly before an element."""
        for one in self._use.elements:
            is_before = (
                (one.position, one.component) == (element.position, element.component - 1)
                if element.component
                else (one.position, one.component) == (element.position - 1, 0)
            )
            if is_before and one.name.startswith(_QUALIFIER_NAME):
                return one
        return None

    def _may_be_range(self, element: ElementUse) -> bool:
        if element.component:
            place = (element.position, element.component - element.format_offset)
        else:
            place = (element.position - element.format_offset, 0)
        return any(
            (one.position, one.component) == place and _RANGE_FORMAT in one.codes
            for one in self._use.elements
        )

    def _coded_value(self, segment: Segment, coded: _Coded) -> str:
        """The code, where it stands and is one of the set's kind."""
        element, qualifier = coded.element, coded.qualifier
        value = segment.value(element.position, element.component).rstrip()
        if value and qualifier is not None:
            kind = segment.value(qualifier.position, qualifier.component)
            return value if kind in coded.qualified_by else ""
        return value

    def _dated_codes(self, segment: Segment, faults: Sequence[Fault]) -> Iterator[FoundCode]:
        told = {fault.element for fault in faults}
        for coded, dated in self._dated_sets:
            value = self._coded_value(segment, coded)
            if value and (not told or self._label(coded.element) not in told):
                yield FoundCode(dated, value)

    def _inner_faults(self, segment: Segment) -> Iterator[Fault]:
        """What the map itself does not allow."""
        tag = self._use.tag
        if segment.elements[0] != tag:
            yield Fault(ProblemKind.WRONG_VALUE, "", "the segment's id is not written as it must be", tag)
        for position in range(1, max(len(segment.elements), self._use.element_count + 1)):
            text = segment.value(position)
            used = self._by_position.get(position)
            if used is None:
                if text:
                    yield _unused(f"{tag}{position:02d}")
            elif used[0].component == 0:
                yield from self._simple_faults(used[0], segment, text)
            else:
                yield from self._composite_faults(used, segment, text)
        for condition in self._use.conditions:
            if not self._missing_positions(segment) & set(condition.positions):  # told already
                yield from self._condition_faults(condition, segment)

    def _outer_faults(self, segment: Segment, told: Collection[str]) -> Iterator[Fault]:
        """What code sets, check digits and the order of a range do not allow, in elements not told of already."""
        for coded, codes in self._plain_sets:
            element = coded.element
            value = self._coded_value(segment, coded)
            if value and self._label(element) not in told and value not in codes:  # type: ignore[operator]  # the dated sets stand apart
                expected = f"a code of the set {element.code_set.replace('_', ' ')}"
                what = told_code(value, "no such code", element.code_set)
                yield Fault(ProblemKind.WRONG_CODE, self._label(element), what, expected)
        for element in self._ranges:
            first, dash, last = segment.value(element.position, element.component).partition("-")
            if dash and len(first) == len(last) == _DAY_CHARACTERS and last < first:
                yield Fault(
                    ProblemKind.WRONG_VALUE,
                    self._label(element),
                    "a range that ends before it begins",
                    "its dates in order",
                )
        if self._npi is not None:
            npi_type, npi = self._npi
            value = segment.value(npi.position)
            is_told = self._label(npi) in told
            if (
                value
                and segment.value(npi_type.position) == NPI_TYPE
                and not is_told
                and not is_npi(value.rstrip())
            ):
                expected = "ten digits that begin with 1 or 2 and a right check digit"
                what = "not a National Provider Identifier"
                yield Fault(ProblemKind.IDENTIFIER, self._label(npi), what, expected)

    def _missing_positions(self, segment: Segment) -> set[int]:
        """Positions that the map requires and the segment leaves empty."""
        return {
            position
            for position, used in self._by_position.items()
            if any(element.usage == REQUIRED for element in used) and not segment.value(position)
        }

    def _npi_elements(self) -> tuple[ElementUse, ElementUse] | None:
        """The elements that say that an identifier is an NPI, and hold it."""
        npi_type, npi = self._use.by_name.get("identifier_type"), self._use.by_name.get("identifier")
        if npi is None or npi_type is None or NPI_TYPE not in npi_type.codes:
            return None
        return npi_type, npi

    def _simple_faults(self, element: ElementUse, segment: Segment, text: str) -> Iterator[Fault]:
        if not text:
            if element.usage == REQUIRED:
                yield self._missing(element)
            return
        repetition = self._delimiters.repetition
        values = text.split(repetition) if element.repeat_max > 1 and repetition else [text]
        if len(values) > element.repeat_max:
            what, expected = f"{len(values)} repetitions", f"at most {element.repeat_max}"
            yield Fault(ProblemKind.TOO_MANY, self._label(element), what, expected)
        for value in values:
            yield from self._value_faults(element, segment, value)

    def _composite_faults(self, used: list[ElementUse], segment: Segment, text: str) -> Iterator[Fault]:
        components = text.split(self._delimiters.component) if text else []
        known = {element.component: element for element in used}
        for element in used:
            value = components[element.component - 1] if element.component <= len(components) else ""
            if value:
                yield from self._value_faults(element, segment, value)
            elif element.usage == REQUIRED or (text and element.usage == REQUIRED_IN_COMPOSITE):
                yield self._missing(element)
        for component, value in enumerate(components, start=1):
            if value and component not in known:
                yield _unused(f"{self._use.tag}{used[0].position:02d}-{component}")

    def _value_faults(self, element: ElementUse, segment: Segment, value: str) -> Iterator[Fault]:
        label, expected = self._label(element), expectation(element)
        matches = value_matcher(element, self._delimiters.all).fullmatch
        if matches(value) is None:
            value = value.rstrip(" ") or value  # blanks that fill up a value are tolerated
        if matches(value) is None:
            if element.codes:
                what = _told(value, "not one of the guide's codes")
                yield Fault(ProblemKind.WRONG_CODE, label, what, expected)
            else:
                yield Fault(ProblemKind.WRONG_VALUE, label, _difference(element, value), expected)
        elif not value.strip() and not element.is_fixed_width:
            yield Fault(ProblemKind.WRONG_VALUE, label, "blanks alone", expected)
        elif element.format_offset:
            named = self._named_format(element, segment)
            if named in DATE_FORMATS and re.fullmatch(DATE_FORMATS[named], value) is None:
                what = "no such date or time"
                yield Fault(ProblemKind.WRONG_VALUE, label, what, EXPECTED_FORMATS[named])

    def _named_format(self, element: ElementUse, segment: Segment) -> str:
        """The format that an earlier sibling of this element names."""
        if element.component:
            return segment.value(element.position, element.component - element.format_offset)
        return segment.value(element.position - element.format_offset)

    def _condition_faults(self, condition: Condition, segment: Segment) -> Iterator[Fault]:
        present = {position for position in condition.positions if segment.value(position)}
        if not condition.holds(present):
            labels = ", ".join(f"{self._use.tag}{position:02d}" for position in condition.positions)
            what = "elements that belong together do not stand together"
            yield Fault(ProblemKind.CONDITION, labels.partition(",")[0], what, condition.expectation(labels))

    def _missing(self, element: ElementUse) -> Fault:
        words = f"{self._use.name} {element.name}".replace("_", " ")
        return Fault(
            ProblemKind.MISSING_ELEMENT, self._label(element), f"missing: {words}", expectation(element)
        )

    def _label(self, element: ElementUse) -> str:
        return element.label(self._use.tag)


def _unused(label: str) -> Fault:
    return Fault(ProblemKind.UNUSED_ELEMENT, label, "a value where none is used", "nothing here")


def _told(value: str, what: str) -> str:
    """A short code with what is wrong with it; of anything longer only what is wrong."""
    return f"{value!r}: {what}" if len(value) <= _TOLD_CODE_CHARACTERS_MAX else what


def _difference(element: ElementUse, value: str) -> str:
    """In which way a value does not fit, without telling the value."""
    if element.data_type in ("AN", "ID"):
        if len(value) > element.length_max:
            return f"{len(value)} characters are too long"
        if len(value) < element.length_min:
            return f"{len(value)} characters are too short"
        return "a character outside X12's sets"
    return "a value of another form"
