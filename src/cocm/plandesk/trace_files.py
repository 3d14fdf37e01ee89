"""The decision traces of many claims on their way into two files.

Each process that decides claims writes their traces into files of its own, neighbours together; they are put together
in the order of the claims. No process holds them in memory, and none goes from one process to another.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from cocm.close.staging import Staging
from cocm.plandesk.state import Packed, Packing

TRACE: Final = "trace.json"
TRACE_TEXT: Final = "trace.txt"
CLAIMS_PER_RUN_MAX: Final = 250
SHARES_WAITING_MAX: Final = 64  # each has two files open
_END: Final = b"\n]}\n"
_BETWEEN_JSON: Final = b",\n"
_BETWEEN_TEXTS: Final = b"\n"


class TraceRun(NamedTuple):
    """The traces of neighbours: the place of the first, and how many bytes they are as JSON and as text."""

    first: int
    json_bytes: int
    text_bytes: int


class TraceShare:
    """The traces that one process writes, in the order of their claims. Both files are its own."""

    def __init__(self, json_file: BinaryIO, text_file: BinaryIO) -> None:
        self._json_file, self._text_file = json_file, text_file
        self._first = 0
        self._json: list[bytes] = []
        self._texts: list[str] = []
        self.runs: list[TraceRun] = []

    def add(self, place: int, json_line: bytes, text: str) -> None:
        """The trace of the claim at a place, which lies behind the one before."""
        if place != self._first + len(self._json) or len(self._json) >= CLAIMS_PER_RUN_MAX:
            self._write()
            self._first = place
        self._json.append(json_line)
        self._texts.append(text)

    def finish(self) -> list[TraceRun]:
        """Write what is left; the runs in their order."""
        self._write()
        self._json_file.flush()
        self._text_file.flush()
        return self.runs

    def read(self, runs: Sequence[TraceRun]) -> Iterator[tuple[int, memoryview, memoryview]]:
        """What was written, by this process or by its child: the place of each run, its JSON and its text."""
        if not runs:
            return
        with (
            mmap.mmap(self._json_file.fileno(), 0, access=mmap.ACCESS_READ) as json_bytes,
            mmap.mmap(self._text_file.fileno(), 0, access=mmap.ACCESS_READ) as text_bytes,
            memoryview(json_bytes) as told,
            memoryview(text_bytes) as texts,
        ):
            json_at = text_at = 0
            for first, json_length, text_length in runs:
                json_end, text_end = json_at + json_length, text_at + text_length
                with told[json_at:json_end] as one, texts[text_at:text_end] as other:
                    yield first, one, other
                json_at, text_at = json_end, text_end

    def close(self) -> None:
        """Let both files go."""
        self._json_file.close()
        self._text_file.close()

    def _write(self) -> None:
        if not self._json:
            return
        told = _BETWEEN_JSON.join(self._json)
        texts = _BETWEEN_TEXTS.decode().join(self._texts).encode()
        self._json_file.write(told)
        self._text_file.write(texts)
        self.runs.append(TraceRun(self._first, len(told), len(texts)))
        self._json.clear()
        self._texts.clear()


SharedTraces: TypeAlias = list[tuple[TraceShare, Sequence[TraceRun]]]
"""The traces of claims, neighbours or not, as each process wrote its share of them."""


class TraceFiles:
    """Both files as they grow in the out folder. Use as a context manager; `finish` ends them."""

    def __init__(self, staging: Staging, head: Mapping[str, str]) -> None:
        """`head` is what every answer carries, and stands before the claims in the JSON."""
        self._staging = staging
        self._head = head
        self._has_claims = False
        self._waiting: list[SharedTraces] = []

    def __enter__(self) -> TraceFiles:
        with ExitStack() as stack:
            self._json_file = stack.enter_context(self._staging.open(TRACE))
            self._text_file = stack.enter_context(self._staging.open(TRACE_TEXT))
            self._open = stack.pop_all()
        self._json, self._text = Packing(self._json_file), Packing(self._text_file)
        self._json.write(_beginning(self._head))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def add(self, traces: SharedTraces) -> None:
        """Take in the traces of the claims that come next. They may wait where they are until `finish`."""
        self._waiting.append(traces)
        if sum(map(len, self._waiting)) > SHARES_WAITING_MAX:
            self._put_together()

    def finish(self) -> dict[str, Packed]:
        """End both files; what the state keeps of them."""
        self._put_together()
        self._json.write(_END)
        self._staging.keep(TRACE, self._json_file)
        self._staging.keep(TRACE_TEXT, self._text_file)
        return {TRACE: self._json.finish(), TRACE_TEXT: self._text.finish()}

    def _put_together(self) -> None:
        """Write what waits, in the order of the claims; the files it stood in are let go."""
        for traces in self._waiting:
            for _, told, text in merge(*[share.read(runs) for share, runs in traces], key=_place):
                self._json.write(_BETWEEN_JSON if self._has_claims else b"\n")
                if self._has_claims:
                    self._text.write(_BETWEEN_TEXTS)
                self._has_claims = True
                self._json.write(told)
                self._text.write(text)
            for share, _ in traces:
                share.close()
        self._waiting.clear()


def trace_document(head: Mapping[str, str], claims: Sequence[bytes]) -> bytes:
    """The traces of a few claims as one JSON file, each claim's in a line of its own."""
    return b"%b\n%b%b" % (_beginning(head), _BETWEEN_JSON.join(claims), _END)


def _beginning(head: Mapping[str, str]) -> bytes:
    return b'%b,\n"claims": [' % json.dumps(head, indent=2)[:-2].encode()


def _place(run: tuple[int, memoryview, memoryview]) -> int:
    return run[0]
