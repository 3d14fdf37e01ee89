"""From the problems of a file to the acknowledgments a receiver owes for it: 999 for its groups, TA1 for its
interchanges.

A 999 speaks of form: what the guide's map does not allow. Whether amounts balance, identifiers exist, numbers can be
(no units, a negative charge) and situations are met is said claim by claim in a 277CA, and does not reject a
transaction here. Codes are those of the 999's guide; which of our kinds of problems gets which code is our reading of
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cocm.basics.errors import RulebookError, X12Error
from cocm.x12.acknowledgment_record import (
    ACCEPTED,
    PARTLY_ACCEPTED,
    REJECTED,
    ElementNote,
    GroupAcknowledgment,
    InterchangeAcknowledgment,
    NoteContext,
    SegmentNote,
    TransactionResponse,
)
from cocm.x12.guide import find_guide, load_guide
from cocm.x12.guide_parts import ElementUse, Guide
from cocm.x12.problem import Problem, ProblemKind
from cocm.x12.proven_levels import read_past_levels
from cocm.x12.tokens import LEVELS_TAG, Segment, Source
from cocm.x12.tree_reader import created_at

NOTES_PER_TRANSACTION_MAX: Final = 1000
LOOP_ID_CHARACTERS_MAX: Final = 4  # element 447: 2010AA is told as 2010

# What only a 277CA tells: the form is right, the content is not.
_MEANING_KINDS: Final = frozenset(
    {ProblemKind.BALANCE, ProblemKind.SITUATION, ProblemKind.IDENTIFIER, ProblemKind.OUT_OF_RANGE}
)
_SEGMENT_CODES: Final[Mapping[ProblemKind, str]] = {
    ProblemKind.UNEXPECTED_SEGMENT: "2",
    ProblemKind.MISSING_SEGMENT: "3",
    ProblemKind.MISSING_LOOP: "I7",
    ProblemKind.TOO_MANY: "5",
    ProblemKind.ORDER: "7",
}
_UNKNOWN_SEGMENT: Final = "1"
_ELEMENTS_IN_ERROR: Final = "8"
_LOOP_TOO_OFTEN: Final = "4"
_ELEMENT_CODES: Final[Mapping[ProblemKind, str]] = {
    ProblemKind.MISSING_ELEMENT: "1",
    ProblemKind.CONDITION: "2",
    ProblemKind.WRONG_CODE: "7",
    ProblemKind.HIERARCHY: "7",
    ProblemKind.TOO_MANY: "12",
    ProblemKind.UNUSED_ELEMENT: "I10",
}
_TOO_SHORT, _TOO_LONG, _INVALID_CHARACTER, _INVALID_DATE, _INVALID_TIME = "4", "5", "6", "8", "9"
_SEGMENTS_IN_ERROR: Final = "5"
_TRANSACTION_CODES: Final[Mapping[tuple[str, ProblemKind], str]] = {
    ("ST", ProblemKind.ENVELOPE): "2",
    ("SE", ProblemKind.CONTROL_NUMBER): "3",
    ("SE", ProblemKind.COUNT): "4",
    ("ST", ProblemKind.CONTROL_NUMBER): "23",
    ("ST", ProblemKind.UNKNOWN_GUIDE): "I6",
}
_GROUP_CODES: Final[Mapping[tuple[str, ProblemKind], str]] = {
    ("GS", ProblemKind.WRONG_CODE): "1",
    ("GS", ProblemKind.ENVELOPE): "3",
    ("GE", ProblemKind.CONTROL_NUMBER): "4",
    ("GE", ProblemKind.COUNT): "5",
    ("GS", ProblemKind.CONTROL_NUMBER): "19",
}
_INTERCHANGE_NOTES: Final[Mapping[tuple[str, ProblemKind], str]] = {
    ("IEA", ProblemKind.CONTROL_NUMBER): "001",
    ("IEA", ProblemKind.COUNT): "021",
    ("IEA", ProblemKind.ENVELOPE): "022",
    ("ISA", ProblemKind.ENVELOPE): "023",
    ("ISA", ProblemKind.CONTROL_NUMBER): "025",
}
_HEADER_NOTES: Final[Mapping[str, str]] = {
    "ISA01": "010", "ISA02": "011", "ISA03": "012", "ISA04": "013", "ISA05": "005", "ISA06": "006", "ISA07": "007",
    "ISA08": "008", "ISA09": "014", "ISA10": "015", "ISA12": "017", "ISA13": "018", "ISA14": "019", "ISA15": "020",
}  # fmt: skip
_NO_NOTE, _BROKEN_OFF, _INVALID_CONTENT = "000", "023", "024"

_LABEL: Final = re.compile(r"[A-Z][A-Z0-9]{1,2}?(\d\d)(?:-(\d))?")
_MISSING_TAG: Final = re.compile(r"\(([A-Z][A-Z0-9]{1,2})\) is missing")


def acknowledge_groups(source: Source, problems: Iterable[Problem]) -> tuple[GroupAcknowledgment, ...]:
    """The 999s for a file: one for each group, a response for each of its transactions.

    `problems` are what `validate` found in the same file. Raises `X12Error` where the file is no interchange at all.
    """
    groups = [group for interchange in _outline(source, problems) for group in interchange.groups]
    return tuple(map(_group_acknowledgment, groups))


def acknowledge_interchanges(
    source: Source, problems: Iterable[Problem]
) -> tuple[InterchangeAcknowledgment, ...]:
    """The TA1s for a file, one for each interchange; otherwise as `acknowledge_groups`."""
    return tuple(map(_interchange_acknowledgment, _outline(source, problems)))


def acknowledge_file(
    source: Source, problems: Iterable[Problem]
) -> tuple[tuple[InterchangeAcknowledgment, ...], tuple[GroupAcknowledgment, ...]]:
    """What both of these say of a file, which is read once."""
    interchanges = _outline(source, problems)
    groups = [group for interchange in interchanges for group in interchange.groups]
    return tuple(map(_interchange_acknowledgment, interchanges)), tuple(map(_group_acknowledgment, groups))


@dataclass(slots=True)
class _Transaction:
    header: Segment
    end: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    header: Segment
    trailer_count: str = ""
    transactions: list[_Transaction] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Interchange:
    header: Segment
    groups: list[_Group] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _outline(source: Source, problems: Iterable[Problem]) -> list[_Interchange]:
    """The file's interchanges, groups and transactions, each with its own problems."""
    waiting: dict[int, list[Problem]] = {}
    for problem in problems:
        waiting.setdefault(problem.segment_number, []).append(problem)
    interchanges: list[_Interchange] = []
    try:
        for segment in read_past_levels(source):
            if segment.tag == LEVELS_TAG:
                last = segment.number + segment.text.count(segment.delimiters.terminator)
                numbers = [number for number in waiting if segment.number < number <= last] if waiting else []
                told = [problem for number in sorted(numbers) for problem in waiting.pop(number)]
            else:
                told = waiting.pop(segment.number, [])
            _take(interchanges, segment, told)
    except X12Error:
        if not interchanges:
            raise
    for left in waiting.values():  # the check may stop where the file breaks off
        interchanges[-1].problems.extend(left)
    return interchanges


