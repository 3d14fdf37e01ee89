"""What a remittance must balance: each line, each claim, and the payment as a whole; and what belongs to what.

Source: the guide's section on balancing and its notes to BPR, CLP05, TS3 and DTM, in our words. A charge less all its
adjustments is what was paid; the payments of all claims less what was moved outside claims (PLB) is the amount of the
payment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cocm.basics.money import plain_dollars
from cocm.x12.address_check import AddressCheck
from cocm.x12.claim_dates_check import is_day
from cocm.x12.guide_parts import Guide, SegmentUse
from cocm.x12.meaning import CheckContext, MeaningTable, OnClose, OnSegment, cents_or_none
from cocm.x12.problem import ProblemKind
from cocm.x12.tokens import Segment

_DEBIT: Final = "D"
_NO_PAYMENT: Final = "NON"
_BANK_METHODS: Final = ("ACH", "BOP", "FWT")
_BANK_ELEMENTS: Final = (6, 7, 8, 9, 10, 12, 13, 14, 15)
_PATIENT: Final = "PR"
_FIRST_DAY, _LAST_DAY, _ONE_DAY = "150", "151", "472"
_STATEMENT_FROM, _STATEMENT_TO = "232", "233"
_DAYS_KEPT_MAX: Final = 8


def remittance_check(guide: Guide, context: CheckContext) -> MeaningTable:
    """The check of remittances."""
    return MeaningTable(guide, (RemittanceCheck(context),), {"N4": AddressCheck(context).city})


@dataclass(slots=True)
class _Paid:
    """A claim or line with what was charged, adjusted and paid, in cents. `is_read` is false where one is none."""

    segment: Segment
    charge: int
    paid: int
    adjusted: int = 0
    patient_adjusted: int = 0
    is_read: bool = True
    days: str = ""

    @property
    def balance(self) -> int:
        return self.charge - self.adjusted - self.paid


@dataclass(slots=True)
class _Summary:
    """A provider's summary of a group of claims (TS3), against what the group holds."""

    segment: Segment
    claim_count: int = 0
    charge: int = 0
    is_read: bool = True


