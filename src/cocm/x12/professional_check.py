"""What the professional claim asks beyond its structure: totals, pointers, corrections, who the patient is,
dates.

Sources: the guide's own notes to CLM, HI, SV107, SBR02, DMG, REF (payer claim control number), N3 and N4 of
the billing provider, in our words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from cocm.basics.money import plain_dollars
from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.patterns import DATE_FORMATS, is_post_office_box, number_or_none
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Segment

_CORRECTIONS: Final = ("7", "8")
_SELF: Final = "18"
_PRIMARY: Final = "P"
_LONG_POSTAL_CODE: Final = re.compile(r"\d{9}")
_DAY: Final = re.compile(DATE_FORMATS["D8"])
_DAYS: Final = re.compile(DATE_FORMATS["RD8"])


@dataclass(slots=True)
class _Subscriber:
    """What was seen of a subscriber's level."""

    level: Segment
    coverage: Segment | None = None
    is_patient: bool = False
    seen: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Claim:
    """What was seen of a claim so far."""

    claim: Segment
    charge: Decimal | None
    frequency_code: str
    lines_charge: Decimal = Decimal(0)
    line_count: int = 0
    diagnosis_count: int = 0
    has_control_number: bool = False
    has_other_coverage: bool = False
    all_charges_read: bool = True


