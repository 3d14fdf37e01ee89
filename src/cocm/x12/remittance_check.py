"""What a remittance must balance: each line, each claim, and the payment as a whole.

Source: the guide's section on balancing, in our words. A charge less all its adjustments is what was paid; the payments
of all claims less what was moved outside claims (PLB) is the amount of the payment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cocm.x12.guide_parts import Guide, Loop, SegmentUse
from cocm.x12.patterns import number_or_none
from cocm.x12.problem import ProblemKind, Report
from cocm.x12.tokens import Segment

_DEBIT: Final = "D"
_NOTHING: Final = Decimal(0)


@dataclass(slots=True)
class _Paid:
    """A claim or line with what was charged, adjusted and paid. `is_read` turns false where an amount is none."""

    segment: Segment
    charge: Decimal
    paid: Decimal
    adjusted: Decimal = _NOTHING
    is_read: bool = True

    @property
    def balance(self) -> Decimal:
        return self.charge - self.adjusted - self.paid


class RemittanceCheck:
    """Follows the claims of a payment and reports what does not add up."""

    def __init__(self, guide: Guide, report: Report) -> None:
        self._report = report
        self._payment: Segment | None = None
        self._claims_paid = self._moved = _NOTHING
        self._all_read = True
        self._claim: _Paid | None = None
        self._line: _Paid | None = None
        self._lines_charge = _NOTHING
        self._has_lines = False
        on_segment: dict[tuple[str, str], Callable[[SegmentUse, Segment], None]] = {
            ("transaction", "payment"): self._payment_start,
            ("transaction", "provider_adjustments"): self._provider_adjustments,
            ("transaction", "transaction_trailer"): self._payment_end,
            ("2100", "claim"): self._claim_start,
            ("2100", "claim_adjustments"): self._claim_adjustments,
            ("2110", "service"): self._line_start,
            ("2110", "service_adjustments"): self._line_adjustments,
        }
        self._on_segment = {guide.use(*place): check for place, check in on_segment.items()}

    def segment(self, use: SegmentUse, segment: Segment) -> None:
        """A segment in its place."""
        check = self._on_segment.get(use)
        if check is not None:
            check(use, segment)

    def closed(self, loop: Loop) -> None:
        """A loop has ended."""
        if loop.loop_id == "2110":
            self._line_end()
        elif loop.loop_id == "2100":
            self._claim_end()

    def _payment_start(self, use: SegmentUse, segment: Segment) -> None:
        self._payment = segment
        self._claims_paid = self._moved = _NOTHING
        self._all_read = True

    def _claim_start(self, use: SegmentUse, segment: Segment) -> None:
        self._report.claim_id = segment.value(1)
        self._claim = self._started(segment, segment.value(3), segment.value(4))
        self._lines_charge, self._has_lines = _NOTHING, False

    def _line_start(self, use: SegmentUse, segment: Segment) -> None:
        self._line = self._started(segment, segment.value(2), segment.value(3))
        self._lines_charge += self._line.charge
        self._has_lines = True

    def _claim_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        self._adjust(self._claim, segment)

    def _line_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        self._adjust(self._line, segment)
        self._adjust(self._claim, segment)

    def _provider_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        for position in range(4, len(segment.elements), 2):
            self._moved += self._amount(segment.value(position))

    def _line_end(self) -> None:
        line, self._line = self._line, None
        if line is not None and line.is_read and line.balance:
            self._tell(line, "2110", "SVC03", "the line's")
        if line is not None and not line.is_read and self._claim is not None:
            self._claim.is_read = False

    def _claim_end(self) -> None:
        claim, self._claim = self._claim, None
        if claim is None:
            return
        self._claims_paid += claim.paid
        if claim.is_read and claim.balance:
            self._tell(claim, "2100", "CLP04", "the claim's")
        if claim.is_read and self._has_lines and self._lines_charge != claim.charge:
            what = f"the claim's charge is {claim.charge}, its lines add up to {self._lines_charge}"
            self._report.add(
                ProblemKind.BALANCE,
                claim.segment,
                what,
                str(self._lines_charge),
                loop_id="2100",
                element="CLP03",
            )
        self._report.claim_id = ""

    def _payment_end(self, use: SegmentUse, segment: Segment) -> None:
        payment, self._payment = self._payment, None
        if payment is None:
            return
        amount = self._amount(payment.value(2))
        if payment.value(3) == _DEBIT:
            amount = -amount
        expected = self._claims_paid - self._moved
        if self._all_read and amount != expected:
            what = (
                f"the payment is {amount}; its claims were paid {self._claims_paid}, "
                f"and {self._moved} was moved outside claims"
            )
            self._report.add(
                ProblemKind.BALANCE, payment, what, str(expected), loop_id="transaction", element="BPR02"
            )

    def _started(self, segment: Segment, charge: str, paid: str) -> _Paid:
        read_charge, read_paid = number_or_none(charge), number_or_none(paid)
        is_read = read_charge is not None and read_paid is not None
        self._all_read = self._all_read and is_read
        return _Paid(segment, read_charge or _NOTHING, read_paid or _NOTHING, is_read=is_read)

    def _adjust(self, paid: _Paid | None, segment: Segment) -> None:
        if paid is None:
            return
        for position in range(3, len(segment.elements), 3):
            text = segment.value(position)
            amount = number_or_none(text)
            if amount is None and text:
                paid.is_read = False
            paid.adjusted += amount or _NOTHING

    def _amount(self, text: str) -> Decimal:
        amount = number_or_none(text)
        if amount is None:
            self._all_read = False
        return amount or _NOTHING

    def _tell(self, paid: _Paid, loop_id: str, element: str, whose: str) -> None:
        expected = paid.charge - paid.adjusted
        what = f"{whose} charge {paid.charge} less adjustments of {paid.adjusted} is not the {paid.paid} paid"
        self._report.add(
            ProblemKind.BALANCE, paid.segment, what, str(expected), loop_id=loop_id, element=element
        )
