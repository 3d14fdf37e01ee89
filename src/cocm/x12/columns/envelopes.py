"""Follows the envelope through a file's blocks with the record path's own check, so that both find the same."""

from __future__ import annotations

import numpy as np

from cocm.x12.columns.blocks import Block
from cocm.x12.columns.codes import Flags, Whole
from cocm.x12.envelope_check import EnvelopeCheck
from cocm.x12.guide import guide_versions
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Segment


class EnvelopeFollower:
    """Checks headers and trailers, and says which transactions are of the guide that is read.

    `opened_before` is the ST of the transaction in which the last block began.
    """

    def __init__(self, report: Report, version: str) -> None:
        self._report = report
        self._version = version
        self._versions = guide_versions()
        self._check = EnvelopeCheck(report)
        self._transaction: Segment | None = None
        self._last: Segment | None = None
        self.opened_before: Segment | None = None

    def follow(self, block: Block, rows: Whole) -> tuple[Flags, dict[int, Segment]]:
        """Take a block's envelope segments. Says of each ST whether it is ours, and hands all ST out by their row."""
        is_ours, starts = [], {}
        self.opened_before = self._transaction
        for row in rows.tolist():
            segment = self._last = block.segment(row)
            if segment.tag == "ST":
                is_ours.append(self._start(segment))
                starts[row] = segment
            elif segment.tag == "SE":
                self._finish(segment)
            elif segment.tag == "TA1":
                self._check.acknowledgment(segment)
            else:
                self._outer(segment)
        self._last = block.segment(len(block) - 1)
        return np.array(is_ours, np.bool_), starts

    def restore(self) -> None:
        """Let the report stand again in the transaction that is open."""
        self._leave()
        if self._transaction is not None:
            self._report.transaction_control_number = self._transaction.value(2)
            self._report.transaction_first_segment = self._transaction.number

    def end(self) -> None:
        """The file is over."""
        if self._last is not None:
            self._transaction = None
            self._check.unfinished(self._last, down_to="ISA")

    def broken_off(self, why: str) -> None:
        """The rest of the file cannot be read."""
        assert self._last is not None  # something has been read
        what = f"the rest cannot be read ({why})"
        self._report.add(ProblemKind.UNREADABLE, self._last, what, "a whole file")

    def _outer(self, segment: Segment) -> None:
        self._transaction = None
        self._leave()
        down_to = {"ISA": "ISA", "GS": "GS", "GE": "ST", "IEA": "GS"}[segment.tag]
        self._check.unfinished(segment, down_to=down_to)
        if segment.tag in ("ISA", "GS"):
            self._check.header(segment)
        else:
            self._check.trailer(segment)

    def _start(self, segment: Segment) -> bool:
        self._check.unfinished(segment, down_to="ST")
        self._transaction = segment
        self._report.transaction_control_number = segment.value(2)
        self._report.transaction_first_segment = segment.number
        self._check.header(segment)
        group_version = self._check.guide_version
        version = segment.value(3).strip() or group_version
        is_ours = self._versions.get(version) == self._version
        if not is_ours:
            what = "a guide that is not looked for here"
            self._report.add(ProblemKind.UNKNOWN_GUIDE, segment, what, self._version, element="ST03")
        elif group_version not in ("", version):
            what = "ST03 and GS08 name different guides"
            self._report.add(ProblemKind.ENVELOPE, segment, what, "the same guide", element="ST03")
        return is_ours

    def _finish(self, segment: Segment) -> None:
        started, self._transaction = self._transaction, None
        self._check.trailer(segment, segment.number - started.number + 1 if started is not None else None)
        self._leave()

    def _leave(self) -> None:
        self._report.transaction_control_number = ""
        self._report.transaction_first_segment = 0
