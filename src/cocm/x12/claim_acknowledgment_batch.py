"""The claims of a large claim acknowledgment written at once, as `remittance_batch` does those of remittances."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Final, NamedTuple

from cocm.x12.claim_acknowledgment_record import AcknowledgedClaim
from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import Guide
from cocm.x12.segment_pattern import segment_matcher
from cocm.x12.service_values import service_dates
from cocm.x12.status_record import StatusRecord, status_values
from cocm.x12.tokens import Delimiters, Segment
from cocm.x12.tree_values import FIRST_NAME_MAX, NAME_MAX, plain
from cocm.x12.tree_writer import LoopValues, loop_text, segment_text

KEPT_MAX: Final = 16_384
_MEMBER_NUMBER: Final = "MI"


class FilledClaim(NamedTuple):
    """A claim's segments behind its level's own (HL), and its kind."""

    text: str
    kind: Hashable


class AcknowledgedTexts:
    """Writes acknowledged claims under one set of delimiters. `exact_claim` is how `tree_writer` is told of one."""

    def __init__(
        self, guide: Guide, delimiters: Delimiters, exact_claim: Callable[[AcknowledgedClaim], LoopValues]
    ) -> None:
        self._guide, self._delimiters, self._exact_claim = guide, delimiters, exact_claim
        self._name_is_right = segment_matcher(guide.use("2100D", "patient_name"), delimiters).fullmatch
        self._trace_is_right = segment_matcher(guide.use("2200D", "trace"), delimiters).fullmatch
        self._status_check = SegmentCheck(guide.use("2200D", "status"), delimiters, {})
        self._holds_delimiter = re.compile(f"[{re.escape(delimiters.all)}]").search
        self._statuses: dict[StatusRecord, tuple[str, Hashable] | None] = {}
        self._dates: dict[Hashable, str] = {}
        self._names: dict[tuple[str, int], str] = {}

    def exact(self, claim: AcknowledgedClaim) -> str:
        """A claim as `tree_writer` lays it out, behind its level's own segment."""
        whole = loop_text(self._guide, self._exact_claim(claim), self._delimiters)
        return whole.partition(self._delimiters.terminator)[2]

    def write(self, claim: AcknowledgedClaim) -> FilledClaim | None:
        """A claim; None where it must be written exactly."""
        patient, by, end = claim.patient, self._delimiters.element, self._delimiters.terminator
        if (
            claim.lines
            or claim.payer_claim_control_number
            or claim.clearinghouse_number
            or claim.bill_type
            or patient.identifier_type != _MEMBER_NUMBER
            or patient.middle_name
            or patient.name_suffix
            or not patient.identifier
        ):
            return None
        names = (
            self._plain(patient.last_or_organization_name, NAME_MAX),
            self._plain(patient.first_name, FIRST_NAME_MAX),
        )
        name = by.join(
            (
                "NM1",
                "QC",
                "1" if patient.is_person else "2",
                *names,
                "",
                "",
                "",
                _MEMBER_NUMBER,
                patient.identifier,
            )
        )
        trace = by.join(("TRN", "2", claim.claim_id))
        if self._holds_delimiter("".join((*names, patient.identifier, claim.claim_id))) is not None:
            return None
        if self._name_is_right(name) is None or self._trace_is_right(trace) is None:
            return None
        statuses = [self._status(status) for status in claim.statuses]
        told = [one for one in statuses if one is not None]
        if len(told) != len(statuses):
            return None
        days = (claim.service_from_date, claim.service_to_date)
        text = "".join((name, end, trace, end, *[one for one, _ in told], self._date_text(claim)))
        return FilledClaim(text, (patient.is_person, days, *[kind for _, kind in told]))

    def _plain(self, text: str, length_max: int) -> str:
        known = self._names.get((text, length_max))
        if known is None:
            known = plain(text, length_max)
            if len(self._names) >= KEPT_MAX:
                self._names.clear()
            self._names[text, length_max] = known
        return known

    def _status(self, status: StatusRecord) -> tuple[str, Hashable] | None:
        """A status with its kind, which is all of it but the charge; None where it must be written exactly."""
        if status in self._statuses:
            return self._statuses[status]
        use, marks = self._guide.use("2200D", "status"), self._delimiters
        written = segment_text(use, status_values(status).values, marks)
        text = written.removesuffix(marks.terminator)
        faults, _ = self._status_check.examine(
            Segment(use.tag, text, text.split(marks.element), 0, 0, 0, marks)
        )
        known = None if faults else (written, replace(status, charge_amount_cents=None))
        if len(self._statuses) >= KEPT_MAX:
            self._statuses.clear()
        self._statuses[status] = known
        return known

    def _date_text(self, claim: AcknowledgedClaim) -> str:
        days = (claim.service_from_date, claim.service_to_date)
        known = self._dates.get(days)
        if known is None:
            use = self._guide.use("2200D", "service_date")
            known = "".join(segment_text(use, one.values, self._delimiters) for one in service_dates(*days))
            if len(self._dates) >= KEPT_MAX:
                self._dates.clear()
            self._dates[days] = known
        return known