def _take(interchanges: list[_Interchange], segment: Segment, problems: list[Problem]) -> None:
    """Put the next segment, with its problems, where it belongs."""
    if segment.tag == "ISA":
        interchanges.append(_Interchange(segment))
    interchange = interchanges[-1]
    groups = interchange.groups
    if segment.tag == "GS":
        groups.append(_Group(segment))
    if segment.tag in ("ISA", "IEA", "TA1") or not groups:
        interchange.problems.extend(problems)
        return
    group = groups[-1]
    if segment.tag == "GE":
        group.trailer_count = segment.value(1).strip()
    if segment.tag == "ST":
        group.transactions.append(_Transaction(segment))
    if segment.tag in ("GS", "GE") or not group.transactions:
        group.problems.extend(problems)
        return
    group.transactions[-1].problems.extend(problems)


def _interchange_acknowledgment(interchange: _Interchange) -> InterchangeAcknowledgment:
    header = interchange.header
    notes = list(filter(None, map(_interchange_note, interchange.problems)))
    return InterchangeAcknowledgment(
        interchange_control_number=header.value(13).strip(),
        created_at=created_at(header.value(9), header.value(10)),
        status=REJECTED if notes else ACCEPTED,
        note=notes[0] if notes else _NO_NOTE,
    )


def _interchange_note(problem: Problem) -> str:
    """The reason's code for a problem of the interchange itself; empty for one that is not."""
    if problem.kind is ProblemKind.UNREADABLE:
        return _BROKEN_OFF
    note = _INTERCHANGE_NOTES.get((problem.segment_tag, problem.kind))
    if note is None and problem.segment_tag in ("ISA", "IEA"):
        return _HEADER_NOTES.get(problem.element, _INVALID_CONTENT)
    return note or ""


def _group_acknowledgment(group: _Group) -> GroupAcknowledgment:
    header = group.header
    responses = tuple(_response(one, header) for one in group.transactions)
    codes = _codes(group.problems, _GROUP_CODES)
    accepted = 0 if codes else sum(one.is_accepted for one in responses)
    status = ACCEPTED if accepted == len(responses) else PARTLY_ACCEPTED if accepted else REJECTED
    said = group.trailer_count
    return GroupAcknowledgment(
        functional_identifier=header.value(1).strip(),
        group_control_number=header.value(6).strip(),
        guide_version=header.value(8).strip(),
        transactions=responses,
        status=REJECTED if codes else status,
        included_count=int(said) if said.isdecimal() and len(said) <= 6 else len(responses),
        received_count=len(responses),
        accepted_count=accepted,
        codes=codes,
    )


def _response(transaction: _Transaction, group_header: Segment) -> TransactionResponse:
    header = transaction.header
    version = header.value(3).strip()
    name = find_guide(header.value(1), version or group_header.value(8))
    guide = load_guide(name) if name is not None else None
    codes = _codes(transaction.problems, _TRANSACTION_CODES)
    notes = tuple(_notes(transaction.problems, guide))[:NOTES_PER_TRANSACTION_MAX]
    if notes:
        codes = (*codes, _SEGMENTS_IN_ERROR)
    return TransactionResponse(
        transaction=header.value(1).strip(),
        control_number=header.value(2).strip(),
        guide_version=version,
        notes=notes,
        status=REJECTED if codes else ACCEPTED,
        codes=codes[:5],
    )


