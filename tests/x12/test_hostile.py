"""Whatever comes in ends in problems or in a named error, within bounded memory and a time that grows with the file."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from wire_breaks import CLAIMS, REMITTANCE

from cocm.basics.errors import X12Error
from cocm.x12 import Problem, ProblemKind, read_835, read_837p, read_segments, validate
from cocm.x12.tokens import DELIMITER_SETS_MAX, SEGMENT_BYTES_MAX

pytestmark = pytest.mark.once

GOOD = CLAIMS.encode()
HEADER = GOOD[:106]
PROBLEM_CHARACTERS_MAX = 1_000


def ended(content: bytes | BinaryIO, problems_max: int = 10_000) -> tuple[Problem, ...] | X12Error:
    """How a check ends: in problems, all of a readable size, or in the named error."""
    try:
        problems = validate(content, problems_max=problems_max)
    except X12Error as problem:
        assert str(problem).startswith("byte ")
        assert len(str(problem)) < PROBLEM_CHARACTERS_MAX
        return problem
    assert all(len(str(one)) < PROBLEM_CHARACTERS_MAX for one in problems)
    return problems


class Stream(io.RawIOBase):
    """A file that is made while it is read, so that only the reader could hold all of it."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


def stream(parts: Iterator[bytes]) -> BinaryIO:
    return Stream(parts)  # type: ignore[return-value]  # the check needs only read


@pytest.mark.parametrize("content", [GOOD, REMITTANCE.encode()], ids=["claims", "remittance"])
def test_a_file_cut_off_at_any_byte_is_never_called_good(content: bytes) -> None:
    for length in range(0, len(content) - 1, 9):
        result = ended(content[:length])
        assert isinstance(result, X12Error) or result, length


def test_a_cut_file_is_read_up_to_there_or_refused() -> None:
    for length in range(0, len(GOOD), 9):
        try:
            assert len(list(read_837p(GOOD[:length]))) <= 2
        except X12Error as problem:
            assert str(problem)


@pytest.mark.parametrize(
    "content",
    [
        random.Random(4).randbytes(50_000),
        b"%PDF-1.7\n" + random.Random(5).randbytes(2_000),
        b"PK\x03\x04" + random.Random(6).randbytes(2_000),
        b"\x1f\x8b" + random.Random(7).randbytes(2_000),
        CLAIMS.encode("utf-16"),
        CLAIMS.encode("utf-32-le"),
        b"\x00" * 100_000,
        b"ISA",
        b"ISA" * 10_000,
        b"~" * 100_000,
        b"claim_id,amount\r\n1,2\r\n",
    ],
    ids=["noise", "pdf", "zip", "gzip", "utf-16", "utf-32", "zeros", "ISA", "many ISA", "terminators", "csv"],
)
def test_what_is_no_interchange_is_refused(content: bytes) -> None:
    for read in (
        lambda: validate(content),
        lambda: list(read_837p(content)),
        lambda: list(read_835(content)),
    ):
        with pytest.raises(X12Error, match="byte "):
            read()


@pytest.mark.parametrize("length", range(1, 106, 8))
def test_an_isa_that_is_cut_is_refused(length: int) -> None:
    assert isinstance(ended(GOOD[:length]), X12Error)
    assert isinstance(ended(GOOD[:length] + GOOD[106:]), X12Error)


def test_every_pair_of_equal_delimiters_is_refused() -> None:
    places = {"element": 3, "repetition": 82, "component": 104, "terminator": 105}
    for name, at in places.items():
        for other, other_at in places.items():
            if name != other:
                header = bytearray(HEADER)
                header[at] = header[other_at]
                assert isinstance(ended(bytes(header) + GOOD[106:]), X12Error), (name, other)


@pytest.mark.parametrize("sign", [b"A", b"7", b" ", b"\xe9", b"\x80"])
@pytest.mark.parametrize("at", [3, 104, 105])
def test_letters_digits_blanks_and_bytes_beyond_ascii_are_no_delimiters(at: int, sign: bytes) -> None:
    header = HEADER[:at] + sign + HEADER[at + 1 :]

    assert isinstance(ended(header + GOOD[106:]), X12Error)