class RemittanceCheck:
    """Follows the claims of a payment and reports what does not add up."""

    def __init__(self, context: CheckContext) -> None:
        self._context = context
        self._report = context.report
        self._tell = context.tell
        self._payment: Segment | None = None
        self._claims_paid = self._moved = 0
        self._all_read = True
        self._claim: _Paid | None = None
        self._line: _Paid | None = None
        self._lines_charge = 0
        self._has_lines = False
        self._undated_line: Segment | None = None
        self._summary: _Summary | None = None
        self._payment_days: tuple[str, ...] = ()
        self._claim_days: list[str] = []
        self._statement_from = ""

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {
            ("transaction", "payment"): self._payment_start,
            ("transaction", "production_date"): self._production_date,
            ("transaction", "provider_adjustments"): self._provider_adjustments,
            ("transaction", "transaction_trailer"): self._payment_end,
            ("2000", "provider_summary"): self._summary_start,
            ("2100", "claim"): self._claim_start,
            ("2100", "claim_adjustments"): self._claim_adjustments,
            ("2100", "statement_date"): self._statement_date,
            ("2110", "service"): self._line_start,
            ("2110", "service_date"): self._line_date,
            ("2110", "service_adjustments"): self._line_adjustments,
        }

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {}

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """See `MeaningPart`."""
        return {"2110": self._line_end, "2100": self._claim_end, "2000": self._summary_end}

    def _payment_start(self, use: SegmentUse, segment: Segment) -> None:
        self._payment = segment
        self._claims_paid = self._moved = 0
        self._all_read = True
        self._payment_days = (segment.value(16),)
        method = segment.value(4)
        amount = cents_or_none(segment.value(2))
        if method == _NO_PAYMENT and amount:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "BPR04",
                "money without a way of payment",
                "NON only where BPR02 is zero",
            )
        if method in _BANK_METHODS:
            for position in _BANK_ELEMENTS:
                if not segment.value(position):
                    self._tell(
                        ProblemKind.SITUATION,
                        use,
                        segment,
                        f"BPR{position:02d}",
                        f"a transfer ({method}) without all its bank details",
                        "both banks, both accounts and the payer's company number",
                    )

    def _production_date(self, use: SegmentUse, segment: Segment) -> None:
        self._payment_days = (*self._payment_days[:1], segment.value(2))

    def _summary_start(self, use: SegmentUse, segment: Segment) -> None:
        self._summary = _Summary(segment)

    def _summary_end(self) -> None:
        summary, self._summary = self._summary, None
        if summary is None:
            return
        count, charge = summary.segment.value(4), cents_or_none(summary.segment.value(5))
        if count.isdecimal() and int(count[:9]) != summary.claim_count:
            self._report.add(
                ProblemKind.COUNT,
                summary.segment,
                f"the summary counts {int(count[:9])} claims",
                str(summary.claim_count),
                loop_id="2000",
                element="TS304",
            )
        if charge is not None and summary.is_read and charge != summary.charge:
            self._report.add(
                ProblemKind.BALANCE,
                summary.segment,
                f"the summary charges {plain_dollars(charge)}, its claims add up to {plain_dollars(summary.charge)}",
                plain_dollars(summary.charge),
                loop_id="2000",
                element="TS305",
            )

    def _claim_start(self, use: SegmentUse, segment: Segment) -> None:
        self._report.claim_id = segment.value(1)
        self._claim = self._started(segment, segment.value(3), segment.value(4))
        self._lines_charge, self._has_lines = 0, False
        self._undated_line, self._claim_days, self._statement_from = None, [], ""
        summary = self._summary
        if summary is not None:
            summary.claim_count += 1
            summary.charge += self._claim.charge
            summary.is_read = summary.is_read and self._claim.is_read

    def _line_start(self, use: SegmentUse, segment: Segment) -> None:
        self._line = self._started(segment, segment.value(2), segment.value(3))
        self._lines_charge += self._line.charge
        self._has_lines = True

    def _statement_date(self, use: SegmentUse, segment: Segment) -> None:
        self._keep_day(segment.value(2))
        if segment.value(1) == _STATEMENT_FROM:
            self._statement_from = segment.value(2)
        elif is_day(segment.value(2)) and segment.value(2) < self._statement_from:
            self._tell_reversed(use, segment)

    def _line_date(self, use: SegmentUse, segment: Segment) -> None:
        self._keep_day(segment.value(2))
        line = self._line
        if line is None:
            return
        kind = segment.value(1)
        if kind == _LAST_DAY and line.days and line.days[:8] > segment.value(2) and is_day(segment.value(2)):
            self._tell_reversed(use, segment)
        line.days += segment.value(2)[:8] if kind == _FIRST_DAY or not line.days else " "

    def _tell_reversed(self, use: SegmentUse, segment: Segment) -> None:
        self._tell(
            ProblemKind.WRONG_VALUE,
            use,
            segment,
            "DTM02",
            "a period that ends before it begins",
            "its dates in order",
        )

    def _keep_day(self, day: str) -> None:
        if len(self._claim_days) < _DAYS_KEPT_MAX and day not in self._claim_days:
            self._claim_days.append(day)

    def _claim_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        self._adjust(self._claim, segment)

    def _line_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        self._adjust(self._line, segment)
        self._adjust(self._claim, segment)

    def _provider_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        for position in range(4, len(segment.elements), 2):
            text = segment.elements[position]
            if text:
                self._moved += self._amount(text)

    def _line_end(self) -> None:
        line, self._line = self._line, None
        if line is None:
            return
        if not line.days and self._undated_line is None:
            self._undated_line = line.segment
        if line.is_read and line.balance:
            self._tell_balance(line, "2110", "SVC03", "the line's")
        if not line.is_read and self._claim is not None:
            self._claim.is_read = False

    def _claim_end(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        self._claims_paid += claim.paid
        if claim.is_read and claim.balance:
            self._tell_balance(claim, "2100", "CLP04", "the claim's")
        if claim.is_read and self._has_lines and self._lines_charge != claim.charge:
            self._report.add(
                ProblemKind.BALANCE,
                claim.segment,
                f"the claim's charge is {plain_dollars(claim.charge)}, its lines add up to "
                f"{plain_dollars(self._lines_charge)}",
                plain_dollars(self._lines_charge),
                loop_id="2100",
                element="CLP03",
            )
        share = claim.segment.value(5)
        share_cents = cents_or_none(share) if share else None
        if claim.is_read and share_cents is not None and share_cents != claim.patient_adjusted:
            self._report.add(
                ProblemKind.BALANCE,
                claim.segment,
                f"the patient's share is {plain_dollars(share_cents)}, the adjustments of group {_PATIENT} add up to "
                f"{plain_dollars(claim.patient_adjusted)}",
                plain_dollars(claim.patient_adjusted),
                loop_id="2100",
                element="CLP05",
                fix="ask the payer: what the patient owes must be told line by line as PR",
            )
        if self._undated_line is not None and not self._statement_from:
            self._report.add(
                ProblemKind.SITUATION,
                self._undated_line,
                "a line without its day, in a claim without its own",
                "DTM*472 in loop 2110, or DTM*232 in loop 2100",
                loop_id="2110",
            )
        self._context.dating.settle((*self._payment_days, *self._claim_days), {})
        self._report.claim_id = ""

    def _payment_end(self, use: SegmentUse, segment: Segment) -> None:
        payment, self._payment = self._payment, None
        if payment is None:
            return
        self._context.dating.settle(self._payment_days, {})
        amount = self._amount(payment.value(2))
        if payment.value(3) == _DEBIT:
            amount = -amount
        expected = self._claims_paid - self._moved
        if self._all_read and amount != expected:
            self._report.add(
                ProblemKind.BALANCE,
                payment,
                f"the payment is {plain_dollars(amount)}; its claims were paid {plain_dollars(self._claims_paid)}, "
                f"and {plain_dollars(self._moved)} was moved outside claims",
                plain_dollars(expected),
                loop_id="transaction",
                element="BPR02",
                fix="do not post; ask the payer which claim or provider adjustment (PLB) is missing",
            )

    def _started(self, segment: Segment, charge: str, paid: str) -> _Paid:
        read_charge, read_paid = cents_or_none(charge), cents_or_none(paid)
        is_read = read_charge is not None and read_paid is not None
        self._all_read = self._all_read and is_read
        return _Paid(segment, read_charge or 0, read_paid or 0, is_read=is_read)

    def _adjust(self, paid: _Paid | None, segment: Segment) -> None:
        if paid is None:
            return
        elements = segment.elements
        is_patient = len(elements) > 1 and elements[1] == _PATIENT
        for position in range(3, min(len(elements), 19), 3):
            text = elements[position]
            if not text:
                continue
            amount = cents_or_none(text)
            if amount is None:
                paid.is_read = False
                continue
            paid.adjusted += amount
            if is_patient:
                paid.patient_adjusted += amount

    def _amount(self, text: str) -> int:
        amount = cents_or_none(text)
        if amount is None:
            self._all_read = False
        return amount or 0

    def _tell_balance(self, paid: _Paid, loop_id: str, element: str, whose: str) -> None:
        rest = plain_dollars(paid.charge - paid.adjusted)
        self._report.add(
            ProblemKind.BALANCE,
            paid.segment,
            f"{whose} charge {plain_dollars(paid.charge)} less adjustments of {plain_dollars(paid.adjusted)} "
            f"is not the {plain_dollars(paid.paid)} paid",
            rest,
            loop_id=loop_id,
            element=element,
            fix="post nothing by hand to even it out; ask the payer for a corrected remittance",
        )