def _codes(problems: Sequence[Problem], codes: Mapping[tuple[str, ProblemKind], str]) -> tuple[str, ...]:
    found = (codes.get((one.segment_tag, one.kind), "") for one in problems)
    return tuple(dict.fromkeys(filter(None, found)))[:5]


def _notes(problems: Sequence[Problem], guide: Guide | None) -> Iterator[SegmentNote]:
    """A note for each segment that is wrong or missing; faults of one segment's elements share one note."""
    elements: dict[int, list[ElementNote]] = {}
    heads: dict[int, Problem] = {}
    for problem in problems:
        if not _is_of_form(problem, guide):
            continue
        if not problem.element:
            yield _segment_note(problem, guide)
            continue
        heads.setdefault(problem.segment_number, problem)
        elements.setdefault(problem.segment_number, []).append(_element_note(problem, guide))
    for number, problem in heads.items():
        yield SegmentNote(
            segment_tag=problem.segment_tag,
            segment_position=problem.transaction_segment_number,
            loop_id=_loop_id(problem),
            code=_ELEMENTS_IN_ERROR,
            elements=tuple(dict.fromkeys(elements[number])),
            contexts=_contexts(problem),
        )


def _is_of_form(problem: Problem, guide: Guide | None) -> bool:
    """Whether the problem is one of form, and of a segment inside the transaction."""
    if problem.kind in _MEANING_KINDS or not problem.transaction_segment_number or not problem.segment_tag:
        return False
    if (problem.segment_tag, problem.kind) in _TRANSACTION_CODES:
        return False
    if not problem.element:
        return problem.kind in _SEGMENT_CODES
    if problem.kind is ProblemKind.WRONG_CODE:
        element = _element(problem, guide)
        return element is None or bool(element.codes)  # a code of another list is the 277CA's to tell
    return problem.kind in _ELEMENT_CODES or problem.kind is ProblemKind.WRONG_VALUE


def _segment_note(problem: Problem, guide: Guide | None) -> SegmentNote:
    tag, code = problem.segment_tag, _SEGMENT_CODES[problem.kind]
    if problem.kind is ProblemKind.MISSING_SEGMENT:
        missing = _MISSING_TAG.search(problem.what)
        tag = missing[1] if missing is not None else tag
    elif problem.kind is ProblemKind.MISSING_LOOP and guide is not None and problem.loop_id in guide.loops:
        tag = guide.loops[problem.loop_id].first.tag
    elif problem.kind is ProblemKind.TOO_MANY and problem.what.startswith("loop "):
        code = _LOOP_TOO_OFTEN
    elif problem.kind is ProblemKind.UNEXPECTED_SEGMENT and guide is not None:
        known = {use.tag for loop in guide.loops.values() for use in (*loop.segments, *loop.closing)}
        code = code if tag in known else _UNKNOWN_SEGMENT
    return SegmentNote(
        segment_tag=tag,
        segment_position=problem.transaction_segment_number,
        loop_id=_loop_id(problem),
        code=code,
        contexts=_contexts(problem),
    )


def _element_note(problem: Problem, guide: Guide | None) -> ElementNote:
    place = _LABEL.fullmatch(problem.element)
    code = _ELEMENT_CODES.get(problem.kind, "")
    if problem.kind is ProblemKind.WRONG_VALUE:
        code = _value_code(problem, _element(problem, guide))
    return ElementNote(
        element_position=int(place[1]) if place is not None else 1,
        component_position=int(place[2]) if place is not None and place[2] else None,
        code=code,
    )


def _value_code(problem: Problem, element: ElementUse | None) -> str:
    if element is not None and (element.data_type == "DT" or element.format_offset):
        return _INVALID_DATE
    if element is not None and element.data_type == "TM":
        return _INVALID_TIME
    if problem.what.endswith("too long"):
        return _TOO_LONG
    return _TOO_SHORT if problem.what.endswith("too short") else _INVALID_CHARACTER


def _element(problem: Problem, guide: Guide | None) -> ElementUse | None:
    """The map's element that a problem is about."""
    if guide is None:
        return None
    try:
        uses = tuple(guide.segment_uses(problem.loop_id))
    except (KeyError, RulebookError):
        return None
    labelled = (
        element for use in uses for element in use.elements if element.label(use.tag) == problem.element
    )
    return next(labelled, None)


def _loop_id(problem: Problem) -> str:
    """The loop as IK303 can hold it; the transaction itself has no id there."""
    return problem.loop_id[:LOOP_ID_CHARACTERS_MAX] if problem.loop_id[:1].isdigit() else ""


def _contexts(problem: Problem) -> tuple[NoteContext, ...]:
    return (NoteContext("CLM01", problem.claim_id),) if problem.claim_id else ()
