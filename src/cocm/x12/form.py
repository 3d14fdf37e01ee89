"""Segments of the map made ready to be written many times: fixed values set, open ones to be filled in.

A form is checked against the map when it is made, and each value when it is filled in: usage, type, length,
codes and characters, by one regular expression derived from the map. What the map does not allow cannot be
written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from cocm.basics.errors import RulebookError, X12Error
from cocm.x12.guide_parts import REQUIRED, REQUIRED_IN_COMPOSITE, ElementUse, SegmentUse
from cocm.x12.patterns import expectation, value_matcher, value_pattern
from cocm.x12.tokens import Delimiters

_BETWEEN_VALUES = "\n"


class OpenElement(NamedTuple):
    """An element whose value is given when a form is filled in.

    `may_be_empty`: where the last element of the segment has a value, the segment without this one is the same text
    with nothing in its place; no other element depends on it.
    """

    element: ElementUse
    may_be_empty: bool


class BlockForm:
    """Several segments that always come together, filled in at once: one pattern and one template for all of
    them.
    """

    __slots__ = ("_forms", "_matches", "_template", "_variants")

    def __init__(self, *forms: SegmentForm) -> None:
        self._forms = forms
        self._variants: dict[tuple[bool, ...], BlockForm] = {}
        self._matches = re.compile(
            _BETWEEN_VALUES.join(form.pattern for form in forms if form.open_count)
        ).fullmatch
        self._template = "".join(form.template for form in forms)

    def fill(self, *values: str) -> str:
        """The segments with these values in their order; empty values are left out.

        Raises `X12Error` naming loop and element where the map does not allow a value or misses one.
        """
        if "" in values:
            return self._variant(tuple(map(bool, values))).fill(*filter(None, values))
        if self._matches(_BETWEEN_VALUES.join(values)) is None:
            self._refuse(values)
        return self._template % values

    @property
    def template(self) -> str:
        """The text of the segments with `%s` for each open value."""
        return self._template

    @property
    def open_elements(self) -> tuple[OpenElement, ...]:
        """The elements that `fill` takes values for, in their order."""
        return tuple(element for form in self._forms for element in form.open_elements)

    def without(self, *names: str) -> BlockForm:
        """The block with the open elements of these names left out."""
        return self._variant(tuple(one.element.name not in names for one in self.open_elements))

    def _variant(self, present: tuple[bool, ...]) -> BlockForm:
        variant = self._variants.get(present)
        if variant is None:
            remaining = iter(present)
            variant = BlockForm(
                *(form.variant(tuple(islice(remaining, form.open_count))) for form in self._forms)
            )
            self._variants[present] = variant
        return variant

    def _refuse(self, values: tuple[str, ...]) -> None:
        remaining = iter(values)
        for form in self._forms:
            form.fill(*islice(remaining, form.open_count))


class SegmentForm:
    """One segment use with some elements fixed and the others open, in the order they will be given.

    Raises `RulebookError` where the map knows no such element or does not allow a fixed value, and `X12Error`
    where a required element is neither fixed nor open.
    """

    __slots__ = ("_delimiters", "_fixed", "_matches", "_open", "_variants", "pattern", "template", "use")

    def __init__(
        self,
        use: SegmentUse,
        delimiters: Delimiters,
        fixed: Mapping[str, str],
        open_names: Sequence[str] = (),
    ) -> None:
        self.use = use
        self._delimiters = delimiters
        self._fixed = dict(fixed)
        self._open = tuple(use.element(name) for name in open_names)
        self._variants: dict[tuple[bool, ...], SegmentForm] = {}
        self._refuse_wrong_fixed()
        self._refuse_missing()
        self.pattern = _BETWEEN_VALUES.join(value_pattern(element, delimiters.all) for element in self._open)
        self.template = self._laid_out()
        self._matches = re.compile(self.pattern).fullmatch

    @property
    def open_count(self) -> int:
        """How many values `fill` takes."""
        return len(self._open)

    @property
    def open_elements(self) -> tuple[OpenElement, ...]:
        """The elements that `fill` takes values for, in their order."""
        given = [*map(self.use.element, self._fixed), *self._open]
        last = max((one.position for one in given), default=0)
        bound = {position for condition in self.use.conditions for position in condition.positions}
        needed = (REQUIRED, REQUIRED_IN_COMPOSITE)
        return tuple(
            OpenElement(
                one,
                one.position < last
                and one.component == 0
                and one.usage not in needed
                and one.position not in bound,
            )
            for one in self._open
        )

    def fill(self, *values: str) -> str:
        """The segment with these values, its terminator included; empty values are left out.

        Raises `X12Error` naming loop and element where the map does not allow a value or misses one.
        """
        if "" in values:
            return self.variant(tuple(map(bool, values))).fill(*filter(None, values))
        if self._matches(_BETWEEN_VALUES.join(values)) is None:
            self._refuse(values)
        return self.template % values

    def variant(self, present: tuple[bool, ...]) -> SegmentForm:
        """The form with those open elements alone that have a value."""
        if all(present):
            return self
        variant = self._variants.get(present)
        if variant is None:
            names = [element.name for element, given in zip(self._open, present, strict=True) if given]
            variant = SegmentForm(self.use, self._delimiters, self._fixed, names)
            self._variants[present] = variant
        return variant

    def _refuse_wrong_fixed(self) -> None:
        for name, value in self._fixed.items():
            element = self.use.element(name)
            if value_matcher(element, self._delimiters.all).fullmatch(value) is None:
                raise RulebookError(
                    f"{self._place(element)}: the map does not allow {value!r}; {expectation(element)}"
                )

    def _refuse_missing(self) -> None:
        given = {self.use.element(name) for name in self._fixed} | set(self._open)
        positions = {element.position for element in given}
        for element in self.use.elements:
            needed = element.usage == REQUIRED or (
                element.usage == REQUIRED_IN_COMPOSITE and element.position in positions
            )
            if needed and element not in given:
                raise X12Error(f"{self._place(element)} is missing; expected {expectation(element)}")
        for condition in self.use.conditions:
            if not condition.holds(positions):
                labels = ", ".join(f"{self.use.tag}{position:02d}" for position in condition.positions)
                words = self.use.name.replace("_", " ")
                raise X12Error(
                    f"loop {self.use.loop_id}, {labels} ({words}): expected {condition.expectation(labels)}"
                )

    def _refuse(self, values: tuple[str, ...]) -> None:
        for element, value in zip(self._open, values, strict=True):
            if value_matcher(element, self._delimiters.all).fullmatch(value) is None:
                raise X12Error(f"{self._place(element)} does not fit: expected {expectation(element)}")
        raise AssertionError("one value must differ where all together do")

    def _place(self, element: ElementUse) -> str:
        words = f"{self.use.name} {element.name}".replace("_", " ")
        return f"loop {self.use.loop_id}, {element.label(self.use.tag)} ({words})"

    def _laid_out(self) -> str:
        """The segment's text with `%s` where an open value goes, and nothing after the last value."""
        values = {self.use.element(name): value.replace("%", "%%") for name, value in self._fixed.items()}
        values.update(dict.fromkeys(self._open, "%s"))
        places: dict[int, dict[int, str]] = {}
        for element, text in values.items():
            places.setdefault(element.position, {})[element.component] = text
        order = [(element.position, element.component) for element in self._open]
        if order != sorted(order):
            raise RulebookError(
                f"loop {self.use.loop_id}, {self.use.tag}: open elements must be named in their order"
            )
        texts = [self.use.tag]
        for position in range(1, max(places, default=0) + 1):
            components = places.get(position, {})
            if 0 in components:
                texts.append(components[0])
            else:
                last = max(components, default=0)
                texts.append(
                    self._separator(self._delimiters.component).join(
                        components.get(n, "") for n in range(1, last + 1)
                    )
                )
        return self._separator(self._delimiters.element).join(texts) + self._separator(
            self._delimiters.terminator
        )

    @staticmethod
    def _separator(delimiter: str) -> str:
        return "%%" if delimiter == "%" else delimiter