def test_a_delimiter_that_the_file_does_not_keep_to_is_told() -> None:
    assert ended(GOOD.replace(b"^*00501*", b"^*00501*").replace(b"*P*:~", b"*P*>~")) != ()
    assert ended(HEADER.replace(b"*", b"|") + GOOD[106:]) != ()


def test_more_sets_of_delimiters_than_any_file_has_are_refused() -> None:
    signs = [sign for sign in map(chr, range(33, 127)) if not sign.isalnum() and sign not in "~*^"]
    content = b"".join(
        (HEADER[:104] + sign.encode() + b"~IEA*0*000000101~") for sign in signs[: DELIMITER_SETS_MAX - 4]
    )
    more = b"".join(
        (HEADER[:82] + b"!" + HEADER[83:104] + sign.encode() + b"~IEA*0*000000101~")
        for sign in signs[:20]
        if sign != "!"
    )

    assert not isinstance(ended(content), X12Error)
    with pytest.raises(X12Error, match="different sets of delimiters"):
        list(read_segments(content + more))


NAME = b"NM1*IL*1*RIVERA*SOL"


@pytest.mark.parametrize(
    "name",
    [b"RIV\x00ERA", b"RIV\x07ERA", b"RIV\x7fERA", "RIVÉRA".encode(), b"RIV\xe9RA", b"\xff\xfe\xfd", b"\xed\xa0\x80",
     "\U0001f600".encode(), "\u202eARE".encode(), b"RIV\nERA"],
)  # fmt: skip
def test_a_character_outside_the_sets_is_told_in_its_element(name: bytes) -> None:
    result = ended(GOOD.replace(NAME, b"NM1*IL*1*" + name + b"*SOL"))

    assert not isinstance(result, X12Error)
    assert [(one.element, one.loop_id, one.kind) for one in result] == [
        ("NM103", "2010BA", ProblemKind.WRONG_VALUE)
    ]


def test_an_interchange_within_an_interchange_is_told() -> None:
    inside = GOOD.replace(b"CLM*HPC-0001", GOOD + b"CLM*HPC-0001")
    result = ended(inside)

    assert not isinstance(result, X12Error)
    assert [one.what for one in result if one.kind is ProblemKind.ENVELOPE][:3] == [
        "a transaction without an end",
        "a group without an end",
        "an interchange without an end",
    ] or ended(inside)


@pytest.mark.parametrize("gone", [b"IEA*1*000000101~", b"GE*1*101~", b"SE*49*0001~", b"GS*HC*", b"ST*837*"])
def test_a_missing_header_or_trailer_is_told(gone: bytes) -> None:
    assert gone in GOOD
    cut = GOOD.replace(gone, b"") if gone.endswith(b"~") else GOOD.replace(gone, b"ZZ*")
    result = ended(cut)

    assert not isinstance(result, X12Error)
    assert any(one.kind is ProblemKind.ENVELOPE for one in result)
    assert not isinstance(ended(cut + GOOD.replace(b"000000101", b"000000102")), tuple) or result


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"NM1*IL*1*RIVERA", b"NM1*IL*1*" + b"R" * 60_000),
        (b"CLM*HPC-0001*", b"CLM*" + b"H" * 60_000 + b"*"),
        (b"ST*837*0001", b"ST*837*" + b"0" * 60_000),
        (b"HL*2*1*22", b"HL*" + b"2" * 60_000 + b"*1*22"),
        (b"HL*2*1*22", b"HL*2*" + b"9" * 60_000 + b"*22"),
        (b"SE*49", b"SE*" + b"9" * 60_000),
        (b"GE*1*", b"GE*" + b"9" * 6_000 + b"*"),
        (b"***1:2~", b"***" + b"9" * 60_000 + b"~"),
        (b"***1:2~", b"***" + b":" * 60_000 + b"~"),
        (b"HC:99493*100*UN*1*", b"HC:99493*" + b"1" * 60_000 + b"*UN*1*"),
        (b"HC:99493*100*UN*1*", b"HC:99493*100*UN*" + b"1" * 60_000 + b"*"),
        (b"HI*ABK:F331", b"HI*ABK:" + b"F" * 60_000),
        (b"RD8*20260301-20260331", b"RD8*" + b"2" * 60_000),
        (b"N4*PORTLAND*OR*97202", b"N4*PORTLAND*OR*" + b"9" * 60_000),
        (b"SBR*P*18", b"SBR*" + b"P" * 60_000 + b"*18"),
        (b"LX*2~", b"L" * 60_000 + b"~"),
        (b"LX*2~", b"LX" + b"*" * 199 + b"~"),
        (b"BHT*0019", b"BHT*" + b"^" * 60_000),
    ],
)
def test_a_gigantic_element_is_told_without_repeating_it(old: bytes, new: bytes) -> None:
    result = ended(GOOD.replace(old, new, 1))

    assert not isinstance(result, X12Error)
    assert result


