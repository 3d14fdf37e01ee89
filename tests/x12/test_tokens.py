import io
from typing import BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cocm.basics.errors import X12Error
from cocm.x12 import Delimiters, Segment, read_segments
from cocm.x12.tokens import CHUNK_BYTES, ELEMENTS_PER_SEGMENT_MAX, SEGMENT_BYTES_MAX

SIGNS = [chr(code) for code in range(1, 127) if not chr(code).isalnum() and chr(code) != " "]


def header(marks: Delimiters, *, version: str = "00501") -> str:
    """An ISA segment under these delimiters."""
    values = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SENDER".ljust(15), "ZZ", "RECEIVER".ljust(15), "260402", "0930",
        marks.repetition or "U", version, "000000001", "0", "P", marks.component,
    ]  # fmt: skip
    return marks.element.join(values) + marks.terminator


def interchange(marks: Delimiters, segments: list[list[str]], *, between: str = "") -> bytes:
    inner = "".join(marks.element.join(segment) + marks.terminator + between for segment in segments)
    return (
        header(marks) + between + inner + marks.element.join(("IEA", "1", "000000001")) + marks.terminator
    ).encode()


all_delimiters = st.permutations(SIGNS).map(lambda signs: Delimiters(*signs[:4]))
texts = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 abcÉ", max_size=12)
tags = st.sampled_from(["NM1", "REF", "HI", "N3", "CLM"])


@settings(deadline=None)
@given(all_delimiters, st.lists(st.tuples(tags, st.lists(texts, min_size=1, max_size=5)), max_size=8))
def test_segments_come_out_as_they_went_in_under_any_delimiters(
    marks: Delimiters, given_segments: list[tuple[str, list[str]]]
) -> None:
    content = interchange(marks, [[tag, *values] for tag, values in given_segments])

    found = list(read_segments(content))

    assert [segment.elements for segment in found[1:-1]] == [[tag, *values] for tag, values in given_segments]
    assert all(segment.delimiters == marks for segment in found)
    assert b"".join(content[segment.start : segment.end] for segment in found) == content
    assert [segment.number for segment in found] == list(range(1, len(found) + 1))


@pytest.mark.parametrize("between", ["\n", "\r\n", "\r"])
def test_line_ends_between_segments_are_no_part_of_them(between: str) -> None:
    content = interchange(Delimiters(), [["N3", "12 ELM STREET"]], between=between)

    found = list(read_segments(content))

    assert [segment.tag for segment in found] == ["ISA", "N3", "IEA"]
    assert content[found[1].start : found[1].end] == b"N3*12 ELM STREET~"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_line_end_may_be_the_terminator_itself(end: str) -> None:
    marks = Delimiters(terminator=end[0])
    content = interchange(marks, [["N3", "12 ELM STREET"]], between=end[1:])

    assert [segment.tag for segment in read_segments(content)] == ["ISA", "N3", "IEA"]


def test_a_byte_order_mark_and_blanks_around_interchanges_are_passed_over() -> None:
    one = interchange(Delimiters(), [])
    other = interchange(Delimiters("|", ">", "!", "\n"), [["N3", "A*B~C"]])

    found = list(read_segments(b"\xef\xbb\xbf\r\n " + one + b"\r\n\r\n" + other + b"\x1a"))

    assert [segment.tag for segment in found] == ["ISA", "IEA", "ISA", "N3", "IEA"]
    assert found[3].elements == ["N3", "A*B~C"]
    assert [segment.number for segment in found] == [1, 2, 3, 4, 5]


def test_lower_case_ids_are_recognised_and_kept_as_written() -> None:
    (segment,) = list(read_segments(interchange(Delimiters(), [["n3", "x"]])))[1:-1]

    assert (segment.tag, segment.text) == ("N3", "n3*x")


def test_before_version_00402_there_is_no_repetition_separator() -> None:
    (isa,) = read_segments(header(Delimiters(repetition=""), version="00401").encode())

    assert isa.delimiters.repetition == ""


def test_components_are_reached_by_number_and_absent_ones_are_empty() -> None:
    (segment,) = list(read_segments(interchange(Delimiters(), [["CLM", "A", "10", "", "", "11:B:1"]])))[1:-1]

    assert [segment.value(5, component) for component in (1, 2, 3, 4)] == ["11", "B", "1", ""]
    assert (segment.value(3), segment.value(9), segment.value(9, 2)) == ("", "", "")


def test_a_file_is_read_in_pieces_of_any_size() -> None:
    content = interchange(
        Delimiters(), [["N3", f"{number} ELM STREET"] for number in range(40_000)], between="\r\n"
    )
    assert len(content) > 3 * CHUNK_BYTES

    class Trickle(io.RawIOBase):
        """Gives at most 4,099 bytes at a time."""

        def __init__(self) -> None:
            self.inner = io.BytesIO(content)

        def read(self, size: int = -1) -> bytes:
            return self.inner.read(min(size, 4_099))

    stream: BinaryIO = Trickle()  # type: ignore[assignment]  # a raw stream has what the reader needs: read
    found = list(read_segments(stream))

    assert len(found) == 40_002
    assert content[found[30_000].start : found[30_000].end] == b"N3*29999 ELM STREET~"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"%PDF-1.7 something else", "begins with ISA"),
        (bytes(range(256)) * 4, "begins with ISA"),
        (b"ISA*00*short~", "106 bytes"),
        (header(Delimiters()).encode()[:105], "106 bytes"),
        (header(Delimiters()).replace(":", "*").encode(), "delimiters"),
        (header(Delimiters()).replace("~", "A").encode(), "delimiters"),
        (header(Delimiters()).encode() + b"GS*HC*A", "ends inside a segment"),
        (header(Delimiters()).encode() + b"N3*" + b"X" * (SEGMENT_BYTES_MAX + 1), "no segment end"),
        (header(Delimiters()).encode() + b"N3*" + b"X" * (SEGMENT_BYTES_MAX + 1) + b"~", "no segment end"),
        (
            header(Delimiters()).encode() + b"*" * (ELEMENTS_PER_SEGMENT_MAX + 1) + b"~",
            "elements in one segment",
        ),
        (interchange(Delimiters(), []) + b"GS*HC~", "begins with ISA"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_byte(content: bytes, expected: str) -> None:
    with pytest.raises(X12Error, match=expected) as refused:
        list(read_segments(content))

    assert str(refused.value).startswith("byte ")


@pytest.mark.parametrize("marks", ["AB:~", "**:~", " :^~", "é:^~", ":^~"])
def test_delimiters_are_distinct_signs(marks: str) -> None:
    with pytest.raises(ValueError, match="delimiter"):
        Delimiters(*marks) if len(marks) == 4 else Delimiters(element="", component=":", terminator="~")


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_end_in_segments_or_a_named_error(rest: bytes) -> None:
    content = header(Delimiters()).encode() + rest
    found: list[Segment] = []
    try:
        found.extend(read_segments(content))
    except X12Error:
        return

    assert found[0].tag == "ISA"
    assert all(content[one.start : one.end].endswith(b"~") for one in found)
