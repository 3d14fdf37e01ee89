"""One regular expression for a whole segment, made from its use in the map: right segments meet it, no others.

Only what comes from outside the map (code sets, check digits) is not in it. It makes the check of a right segment one
step; what exactly is wrong with another is found by taking it apart (`element_check`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from cocm.x12.guide_parts import REQUIRED, REQUIRED_IN_COMPOSITE, Condition, ElementUse, SegmentUse
from cocm.x12.patterns import DATE_FORMATS, value_pattern
from cocm.x12.tokens import Delimiters

_Choice = Mapping[ElementUse, str]


@lru_cache(maxsize=2_048)
def segment_matcher(use: SegmentUse, delimiters: Delimiters) -> re.Pattern[str]:
    """The compiled pattern of a segment's text; kept, because a small file's check is mostly this."""
    return re.compile(segment_pattern(use, delimiters))


def segment_pattern(use: SegmentUse, delimiters: Delimiters) -> str:
    """The pattern of the whole text of a segment, without its terminator."""
    return _PatternBuilder(use, delimiters).build()


class _PatternBuilder:
    def __init__(self, use: SegmentUse, delimiters: Delimiters) -> None:
        self._use = use
        self._delimiters = delimiters
        self._separator = re.escape(delimiters.element)
        self._by_position: dict[int, list[ElementUse]] = {}
        for element in use.elements:
            self._by_position.setdefault(element.position, []).append(element)

    def build(self) -> str:
        """Where an element's format depends on another's code, one alternative for each code."""
        choices: list[dict[ElementUse, str]] = [{}]
        for element in self._use.elements:
            if element.format_offset:
                naming = self._naming_element(element)
                known = sorted(naming.codes & DATE_FORMATS.keys())
                choices = [
                    {**choice, naming: code, element: DATE_FORMATS[code]}
                    for choice in choices
                    for code in known
                ]
        body = "|".join(self._segment(choice) for choice in choices)
        conditions = "".join(map(self._condition, self._use.conditions))
        return f"{conditions}(?:{body})"

    def _naming_element(self, element: ElementUse) -> ElementUse:
        """The sibling that names the format of this element."""
        if element.component:
            place = (element.position, element.component - element.format_offset)
        else:
            place = (element.position - element.format_offset, 0)
        return next(one for one in self._use.elements if (one.position, one.component) == place)

    def _segment(self, choice: _Choice) -> str:
        required = [position for position, used in self._by_position.items() if _is_required(used)]
        last_required = max(required, default=0)
        tail = ""
        for position in range(max(self._by_position), 0, -1):
            used = self._by_position.get(position, [])
            body = self._element(used, choice) if used else ""
            piece = f"{self._separator}{body}" if _is_required(used) else f"{self._separator}(?:{body})?"
            tail = f"{piece}{tail}" if position <= last_required else f"(?:{piece}{tail})?"
        return self._use.tag + tail

    def _element(self, used: list[ElementUse], choice: _Choice) -> str:
        if used[0].component:
            return self._composite(used, choice)
        value, repetition = self._value(used[0], choice), self._delimiters.repetition
        if used[0].repeat_max > 1 and repetition:
            return f"{value}(?:{re.escape(repetition)}{value}){{0,{used[0].repeat_max - 1}}}"
        return value

    def _composite(self, used: list[ElementUse], choice: _Choice) -> str:
        known = {element.component: element for element in used}
        needed = [one.component for one in used if one.usage in (REQUIRED, REQUIRED_IN_COMPOSITE)]
        last_needed = max(needed, default=1)
        tail = ""
        for component in range(max(known), 0, -1):
            mark = re.escape(self._delimiters.component) if component > 1 else ""
            body = self._value(known[component], choice) if component in known else ""
            piece = f"{mark}{body}" if component in needed else f"{mark}(?:{body})?"
            tail = f"{piece}{tail}" if component <= last_needed else f"(?:{piece}{tail})?"
        return tail

    def _value(self, element: ElementUse, choice: _Choice) -> str:
        if element in choice:
            return f"(?:{choice[element]})"
        pattern = value_pattern(element, self._delimiters.all)
        if element.data_type != "AN" or element.is_fixed_width:
            return pattern
        return f"(?! *(?:[{re.escape(self._delimiters.all)}]|$)){pattern}"  # not blanks alone

    def _condition(self, condition: Condition) -> str:
        """A condition as a look-ahead; nothing where the map's own usages already keep it."""
        known = [self._is_known_present(position) for position in condition.positions]
        here, gone = self._present, self._absent
        first, *others = condition.positions
        match condition.kind:
            case "P" if not (all(known) or not any(self._may_stand(one) for one in condition.positions)):
                both = "".join(map(here, condition.positions))
                return f"(?:{both}|{''.join(map(gone, condition.positions))})"
            case "R" if not any(known):
                return f"(?:{'|'.join(map(here, condition.positions))})"
            case "C" if self._may_stand(first) and not all(known[1:]):
                return f"(?:{gone(first)}|{''.join(map(here, others))})"
            case "L" if self._may_stand(first) and not any(known[1:]):
                return f"(?:{gone(first)}|{'|'.join(map(here, others))})"
            case "E":
                pairs = (
                    f"(?:{gone(one)}|{gone(other)})"
                    for at, one in enumerate(condition.positions)
                    for other in condition.positions[at + 1 :]
                    if self._may_stand(one) and self._may_stand(other)
                )
                return "".join(pairs)
        return ""

    def _is_known_present(self, position: int) -> bool:
        return _is_required(self._by_position.get(position, []))

    def _may_stand(self, position: int) -> bool:
        return position in self._by_position

    def _present(self, position: int) -> str:
        others = f"[^{self._separator}]"
        return f"(?=(?:{others}*{self._separator}){{{position}}}{others})"

    def _absent(self, position: int) -> str:
        others = f"[^{self._separator}]"
        return f"(?!(?:{others}*{self._separator}){{{position}}}{others})"


def _is_required(used: list[ElementUse]) -> bool:
    return any(element.usage == REQUIRED for element in used)
