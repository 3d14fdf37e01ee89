"""The compiled core of the columnar reader gives what NumPy gives, and nobody needs it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remittance_samples import REMITTANCE
from table_samples import files

from cocm.basics.errors import X12Error
from cocm.x12 import ClaimTables, RemittanceTables, iter_tables_835, tables_835, tables_837p
from cocm.x12.columns import native
from cocm.x12.columns.accelerate import COMPILERS, build, find_compiler
from cocm.x12.columns.blocks import PAD_BYTES, Block
from cocm.x12.columns.codes import AnyArray, Bytes
from cocm.x12.columns.table import Names, Numbers, Table, Text
from cocm.x12.columns.values import days, decimals
from cocm.x12.columns.view import Spans, View
from cocm.x12.tokens import Delimiters

END = REMITTANCE.index(b"GE*1*42~")
FORMS = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
needs_compiler = pytest.mark.skipif(
    find_compiler() is None, reason=f"no C compiler ({', '.join(COMPILERS)}) on this machine"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("native"))


def both(library: Path) -> Iterator[AbstractContextManager[None]]:
    yield native.using(None)
    yield native.using(library)


def same_tables(one: tuple[Table, ...], other: tuple[Table, ...]) -> None:
    assert [table.name for table in one] == [table.name for table in other]
    for table, again in zip(one, other, strict=True):
        assert list(table.columns) == list(again.columns)
        for name, column in table.columns.items():
            for values, expected in zip(arrays(again[name]), arrays(column), strict=True):
                assert values.dtype == expected.dtype and np.array_equal(values, expected), (table.name, name)


def arrays(column: Numbers | Text | Names) -> tuple[AnyArray, ...]:
    if isinstance(column, Numbers):
        flags = () if column.present is None else (column.present,)
        return (column.values, *flags)
    return column.located() if isinstance(column, Text) else (column.numbers,)


@needs_compiler
@FORMS
@given(data=files("835"))
def test_remittance_tables_are_identical(library: Path, data: bytes) -> None:
    plain, compiled = (read_with(context, tables_835, data) for context in both(library))
    assert plain.problems == compiled.problems
    same_tables(plain.tables(), compiled.tables())


@needs_compiler
@FORMS
@given(data=files("837"))
def test_claim_tables_are_identical(library: Path, data: bytes) -> None:
    plain, compiled = (read_with(context, tables_837p, data) for context in both(library))
    assert plain.problems == compiled.problems
    same_tables(plain.tables(), compiled.tables())


def read_with(
    context: AbstractContextManager[None], read: Callable[[bytes], Any], data: bytes
) -> ClaimTables | RemittanceTables:
    """Tables whose texts were located as well."""
    with context:
        tables: ClaimTables | RemittanceTables = read(data)
        for table in tables.tables():
            for column in table.columns.values():
                arrays(column)
        return tables


INSIDE = st.text("0189.-~*:^\r\n CLPSVCASDTMé\x00", max_size=150).map(str.encode)


@needs_compiler
@settings(max_examples=25, deadline=None)
@given(inner=INSIDE, at=st.integers(min_value=106, max_value=END))
def test_hostile_bytes_end_the_same(library: Path, inner: bytes, at: int) -> None:
    data = REMITTANCE[:at] + inner + REMITTANCE[at:]
    found: list[tuple[tuple[Table, ...], object]] = []
    for context in both(library):
        try:
            tables = read_with(context, tables_835, data)
            found.append((tables.tables(), tables.problems))
        except X12Error as problem:
            found.append(((), str(problem)))
    assert found[0][1] == found[1][1]
    same_tables(found[0][0], found[1][0])


@needs_compiler
def test_blocks_are_identical(library: Path) -> None:
    found = []
    for context in both(library):
        with context:
            found.append(list(iter_tables_835(REMITTANCE, block_bytes=300)))
    assert len(found[0]) == len(found[1]) > 1
    for plain, compiled in zip(*found, strict=True):
        same_tables(plain.tables(), compiled.tables())


def spans_of(texts: list[bytes]) -> tuple[View, Spans]:
    """Texts in a buffer, one after the other."""
    content = b"".join(texts)
    buffer = np.frombuffer(bytes(PAD_BYTES) + content + bytes(PAD_BYTES), np.uint8).copy()
    end = PAD_BYTES + np.cumsum([len(text) for text in texts], dtype=np.int64)
    start = end - np.array([len(text) for text in texts], np.int64)
    return View(block_of(buffer)), Spans(start, end)


def block_of(buffer: Bytes) -> Block:
    words = np.ndarray((len(buffer) - 7,), "<u8", buffer, strides=(1,))
    none = np.empty(0, np.int64)
    return Block(
        buffer, words, 0, none, none, none, none, none, none, none, 0, Delimiters("*", ":", "~", "^")
    )


NUMBERS = st.one_of(
    st.text("0123456789.-+ E,", max_size=20),
    st.decimals(min_value=-(10**14), max_value=10**14, places=3).map(str),
    st.integers(min_value=-(10**17), max_value=10**17).map(str),
    st.sampled_from(
        ["", "-", ".", "5.", ".5", "-.5", "00.10", "--1", "1-", "1.000", "999999999999999", "1e3"]
    ),
)
DAYS = st.one_of(
    st.dates().map(lambda day: day.strftime("%Y%m%d").zfill(8)),
    st.text("0123456789", min_size=8, max_size=8),
    st.text("0129/ -", max_size=9),
    st.sampled_from(["20240229", "20230229", "19000229", "20000229", "00010101", "00000101", "99991231"]),
)


@needs_compiler
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(NUMBERS, min_size=1, max_size=12), places=st.sampled_from([0, 2, 3]))
def test_numbers_are_identical(library: Path, texts: list[str], places: int) -> None:
    view, spans = spans_of([text.encode() for text in texts])
    read = []
    for context in both(library):
        with context:
            read.append(decimals(view, spans, places))
    for plain, compiled in zip(*read, strict=True):
        assert plain.tolist() == compiled.tolist()


@needs_compiler
@settings(max_examples=60, deadline=None)
@given(texts=st.lists(DAYS, min_size=1, max_size=12))
def test_days_are_identical(library: Path, texts: list[str]) -> None:
    view, spans = spans_of([text.encode() for text in texts])
    read = []
    for context in both(library):
        with context:
            read.append(days(view, spans))
    for plain, compiled in zip(*read, strict=True):
        assert plain.tolist() == compiled.tolist()


@needs_compiler
def test_a_library_of_another_source_is_not_found(tmp_path: Path) -> None:
    made = build(tmp_path)
    assert made == native.library_path(tmp_path) and build(tmp_path) == made
    assert list(tmp_path.iterdir()) == [made]


def test_a_broken_library_is_as_good_as_none(tmp_path: Path) -> None:
    path = native.library_path(tmp_path)
    assert native.load(path) is None
    path.write_bytes(b"no library")
    assert native.load(path) is None
    with pytest.raises(OSError, match="build it first"), native.using(path):
        pass


def test_without_a_compiler_the_command_says_what_to_do_and_numpy_reads(tmp_path: Path) -> None:
    code = (
        "import os; os.environ['PATH'] = os.devnull\n"
        "import sys; from pathlib import Path; from cocm.x12.columns.accelerate import build\n"
        f"try: build(Path({str(tmp_path)!r}))\n"
        "except OSError as problem: print(problem)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "no C compiler" in done.stdout and "NumPy reads" in done.stdout
    with native.using(None):
        assert not native.is_used()
        assert len(tables_835(REMITTANCE).claims) > 0
