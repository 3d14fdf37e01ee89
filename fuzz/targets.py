"""What must hold for any bytes: no exception but our named one, nothing lost, nothing called good that cannot be read.

Each target takes bytes and returns nothing; a property that is broken is an `AssertionError`, and so is found by
whoever drives it: hypothesis in the tests, atheris in `make fuzz`.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12 import Segment, UnreadableClaim, read_835, read_837p, read_segments, validate
from cocm.x12.repair import repair_837p

PROBLEMS_MAX: Final = 500
PROBLEM_CHARACTERS_MAX: Final = 1_000
BETWEEN_SEGMENTS: Final = b"\r\n\t \x00\x1a\xef\xbb\xbf"

_ENVELOPE: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA", "TA1"})


def reading(data: bytes) -> None:
    """Every byte is in a segment or between two; every segment of claims is in a record, or is told as a problem."""
    segments = _segments(data)
    if segments is None:
        return
    at = 0
    for segment in segments:
        assert not data[at : segment.start].strip(BETWEEN_SEGMENTS), "bytes between segments were lost"
        at = segment.end
    assert not data[at:].strip(BETWEEN_SEGMENTS), "bytes at the end were lost"
    unreadable: list[UnreadableClaim] = []
    held: set[int] = set()
    try:
        for claim in read_837p(data, on_unreadable=unreadable.append):
            for placed in (*claim.transmission.segments, *claim.level_segments, *claim.segments):
                held.add(placed.segment.number)
    except X12Error:
        return
    lost = [one for one in segments if one.number not in held and one.tag not in _ENVELOPE]
    if lost or unreadable:
        assert validate(data, problems_max=PROBLEMS_MAX), "segments were lost without a problem"


def validating(data: bytes) -> None:
    """A check ends in readable problems at their places, or the named error; what it calls good can be read."""
    try:
        problems = validate(data, problems_max=PROBLEMS_MAX)
    except X12Error as problem:
        assert str(problem).startswith("byte "), "an error without its byte"
        return
    for one in problems:
        assert 0 <= one.byte_offset < len(data), "a problem outside the file"
        assert len(str(one)) < PROBLEM_CHARACTERS_MAX, "a problem that repeats the file"
        assert one.fix, "a problem without what to do"
    if not problems:
        segments = list(read_segments(data))
        kinds = {one.value(1) for one in segments if one.tag == "ST"}
        if kinds == {"837"}:
            wanted = sum(1 for one in segments if one.tag == "CLM")
            assert sum(1 for _ in read_837p(data)) == wanted, "a claim was lost"
        if kinds == {"835"}:
            assert sum(1 for _ in read_835(data)) == sum(1 for one in segments if one.tag == "BPR")


def repairing(data: bytes) -> None:
    """A repair ends in a file or the named error; a second one finds nothing more to do; no segment is lost."""
    out = io.BytesIO()
    try:
        repair_837p(io.BytesIO(data), out)
    except X12Error:
        return
    mended = out.getvalue()
    again = io.BytesIO()
    repair_837p(io.BytesIO(mended), again)
    assert again.getvalue() == mended, "a repair that is not finished"
    before, after = _segments(data), _segments(mended)
    if before is not None and after is not None:
        assert len(before) == len(after), "a repair lost or made segments"


def _segments(data: bytes) -> list[Segment] | None:
    try:
        return list(read_segments(data))
    except X12Error:
        return None


def everything(data: bytes) -> None:
    """All properties, one after the other."""
    for target in (reading, validating, repairing):
        target(data)


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    "reading": reading,
    "validating": validating,
    "repairing": repairing,
    "everything": everything,
}