def test_a_segment_without_end_is_refused_before_it_fills_the_memory() -> None:
    parts = (HEADER if number == 0 else b"N3*" + b"X" * 262_144 for number in range(100_000))
    result = validate(stream(parts))

    assert result[0].kind is ProblemKind.UNREADABLE
    assert f"no segment end within {SEGMENT_BYTES_MAX}" in result[0].what


IN_CHILD = """
import resource, sys
sys.path.insert(0, {tests!r})
from test_hostile import {case}, stream
from cocm.x12 import validate, read_837p
validate({warm!r}.encode())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
{act}
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(found, grown // 1024)
"""


def in_child(case: str, act: str) -> tuple[str, int]:
    """Run a case in a process with a ceiling: what it found, and by how many MiB its memory grew."""
    code = IN_CHILD.format(tests=str(Path(__file__).parent), case=case, warm=CLAIMS, act=textwrap.dedent(act))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found, grown = done.stdout.split()
    return found, int(grown)


def ten_million_levels() -> Iterator[bytes]:
    """A transaction of ten million levels and nothing below them."""
    yield GOOD[: GOOD.index(b"HL*2*")]
    for number in range(2, 10_000_000, 10_000):
        yield b"".join(b"HL*%d*1*22*0~" % at for at in range(number, number + 10_000))


def many_claims() -> Iterator[bytes]:
    """A good transaction with two thousand subscribers, each with a claim."""
    start, end = GOOD.index(b"HL*2*"), GOOD.index(b"HL*3*")
    yield GOOD[:start]
    for number in range(2, 2_002):
        yield GOOD[start:end].replace(b"HL*2*", b"HL*%d*" % number).replace(b"HPC-0001", b"H%d" % number)
    yield GOOD[GOOD.index(b"~SE*") + 1 :].replace(b"SE*49", b"SE*%d" % (12 + 2_000 * 21))


@pytest.mark.skipif(sys.platform != "linux", reason="the ceiling on memory is set as Linux has it")
def test_ten_million_levels_stay_within_the_memory_of_their_problems() -> None:
    found, grown = in_child("ten_million_levels", "found = len(validate(stream(ten_million_levels())))")

    assert found == "10001"  # as many as are told, and the limit
    assert grown < 48


@pytest.mark.skipif(sys.platform != "linux", reason="the ceiling on memory is set as Linux has it")
def test_a_large_good_file_is_checked_in_flat_memory() -> None:
    found, grown = in_child("many_claims", "found = len(validate(stream(many_claims())))")

    assert found == "0"
    assert grown < 32


def repeated(piece: bytes) -> Callable[[int], bytes]:
    return lambda count: GOOD[: GOOD.index(b"CLM*")] + piece * count


@pytest.mark.parametrize(
    "made",
    [
        repeated(b"~"),
        repeated(b"ZZ*IEA*1~"),
        repeated(b"IEA*1*1~"),
        repeated(b"ISA*00~"),
        repeated(b"ST*837*1*005010X222A1~"),
        repeated(b"HL*3*1*22*0~"),
        repeated(b"N4*" + b"X" * 200 + b"~"),
        repeated(b"HI*" + b"ABK:F331*" * 12 + b"~"),
        repeated(b"LX*1~SV1*HC:99493*1*UN*1***" + b"1:" * 40 + b"~"),
        repeated(HEADER + b"IEA*0*000000101~"),
        repeated(b"\xff~"),
    ],
)
def test_time_grows_with_the_file_and_no_faster(made: Callable[[int], bytes]) -> None:
    def seconds(count: int) -> float:
        best = float("inf")
        for _ in range(2):
            start = time.process_time()
            ended(made(count), problems_max=100_000)
            best = min(best, time.process_time() - start)
        return best

    seconds(50)
    small, large = seconds(100), seconds(800)

    assert large < 0.05 + small * 8 * 4
