"""Which days fit a professional claim: service, birth and death, the file's own day, and the day of the check.

Sources: the guide's notes to DTP, DMG, PAT06 and HI, in our words; ICD-10-CM replaced ICD-9-CM for services from
1 October 2015 (45 CFR 162.1002).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cocm.x12.guide_parts import SegmentUse
from cocm.x12.meaning import CheckContext, OnClose, OnSegment
from cocm.x12.patterns import DATE_FORMATS
from cocm.x12.problem import ProblemKind
from cocm.x12.professional_state import ProfessionalState
from cocm.x12.tokens import Segment

_DAY: Final = re.compile(DATE_FORMATS["D8"])
_DAYS: Final = re.compile(DATE_FORMATS["RD8"])
LIFE_YEARS_MAX: Final = 130
_ICD10_FROM: Final = "20151001"
_ICD10_KINDS: Final = ("ABK", "ABF")
_ICD9_KINDS: Final = ("BK", "BF")
_PAST_CLAIM_DATES: Final = (
    "onset_date",
    "initial_treatment_date",
    "last_seen_date",
    "acute_manifestation_date",
    "accident_date",
    "last_menstrual_period_date",
    "last_x_ray_date",
    "admission_date",
    "discharge_date",
    "first_contact_date",
    "repricer_received_date",
)


class ClaimDatesCheck:
    """Follows the dates of a claim."""

    def __init__(self, context: CheckContext, state: ProfessionalState) -> None:
        self._context = context
        self._tell = context.tell
        self._state = state
        self._admitted_on = ""

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        past = {("2300", name): self._past for name in _PAST_CLAIM_DATES}
        return past | {
            ("transaction", "transaction_start"): self._start,
            ("2000B", "subscriber_level"): self._person_level,
            ("2000B", "subscriber_details"): self._death,
            ("2010BA", "subscriber_birth"): self._birth,
            ("2000C", "patient_level"): self._person_level,
            ("2000C", "patient"): self._death,
            ("2010CA", "patient_birth"): self._birth,
            ("2300", "accident_date"): self._accident,
            ("2300", "admission_date"): self._admission,
            ("2300", "discharge_date"): self._discharge,
            ("2330B", "adjudication_date"): self._past,
            ("2400", "service_date"): self._service_date,
            ("2430", "line_adjudication_date"): self._past,
        }

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {}

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """See `MeaningPart`."""
        return {"2300": self._claim_end}

    def _start(self, use: SegmentUse, segment: Segment) -> None:
        as_of = self._context.as_of
        if as_of and segment.value(4) > as_of and is_day(segment.value(4)):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "BHT04",
                "a file made after the day of this check",
                "a day that is not in the future",
                "set the clock of the system that makes the files",
            )

    def _person_level(self, use: SegmentUse, segment: Segment) -> None:
        self._state.born_on = self._state.died_on = ""

    def _birth(self, use: SegmentUse, segment: Segment) -> None:
        born_on, created_on = segment.value(2), self._state.created_on
        if not is_day(born_on):
            return
        self._state.born_on = born_on
        self._not_in_future(use, segment, "DMG02", born_on)
        if is_day(created_on) and int(created_on[:4]) - int(born_on[:4]) > LIFE_YEARS_MAX:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "DMG02",
                f"a birth more than {LIFE_YEARS_MAX} years ago",
                "the patient's date of birth",
                "look at the century",
            )

    def _death(self, use: SegmentUse, segment: Segment) -> None:
        died_on = segment.value(6) if len(segment.elements) > 6 else ""
        if died_on and is_day(died_on):
            self._state.died_on = died_on
            self._not_in_future(use, segment, "PAT06", died_on)

    def _past(self, use: SegmentUse, segment: Segment) -> None:
        if is_day(segment.value(3)):
            self._not_in_future(use, segment, "DTP03", segment.value(3))

    def _accident(self, use: SegmentUse, segment: Segment) -> None:
        self._past(use, segment)
        if self._state.claim is not None:
            self._state.claim.accident_date = True

    def _admission(self, use: SegmentUse, segment: Segment) -> None:
        self._past(use, segment)
        self._admitted_on = segment.value(3)

    def _discharge(self, use: SegmentUse, segment: Segment) -> None:
        self._past(use, segment)
        if is_day(segment.value(3)) and segment.value(3) < self._admitted_on:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "DTP03",
                "a discharge before the admission",
                "a day from the admission on",
            )

    def _service_date(self, use: SegmentUse, segment: Segment) -> None:
        elements, state = segment.elements, self._state
        days = service_days(elements[3]) if len(elements) > 3 and len(elements[3]) <= 17 else None
        if days is None:
            return
        first, last = days
        claim = state.claim
        if claim is not None:
            if not claim.first_day or first < claim.first_day:
                claim.first_day = first
            if last > claim.last_day:
                claim.last_day = last
        self._not_in_future(use, segment, "DTP03", last)
        if first < state.born_on:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "DTP03",
                "a service before the patient's birth",
                "a later date",
                "correct the date of service (DTP*472) or the date of birth (DMG02)",
            )
        if state.died_on and first > state.died_on:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "DTP03",
                "a service after the patient's death",
                "a day up to the one in PAT06",
            )

    def _not_in_future(self, use: SegmentUse, segment: Segment, element: str, day: str) -> None:
        created_on, as_of = self._state.created_on, self._context.as_of
        if day > created_on and is_day(created_on):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                element,
                "a date after the file was made",
                "a date that is not in its future",
            )
        elif as_of and day > as_of:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                element,
                "a date after the day of this check",
                "a date that is not in the future",
            )

    def _claim_end(self) -> None:
        """One edition of diagnoses on a claim, and the one that is in force on its days."""
        self._admitted_on = ""
        claim = self._state.claim
        if claim is None or claim.diagnoses is None:
            return
        found = _edition_fault(
            claim.diagnosis_kinds,
            bool(claim.first_day) and claim.first_day >= _ICD10_FROM,
            bool(claim.last_day) and claim.last_day < _ICD10_FROM,
        )
        if found is not None:
            position, what, expected = found
            self._context.report.add(
                ProblemKind.SITUATION,
                claim.diagnoses,
                what,
                expected,
                loop_id="2300",
                element=f"HI{position:02d}-1",
            )


@lru_cache(maxsize=256)
def _edition_fault(kinds: tuple[str, ...], is_after: bool, is_before: bool) -> tuple[int, str, str] | None:
    """The first diagnosis of a wrong edition, with what is wrong and what was expected."""
    old = [place for place, kind in enumerate(kinds, 1) if kind in _ICD9_KINDS]
    new = [place for place, kind in enumerate(kinds, 1) if kind in _ICD10_KINDS]
    if old and is_after:
        return old[0], "an ICD-9-CM diagnosis for services after its end", "ABK or ABF with an ICD-10-CM code"
    if new and is_before:
        return (
            new[0],
            "an ICD-10-CM diagnosis for services before its start",
            "BK or BF with an ICD-9-CM code",
        )
    if old and new:
        return max(old[0], new[0]), "diagnoses of two editions on one claim", "one edition; split the claim"
    return None


@lru_cache(maxsize=8_192)
def service_days(text: str) -> tuple[str, str] | None:
    """First and last day of a date or range of dates; None where it is none, or runs backwards."""
    if _DAY.fullmatch(text):
        return text, text
    if _DAYS.fullmatch(text):
        first, last = text[:8], text[9:]
        return (first, last) if first <= last else None
    return None


def is_day(text: str) -> bool:
    """Whether a text is a date as CCYYMMDD."""
    return len(text) == 8 and _is_day(text)


@lru_cache(maxsize=16_384)
def _is_day(text: str) -> bool:
    return _DAY.fullmatch(text) is not None
