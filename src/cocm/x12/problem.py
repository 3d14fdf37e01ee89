"""What is wrong with an interchange, as data: where, what was expected, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
    OUT_OF_RANGE = "out-of-range"
    WRONG_CODE = "wrong-code"
    CONDITION = "condition"
    BALANCE = "balance"
    SITUATION = "situation"
    IDENTIFIER = "identifier"
    LIMIT = "limit"


# What to do about a fault of a kind, where the rule that found it says nothing better.
FIXES: Final[Mapping[ProblemKind, str]] = {
    ProblemKind.UNREADABLE: "ask the sender for the whole file; what stands before this place was checked",
    ProblemKind.ENVELOPE: "let the software that made the file close every level it opened, and send it again",
    ProblemKind.COUNT: "let the software count again; a file that was cut or edited by hand is made anew",
    ProblemKind.CONTROL_NUMBER: "give header and trailer one number, and each level a number of its own",
    ProblemKind.UNKNOWN_GUIDE: "set ST03 and GS08 to the guide that the receiver's companion guide names",
    ProblemKind.UNEXPECTED_SEGMENT: "take the segment out, or put it into the loop where the guide has it",
    ProblemKind.MISSING_SEGMENT: "add the segment in this loop",
    ProblemKind.MISSING_LOOP: "add the loop",
    ProblemKind.TOO_MANY: "keep as many as the guide allows; move the others to a further claim",
    ProblemKind.ORDER: "put it in the guide's order",
    ProblemKind.HIERARCHY: "number the levels from 1 within the transaction and let each name its parent",
    ProblemKind.MISSING_ELEMENT: "fill in the element",
    ProblemKind.UNUSED_ELEMENT: "leave the element empty",
    ProblemKind.WRONG_VALUE: "correct the value at its source",
    ProblemKind.OUT_OF_RANGE: "correct the number at its source",
    ProblemKind.WRONG_CODE: "choose a code of the list that is in force on that day",
    ProblemKind.CONDITION: "fill in or leave out these elements together",
    ProblemKind.BALANCE: "correct the amount that is wrong; nothing is paid on a claim that does not add up",
    ProblemKind.SITUATION: "add what the situation asks for, or correct what says that it is so",
    ProblemKind.IDENTIFIER: "look the number up in NPPES and correct it at its source",
    ProblemKind.LIMIT: "correct what was found and check again",
}

_TAG: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_CONTROL_NUMBER_CHARACTERS_MAX: Final = 15
_CLAIM_ID_CHARACTERS_MAX: Final = 38


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. It holds no value from the file except codes, counts and amounts: values may be patient
    data.

    `segment_number` counts from the file's first segment, `transaction_segment_number` from ST. `element` is
    the field's label such as `CLM05-3`; it and `loop_id` are empty where the fault is not of one element or
    loop. `segment_tag` is empty where what stands there is no segment's id. `fix` says what to do. `file` is
    the name that was given to the check.
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
    fix: str = ""
    file: str = ""

    def __str__(self) -> str:
        place = [self.file] if self.file else []
        place += [f"byte {self.byte_offset}", f"segment {self.segment_number}"]
        if self.transaction_control_number:
            place.append(f"transaction {self.transaction_control_number}")
        if self.loop_id:
            place.append(f"loop {self.loop_id}")
        if self.claim_id:
            place.append(f"claim {self.claim_id}")
        if self.element or self.segment_tag:
            place.append(self.element or self.segment_tag)
        fix = f". To do: {self.fix}" if self.fix else ""
        return f"{', '.join(place)}: {self.what}; expected {self.expected}{fix}"


@dataclass(slots=True)
class Report:
    """Gathers problems up to a limit, and knows in which file, transaction and claim the reading stands."""

    problems_max: int
    problems: list[Problem]
    transaction_control_number: str = ""
    transaction_first_segment: int = 0
    claim_id: str = ""
    file: str = ""

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
        fix: str = "",
    ) -> None:
        """Note a fault at a segment. Without a `fix` it gets the one of its kind."""
        if self.is_full:
            return
        self.is_full = len(self.problems) + 1 >= self.problems_max
        first = self.transaction_first_segment
        is_inside = 0 < first <= segment.number
        control_number = self.transaction_control_number if is_inside else ""
        self.problems.append(
            Problem(
                kind=kind,
                byte_offset=segment.start,
                segment_number=segment.number,
                transaction_control_number=control_number[:_CONTROL_NUMBER_CHARACTERS_MAX],
                transaction_segment_number=segment.number - first + 1 if is_inside else 0,
                loop_id=loop_id,
                segment_tag=segment.tag if _TAG.fullmatch(segment.tag) else "",
                element=element,
                what=what,
                expected=expected,
                claim_id=self.claim_id[:_CLAIM_ID_CHARACTERS_MAX],
                fix=fix or FIXES[kind],
                file=self.file,
            )
        )

    def add_limit(self) -> None:
        """Say, as a last problem, that the check stopped here and there may be more."""
        last = self.problems[-1]
        self.problems.append(
            Problem(
                kind=ProblemKind.LIMIT,
                byte_offset=last.byte_offset,
                segment_number=last.segment_number,
                transaction_control_number="",
                transaction_segment_number=0,
                loop_id="",
                segment_tag="",
                element="",
                what=f"checking stopped after {self.problems_max} problems",
                expected="these to be mended first",
                fix=FIXES[ProblemKind.LIMIT],
                file=self.file,
            )
        )