class ProfessionalCheck:
    """Follows the claims of a transaction and reports what does not agree."""

    def __init__(self, guide: Guide, report: Report) -> None:
        self._report = report
        self._subscriber: _Subscriber | None = None
        self._claim: _Claim | None = None
        self._created_on = ""
        self._born_on = ""
        on_segment: dict[tuple[str, str], Callable[[SegmentUse, Segment], None]] = {
            ("transaction", "transaction_start"): self._start,
            ("2010AA", "billing_address"): self._billing_address,
            ("2010AA", "billing_city"): self._long_postal_code,
            ("2000B", "subscriber_level"): self._subscriber_level,
            ("2000B", "subscriber"): self._coverage,
            ("2010BA", "subscriber_address"): self._subscriber_part,
            ("2010BA", "subscriber_city"): self._subscriber_part,
            ("2010BA", "subscriber_birth"): self._birth,
            ("2000C", "patient_level"): self._patient_level,
            ("2010CA", "patient_birth"): self._birth,
            ("2300", "claim"): self._claim_start,
            ("2300", "payer_claim_control_number"): self._control_number,
            ("2300", "diagnoses"): self._diagnoses,
            ("2310C", "service_facility_city"): self._long_postal_code,
            ("2320", "other_coverage"): self._other_coverage,
            ("2400", "line_number"): self._line_number,
            ("2400", "service"): self._service,
            ("2400", "service_date"): self._service_date,
        }
        self._on_segment = {guide.use(*place): check for place, check in on_segment.items()}
        self._on_close: dict[str, Callable[[], None]] = {
            "2300": self._claim_end,
            "2000B": self._subscriber_end,
            "2000C": self._patient_end,
        }
        self._patient_has_claim = False

    def segment(self, use: SegmentUse, segment: Segment) -> None:
        """A segment in its place."""
        check = self._on_segment.get(use)
        if check is not None:
            check(use, segment)

    def closed(self, loop: Loop) -> None:
        """A loop has ended."""
        check = self._on_close.get(loop.loop_id)
        if check is not None:
            check()

    def _start(self, use: SegmentUse, segment: Segment) -> None:
        self._created_on = segment.value(4)

    def _billing_address(self, use: SegmentUse, segment: Segment) -> None:
        if is_post_office_box(segment.value(1)):
            self._add(
                ProblemKind.SITUATION,
                use,
                segment,
                "N301",
                "a post office box as the billing provider's address",
                "a street address; a box belongs in the pay-to address, loop 2010AB",
            )

    def _long_postal_code(self, use: SegmentUse, segment: Segment) -> None:
        is_domestic = segment.value(4) in ("", "US")
        if is_domestic and segment.value(3) and _LONG_POSTAL_CODE.fullmatch(segment.value(3)) is None:
            self._add(
                ProblemKind.SITUATION,
                use,
                segment,
                "N403",
                "a postal code without its last four digits",
                "all nine digits here",
            )

    def _subscriber_level(self, use: SegmentUse, segment: Segment) -> None:
        self._subscriber = _Subscriber(segment)

    def _coverage(self, use: SegmentUse, segment: Segment) -> None:
        if self._subscriber is not None:
            self._subscriber.coverage = segment
            self._subscriber.is_patient = segment.value(2) == _SELF

    def _subscriber_part(self, use: SegmentUse, segment: Segment) -> None:
        if self._subscriber is not None:
            self._subscriber.seen.add(use.name)

    def _birth(self, use: SegmentUse, segment: Segment) -> None:
        self._born_on = segment.value(2)
        self._subscriber_part(use, segment)
        self._not_after_creation(use, segment, "DMG02", self._born_on)

    def _patient_level(self, use: SegmentUse, segment: Segment) -> None:
        self._patient_has_claim = False
        if self._subscriber is not None:
            self._subscriber.seen.add("patient")
            if self._subscriber.is_patient:
                self._add(
                    ProblemKind.SITUATION,
                    use,
                    segment,
                    "HL03",
                    "a patient level below a subscriber who is the patient",
                    "no patient level where SBR02 says 18",
                )

    def _claim_start(self, use: SegmentUse, segment: Segment) -> None:
        self._report.claim_id = segment.value(1)
        self._claim = _Claim(segment, number_or_none(segment.value(2)), segment.value(5, 3))
        self._patient_has_claim = True
        if self._claim.charge is not None and self._claim.charge < 0:
            self._add(ProblemKind.WRONG_VALUE, use, segment, "CLM02", "a negative charge", "zero or more")
        subscriber = self._subscriber
        if subscriber is None:
            return
        if "patient" not in subscriber.seen and not subscriber.is_patient:
            self._report.add(
                ProblemKind.SITUATION,
                subscriber.coverage or subscriber.level,
                "a claim for a subscriber who is not said to be the patient",
                "18 in SBR02, or a patient level (2000C) between subscriber and claim",
                loop_id="2000B",
                element="SBR02",
            )
        if subscriber.is_patient and "claim" not in subscriber.seen:
            for name, words in (
                ("subscriber_address", "street (N3)"),
                ("subscriber_city", "city (N4)"),
                ("subscriber_birth", "birth date and sex (DMG)"),
            ):
                if name not in subscriber.seen:
                    self._report.add(
                        ProblemKind.SITUATION,
                        subscriber.level,
                        f"the subscriber's {words} is missing",
                        "it in loop 2010BA wherever the subscriber is the patient",
                        loop_id="2010BA",
                    )
        subscriber.seen.add("claim")

    def _control_number(self, use: SegmentUse, segment: Segment) -> None:
        if self._claim is not None:
            self._claim.has_control_number = True

    def _diagnoses(self, use: SegmentUse, segment: Segment) -> None:
        codes = [segment.value(position, 2) for position in range(1, len(segment.elements))]
        if self._claim is not None:
            self._claim.diagnosis_count = len([code for code in codes if code])
        for position, code in enumerate(codes, start=1):
            if "." in code:
                self._add(
                    ProblemKind.WRONG_VALUE,
                    use,
                    segment,
                    f"HI{position:02d}-2",
                    "a diagnosis with its point",
                    "no point",
                )

    def _other_coverage(self, use: SegmentUse, segment: Segment) -> None:
        if self._claim is not None:
            self._claim.has_other_coverage = True

    def _line_number(self, use: SegmentUse, segment: Segment) -> None:
        if self._claim is not None:
            self._claim.line_count += 1
            if segment.value(1) != str(self._claim.line_count):
                self._add(
                    ProblemKind.ORDER,
                    use,
                    segment,
                    "LX01",
                    "lines are not numbered one after another",
                    str(self._claim.line_count),
                )

    def _service(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._claim
        if claim is None:
            return
        charge = number_or_none(segment.value(2))
        if charge is None:
            claim.all_charges_read = False
        else:
            claim.lines_charge += charge
        for component in range(1, 5):
            pointer = segment.value(7, component)
            if pointer.isdecimal() and not 1 <= int(pointer) <= claim.diagnosis_count:
                self._add(
                    ProblemKind.SITUATION,
                    use,
                    segment,
                    f"SV107-{component}",
                    f"points to diagnosis {int(pointer)}, and the claim has {claim.diagnosis_count}",
                    "the place of one of the claim's diagnoses",
                )

    def _service_date(self, use: SegmentUse, segment: Segment) -> None:
        given = segment.value(3)
        if segment.value(2) == "RD8" and _DAYS.fullmatch(given):
            first, last = given.split("-")
            if first > last:
                self._add(
                    ProblemKind.WRONG_VALUE,
                    use,
                    segment,
                    "DTP03",
                    "a range that ends before it begins",
                    "its dates in order",
                )
        elif _DAY.fullmatch(given):
            first = last = given
        else:
            return
        self._not_after_creation(use, segment, "DTP03", last)
        if self._born_on and _DAY.fullmatch(self._born_on) and first < self._born_on:
            self._add(
                ProblemKind.SITUATION,
                use,
                segment,
                "DTP03",
                "a service before the patient's birth",
                "a later date",
            )

    def _not_after_creation(self, use: SegmentUse, segment: Segment, element: str, day: str) -> None:
        if _DAY.fullmatch(self._created_on) and _DAY.fullmatch(day) and day > self._created_on:
            self._add(
                ProblemKind.SITUATION,
                use,
                segment,
                element,
                "a date after the file was made",
                "a date that is not in its future",
            )

    def _claim_end(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        if claim.all_charges_read and claim.charge is not None and claim.charge != claim.lines_charge:
            total, lines = plain_dollars(_cents(claim.charge)), plain_dollars(_cents(claim.lines_charge))
            self._report.add(
                ProblemKind.BALANCE,
                claim.claim,
                f"the claim's charge is {total}, its lines add up to {lines}",
                lines,
                loop_id="2300",
                element="CLM02",
            )
        if claim.frequency_code in _CORRECTIONS and not claim.has_control_number:
            self._report.add(
                ProblemKind.SITUATION,
                claim.claim,
                f"frequency {claim.frequency_code} without the payer's claim number",
                "REF*F8 with the number of the claim to replace or void, from its remittance",
                loop_id="2300",
                element="CLM05-3",
            )
        coverage = self._subscriber.coverage if self._subscriber is not None else None
        if coverage is not None and not claim.has_other_coverage and coverage.value(1) not in ("", _PRIMARY):
            self._report.add(
                ProblemKind.SITUATION,
                claim.claim,
                "a claim to a later payer without the coverage before it",
                "loop 2320 for each other coverage",
                loop_id="2320",
            )
        self._report.claim_id = ""

    def _subscriber_end(self) -> None:
        subscriber, self._subscriber = self._subscriber, None
        if subscriber is not None and not subscriber.seen & {"claim", "patient"}:
            self._report.add(
                ProblemKind.MISSING_LOOP,
                subscriber.level,
                "a subscriber without a claim or a patient",
                "a claim (2300) or a patient level (2000C) below",
                loop_id="2000B",
            )

    def _patient_end(self) -> None:
        if not self._patient_has_claim and self._subscriber is not None:
            self._report.add(
                ProblemKind.MISSING_LOOP,
                self._subscriber.level,
                "a patient without a claim",
                "a claim (2300) below",
                loop_id="2000C",
            )

    def _add(
        self, kind: ProblemKind, use: SegmentUse, segment: Segment, element: str, what: str, expected: str
    ) -> None:
        self._report.add(kind, segment, what, expected, loop_id=use.loop_id, element=element)


def _cents(amount: Decimal) -> int:
    return int(amount.scaleb(2).to_integral_value())
