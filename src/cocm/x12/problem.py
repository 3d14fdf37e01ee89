"""What is wrong with an interchange, as data: where, what was expected, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cocm.x12.tokens import Segment


class ProblemKind(StrEnum):
    """The kinds of problems, from the file as a whole down to one value."""

    UNREADABLE = "unreadable"
    ENVELOPE = "envelope"
    COUNT = "count"
    CONTROL_NUMBER = "control-number"
    UNKNOWN_GUIDE = "unknown-guide"
    UNEXPECTED_SEGMENT = "unexpected-segment"
    MISSING_SEGMENT = "missing-segment"
    MISSING_LOOP = "missing-loop"
    TOO_MANY = "too-many"
    ORDER = "order"
    HIERARCHY = "hierarchy"
    MISSING_ELEMENT = "missing-element"
    UNUSED_ELEMENT = "unused-element"
    WRONG_VALUE = "wrong-value"
    WRONG_CODE = "wrong-code"
    CONDITION = "condition"
    BALANCE = "balance"
    SITUATION = "situation"
    IDENTIFIER = "identifier"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. It holds no value from the file except codes, counts and amounts: values may be patient
    data.

    `segment_number` counts from the file's first segment, `transaction_segment_number` from ST. `element` is
    the field's label such as `CLM05-3`; it and `loop_id` are empty where the fault is not of one element or
    loop.
    """

    kind: ProblemKind
    byte_offset: int
    segment_number: int
    transaction_control_number: str
    transaction_segment_number: int
    loop_id: str
    segment_tag: str
    element: str
    what: str
    expected: str
    claim_id: str = ""

    def __str__(self) -> str:
        place = [f"byte {self.byte_offset}", f"segment {self.segment_number}"]
        if self.transaction_control_number:
            place.append(f"transaction {self.transaction_control_number}")
        if self.loop_id:
            place.append(f"loop {self.loop_id}")
        if self.claim_id:
            place.append(f"claim {self.claim_id}")
        if self.element or self.segment_tag:
            place.append(self.element or self.segment_tag)
        return f"{', '.join(place)}: {self.what}; expected {self.expected}"


@dataclass(slots=True)
class Report:
    """Gathers problems up to a limit, and knows in which transaction and claim the reading stands."""

    problems_max: int
    problems: list[Problem]
    transaction_control_number: str = ""
    transaction_first_segment: int = 0
    claim_id: str = ""

    is_full: bool = False

    def add(
        self,
        kind: ProblemKind,
        segment: Segment,
        what: str,
        expected: str,
        *,
        loop_id: str = "",
        element: str = "",
    ) -> None:
        """Note a fault at a segment."""
        if self.is_full:
            return
        self.is_full = len(self.problems) + 1 >= self.problems_max
        inside = self.transaction_first_segment
        self.problems.append(
            Problem(
                kind=kind,
                byte_offset=segment.start,
                segment_number=segment.number,
                transaction_control_number=self.transaction_control_number,
                transaction_segment_number=segment.number - inside + 1 if inside else 0,
                loop_id=loop_id,
                segment_tag=segment.tag,
                element=element,
                what=what,
                expected=expected,
                claim_id=self.claim_id,
            )
        )
