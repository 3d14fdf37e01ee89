"""Whatever happened to a file, the commands end in an answer or a named error, never in anything else."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from claim_samples import make_claim, make_dependent, written
from hypothesis import given, settings
from hypothesis import strategies as st
from remittance_samples import REMITTANCE

from cocm.basics.errors import CocmError
from cocm.rules.rulebook import shipped_rulebook
from cocm.x12.anonymize import anonymize
from cocm.x12.reply import reply
from cocm.x12.split import SplitBy, split
from cocm.x12.tree import shown_segments

CLAIMS = written([make_claim(1), make_dependent(2)])
ODD_VALUES = [
    b"",
    b"0",
    b"-1",
    b".",
    b"9" * 20,
    b"20269999",
    b"RD8",
    b"20260101-20250101",
    b"\xc3\xa9",
    b"\xff",
    "\u20ac".encode(),
    b"A" * 300,
]

changes = st.lists(
    st.tuples(
        st.sampled_from(["value", "drop", "repeat", "swap", "byte", "cut"]),
        st.integers(0, 10**6),
        st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=5,
)


def damaged(content: bytes, given_changes: list[tuple[str, int, int]]) -> bytes:
    for kind, first, second in given_changes:
        segments = content.split(b"~")
        at, other = first % len(segments), second % len(segments)
        match kind:
            case "value":
                elements = segments[at].split(b"*")
                elements[second % len(elements)] = ODD_VALUES[first % len(ODD_VALUES)]
                segments[at] = b"*".join(elements)
            case "drop":
                del segments[at]
            case "repeat":
                segments.insert(at, segments[other])
            case "swap":
                segments[at], segments[other] = segments[other], segments[at]
        content = b"~".join(segments) or b"~"
        if kind == "byte":
            place = first % len(content)
            content = content[:place] + bytes([second % 256]) + content[place + 1 :]
        elif kind == "cut":
            content = content[: first % len(content) + 1]
    return content


@pytest.mark.parametrize("original", [CLAIMS, REMITTANCE], ids=["claims", "remittance"])
@given(given_changes=changes)
@settings(max_examples=40, deadline=None)
def test_a_damaged_file_ends_in_an_answer_or_a_named_error(
    original: bytes, given_changes: list[tuple[str, int, int]]
) -> None:
    content = damaged(original, given_changes)
    jobs = [
        lambda: list(shown_segments(content, shipped_rulebook())),
        lambda: anonymize(content, io.BytesIO(), seed=1),
        lambda: list(reply(content, at=datetime(2026, 4, 3), first_control_number=1)),
        *(lambda by=by: split(content, by, lambda _number, _more: None) for by in SplitBy),
    ]
    for job in jobs:
        try:
            job()
        except CocmError as problem:
            assert "DAVIS" not in str(problem) and "GHP000000001" not in str(problem)
