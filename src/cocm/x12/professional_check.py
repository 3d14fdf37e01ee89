"""What the professional claim asks beyond its structure: totals, pointers, corrections, who the patient is.

Sources: the guide's own notes to CLM, HI, SV1, SBR02, DMG, REF, PWK, N3 and N4, in our words. The other parts of the
check are who pays before or after (`coverage_check`) and which days fit (`claim_dates_check`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from cocm.basics.money import plain_dollars
from cocm.x12.address_check import AddressCheck, tell_unlike_tax_number
from cocm.x12.claim_dates_check import ClaimDatesCheck
from cocm.x12.coverage_check import CoverageCheck
from cocm.x12.guide_parts import Guide, SegmentUse
from cocm.x12.meaning import CheckContext, MeaningPart, MeaningTable, OnClose, OnSegment, cents_or_none
from cocm.x12.patterns import is_post_office_box, number_or_none
from cocm.x12.problem import ProblemKind
from cocm.x12.professional_state import ProfessionalState, SeenClaim, SeenSubscriber
from cocm.x12.tokens import Segment

_ORIGINAL: Final = "1"
_CORRECTIONS: Final = ("7", "8")
_SELF: Final = "18"
_PERSON: Final = "1"
_SENT_PAPERWORK: Final = ("BM", "EL", "EM", "FT", "FX")
_AUTO_ACCIDENT: Final = "AA"
_OTHER_ACCIDENT: Final = "OA"
_SOCIAL_SECURITY: Final = "SY"
DIAGNOSES_MAX: Final = 12
POINTERS_MAX: Final = 4
_LONG_POSTAL_CODE: Final = re.compile(r"\d{9}")


def professional_check(guide: Guide, context: CheckContext) -> MeaningTable:
    """All parts of the check of professional claims."""
    state = ProfessionalState()
    parts: Sequence[MeaningPart] = (
        ProfessionalCheck(context, state),
        ClaimDatesCheck(context, state),
        CoverageCheck(context, state),
        _ClaimEnd(context, state),
    )
    return MeaningTable(
        guide,
        parts,
        {"N4": AddressCheck(context).city},
        standing=lambda: (state.created_on, state.billing_has_npi),
    )


class ProfessionalCheck:
    """Follows the claims of a transaction and reports what does not agree."""

    def __init__(self, context: CheckContext, state: ProfessionalState) -> None:
        self._tell = context.tell
        self._report = context.report
        self._state = state

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {
            ("transaction", "transaction_start"): self._start,
            ("2010AA", "billing_name"): self._billing_name,
            ("2000B", "subscriber_level"): self._subscriber_level,
            ("2000B", "subscriber"): self._coverage,
            ("2010BA", "subscriber_name"): self._subscriber_name,
            ("2010BA", "subscriber_address"): self._subscriber_part,
            ("2010BA", "subscriber_city"): self._subscriber_part,
            ("2010BA", "subscriber_birth"): self._subscriber_part,
            ("2010BB", "payer_name"): self._subscriber_part,
            ("2010BB", "billing_number_at_payer"): self._subscriber_part,
            ("2000C", "patient_level"): self._patient_level,
            ("2300", "claim"): self._claim_start,
            ("2300", "payer_claim_control_number"): self._control_number,
            ("2300", "diagnoses"): self._diagnoses,
            ("2400", "line_number"): self._line_number,
            ("2400", "service"): self._service,
            ("2400", "line_control_number"): self._line_control_number,
        }

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {
            ("2010AA", "billing_address"): self._billing_address,
            ("2010AA", "billing_city"): self._long_postal_code,
            ("2010AA", "billing_tax_number"): self._tax_number,
            ("2010BA", "subscriber_social_security_number"): self._tax_number,
            ("2300", "claim_paperwork"): self._paperwork,
            ("2310C", "service_facility_city"): self._long_postal_code,
            ("2400", "line_paperwork"): self._paperwork,
            ("2420C", "line_facility_city"): self._long_postal_code,
        }

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """See `MeaningPart`."""
        return {"2300": self._claim_end, "2000B": self._subscriber_end, "2000C": self._patient_end}

    def _start(self, use: SegmentUse, segment: Segment) -> None:
        state = self._state
        state.created_on = segment.value(4)
        state.subscriber = state.claim = None
        state.born_on = state.died_on = ""

    def _billing_name(self, use: SegmentUse, segment: Segment) -> None:
        self._state.billing_has_npi = bool(segment.value(9))

    def _billing_address(self, use: SegmentUse, segment: Segment) -> None:
        if is_post_office_box(segment.value(1)):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "N301",
                "a post office box as the billing provider's address",
                "a street address; a box belongs in the pay-to address, loop 2010AB",
            )

    def _long_postal_code(self, use: SegmentUse, segment: Segment) -> None:
        is_domestic = segment.value(4) in ("", "US")
        code = segment.value(3)
        if is_domestic and code and _LONG_POSTAL_CODE.fullmatch(code) is None and len(code) == 5:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "N403",
                "a postal code without its last four digits",
                "all nine digits here",
                "look the ZIP+4 of the street up with the postal service",
            )

    def _tax_number(self, use: SegmentUse, segment: Segment) -> None:
        tell_unlike_tax_number(self._tell, use, segment)

    def _subscriber_level(self, use: SegmentUse, segment: Segment) -> None:
        self._state.subscriber = SeenSubscriber(segment)

    def _coverage(self, use: SegmentUse, segment: Segment) -> None:
        subscriber = self._state.subscriber
        if subscriber is not None:
            subscriber.coverage = segment
            subscriber.is_patient = segment.value(2) == _SELF

    def _subscriber_name(self, use: SegmentUse, segment: Segment) -> None:
        subscriber = self._state.subscriber
        is_person = segment.value(2) == _PERSON
        if is_person and not segment.value(9) and not segment.value(8):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "NM109",
                "a subscriber without a member number",
                "MI and the number on the member's card",
                "take the number from the card or from an eligibility answer (271)",
            )
        if subscriber is not None and subscriber.is_patient and segment.value(2) and not is_person:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "NM102",
                "an organization as subscriber and patient",
                "a person (1), or a patient level (2000C) below an organization's coverage",
            )

    def _subscriber_part(self, use: SegmentUse, segment: Segment) -> None:
        if self._state.subscriber is not None:
            self._state.subscriber.seen.add(use.name)

    def _patient_level(self, use: SegmentUse, segment: Segment) -> None:
        self._state.patient_has_claim = False
        subscriber = self._state.subscriber
        if subscriber is not None:
            subscriber.seen.add("patient")
            if subscriber.is_patient:
                self._tell(
                    ProblemKind.SITUATION,
                    use,
                    segment,
                    "HL03",
                    "a patient level below a subscriber who is the patient",
                    "no patient level where SBR02 says 18",
                )

    def _claim_start(self, use: SegmentUse, segment: Segment) -> None:
        self._report.claim_id = segment.value(1)
        charge = cents_or_none(segment.value(2))
        self._state.claim = SeenClaim(segment, charge, segment.value(5, 3))
        self._state.patient_has_claim = True
        if charge is not None and charge < 0:
            self._tell(ProblemKind.OUT_OF_RANGE, use, segment, "CLM02", "a negative charge", "zero or more")
        subscriber = self._state.subscriber
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
        if "claim" not in subscriber.seen:
            self._first_claim(subscriber)
        subscriber.seen.add("claim")

    def _first_claim(self, subscriber: SeenSubscriber) -> None:
        """What must have stood above a subscriber's first claim."""
        if subscriber.is_patient:
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
                        fix="add it from the patient's registration",
                    )
        has_other_number = "billing_number_at_payer" in subscriber.seen
        if "payer_name" in subscriber.seen and not self._state.billing_has_npi and not has_other_number:
            self._report.add(
                ProblemKind.SITUATION,
                subscriber.level,
                "a billing provider without an NPI, and without the payer's own number for it",
                "NM108 and NM109 in loop 2010AA, or REF*G2 in loop 2010BB for a provider that can have no NPI",
                loop_id="2010BB",
            )

    def _control_number(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is None:
            return
        claim.has_control_number = True
        if claim.frequency_code == _ORIGINAL:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "REF01",
                "the payer's claim number on an original claim",
                "frequency 7 or 8 in CLM05-3, or no REF*F8",
                "decide whether this replaces or voids a claim the payer has; an original names none",
            )

    def _paperwork(self, use: SegmentUse, segment: Segment) -> None:
        if segment.value(2) in _SENT_PAPERWORK and not segment.value(6):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "PWK06",
                "paperwork is on its way, and nothing says which",
                "AC in PWK05 and the attachment's control number in PWK06, the same as in the attachment (275)",
            )

    def _diagnoses(self, use: SegmentUse, segment: Segment) -> None:
        separator = segment.delimiters.component
        texts = segment.elements[1 : DIAGNOSES_MAX + 1]
        claim = self._state.claim
        if claim is not None:
            claim.diagnoses = segment
            claim.diagnosis_kinds = tuple([text.partition(separator)[0][:3] for text in texts])
            claim.diagnosis_count = len([text for text in texts if separator in text])
        if "." in segment.text:
            for position, text in enumerate(texts, start=1):
                if "." in text.partition(separator)[2]:
                    self._tell(
                        ProblemKind.WRONG_VALUE,
                        use,
                        segment,
                        f"HI{position:02d}-2",
                        "a diagnosis with its point",
                        "no point",
                    )

    def _line_number(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is None:
            return
        claim.line_count += 1
        claim.line_cents = None
        if segment.value(1) != str(claim.line_count):
            self._tell(
                ProblemKind.ORDER,
                use,
                segment,
                "LX01",
                "lines are not numbered one after another",
                str(claim.line_count),
            )

    def _service(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is None:
            return
        charge = claim.line_cents = cents_or_none(segment.value(2))
        if charge is None:
            claim.all_charges_read = False
        else:
            claim.lines_cents += charge
            if charge < 0:
                self._tell(
                    ProblemKind.OUT_OF_RANGE, use, segment, "SV102", "a negative charge", "zero or more"
                )
        elements = segment.elements
        if len(elements) > 4 and elements[4] != "1":
            units = number_or_none(elements[4])
            if units is not None and units <= 0:
                self._tell(
                    ProblemKind.OUT_OF_RANGE,
                    use,
                    segment,
                    "SV104",
                    "a service without units",
                    "more than zero",
                )
        if len(elements) > 7 and elements[7] != "1":
            self._pointers(use, segment, elements[7], claim.diagnosis_count)
        elif claim.diagnosis_count == 0:
            self._pointers(use, segment, segment.value(7), 0)

    def _pointers(self, use: SegmentUse, segment: Segment, text: str, diagnosis_count: int) -> None:
        for component, pointer in enumerate(text.split(segment.delimiters.component)[:POINTERS_MAX], start=1):
            if pointer.isdecimal() and not 1 <= int(pointer[:9]) <= diagnosis_count:
                self._tell(
                    ProblemKind.SITUATION,
                    use,
                    segment,
                    f"SV107-{component}",
                    f"points to diagnosis {int(pointer[:9])}, and the claim has {diagnosis_count}",
                    "the place of one of the claim's diagnoses",
                )

    def _line_control_number(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is None:
            return
        if segment.value(2) in claim.line_numbers:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "REF02",
                "two lines of the claim have one control number",
                "a number of its own for each line",
                "the payer answers by this number: make it of the claim's number and the line's",
            )
        claim.line_numbers.add(segment.value(2))

    def _claim_end(self) -> None:
        claim = self._state.claim
        if claim is None:
            return
        charge = claim.charge_cents
        if claim.all_charges_read and charge is not None and charge != claim.lines_cents:
            total, lines = plain_dollars(charge), plain_dollars(claim.lines_cents)
            self._tell_claim(
                ProblemKind.BALANCE,
                claim,
                "CLM02",
                f"the claim's charge is {total}, its lines add up to {lines}",
                lines,
                "correct the total, or the line (SV102) that is missing or wrong",
            )
        if claim.frequency_code in _CORRECTIONS and not claim.has_control_number:
            self._tell_claim(
                ProblemKind.SITUATION,
                claim,
                "CLM05-3",
                f"frequency {claim.frequency_code} without the payer's claim number",
                "REF*F8 with the number of the claim to replace or void, from its remittance",
                "take the number from CLP07 of the 835 that decided the claim, or send it as an original (1)",
            )
        if len(claim.claim.elements) > 11 and claim.claim.elements[11]:
            self._accident(claim)

    def _accident(self, claim: SeenClaim) -> None:
        causes = [claim.claim.value(11, component) for component in (1, 2, 3)]
        if (_AUTO_ACCIDENT in causes or _OTHER_ACCIDENT in causes) and not claim.accident_date:
            self._tell_claim(
                ProblemKind.SITUATION,
                claim,
                "CLM11",
                "an accident without its date",
                "DTP*439 with the day of the accident",
            )
        if _AUTO_ACCIDENT in causes and not claim.claim.value(11, 4) and not claim.claim.value(11, 5):
            self._tell_claim(
                ProblemKind.SITUATION,
                claim,
                "CLM11-4",
                "a car accident without the state where it happened",
                "the state in CLM11-4",
            )

    def _tell_claim(
        self, kind: ProblemKind, claim: SeenClaim, element: str, what: str, expected: str, fix: str = ""
    ) -> None:
        self._report.add(kind, claim.claim, what, expected, loop_id="2300", element=element, fix=fix)

    def _subscriber_end(self) -> None:
        subscriber, self._state.subscriber = self._state.subscriber, None
        if subscriber is not None and not subscriber.seen & {"claim", "patient"}:
            self._report.add(
                ProblemKind.MISSING_LOOP,
                subscriber.level,
                "a subscriber without a claim or a patient",
                "a claim (2300) or a patient level (2000C) below",
                loop_id="2000B",
            )

    def _patient_end(self) -> None:
        if not self._state.patient_has_claim and self._state.subscriber is not None:
            self._report.add(
                ProblemKind.MISSING_LOOP,
                self._state.subscriber.level,
                "a patient without a claim",
                "a claim (2300) below",
                loop_id="2000C",
            )


class _ClaimEnd:
    """The last part: when all others have looked at a claim's end, its codes are judged and it is forgotten."""

    def __init__(self, context: CheckContext, state: ProfessionalState) -> None:
        self._context = context
        self._state = state

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {}

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {}

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """See `MeaningPart`."""
        return {"2300": self._end}

    def _end(self) -> None:
        state = self._state
        claim, state.claim = state.claim, None
        if claim is not None:
            days = (claim.first_day or state.created_on, claim.last_day or state.created_on)
            other_days = {}
            if claim.other_payers:
                decided = (*claim.adjudicated_on[:8], *days, state.created_on)
                other_days = {"adjustment_reason": decided, "remark": decided}
            self._context.dating.settle(days if days[0] != days[1] else days[:1], other_days)
        self._context.report.claim_id = ""
