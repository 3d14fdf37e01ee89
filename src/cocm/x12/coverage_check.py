"""Who pays before and after: payer order, classes, and what other payers decided, balanced against the charge.

Source: the guide's section on coordination of benefits and its notes to SBR, CAS, AMT, SVD and the adjudication date,
in our words. A line's charge is what the other payer paid on it and its adjustments; a claim's charge is what that
payer paid in all, its adjustments of the claim, and those of its lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from cocm.basics.money import plain_dollars
from cocm.x12.guide_parts import SegmentUse
from cocm.x12.meaning import CheckContext, OnClose, OnSegment, cents_or_none
from cocm.x12.problem import ProblemKind
from cocm.x12.professional_state import ProfessionalState, SeenClaim, SeenLineDecision, SeenOtherPayer
from cocm.x12.tokens import Segment

_PRIMARY: Final = "P"
_UNKNOWN_ORDER: Final = "U"
_LATER: Final = ("S", "T")
_MEDICARE: Final = ("MA", "MB")
_ADJUSTMENTS_AT: Final = range(3, 19, 3)


class CoverageCheck:
    """Follows the coverages of a claim."""

    def __init__(self, context: CheckContext, state: ProfessionalState) -> None:
        self._tell = context.tell
        self._report = context.report
        self._state = state
        self._decision: SeenLineDecision | None = None
        self._decision_payer = ""

    @property
    def segments(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {
            ("2000C", "patient_level"): self._patient_level,
            ("2320", "other_coverage"): self._other_coverage,
            ("2320", "claim_adjustments"): self._claim_adjustments,
            ("2320", "payer_paid"): self._payer_paid,
            ("2330B", "other_payer_name"): self._other_payer_name,
            ("2330B", "adjudication_date"): self._adjudication_date,
            ("2430", "line_adjudication"): self._line_decision,
            ("2430", "line_adjustments"): self._line_adjustments,
            ("2430", "line_adjudication_date"): self._line_adjudication_date,
        }

    @property
    def texts(self) -> Mapping[tuple[str, str], OnSegment]:
        """See `MeaningPart`."""
        return {
            ("2000B", "subscriber"): self._coverage,
            ("2320", "other_coverage"): self._coverage,
        }

    @property
    def closes(self) -> Mapping[str, OnClose]:
        """See `MeaningPart`."""
        return {"2400": self._line_end, "2300": self._claim_end}

    def _coverage(self, use: SegmentUse, segment: Segment) -> None:
        """The coverage the claim is sent to, or another one (the same segment in another loop)."""
        sequence, insurance_type, filing = segment.value(1), segment.value(5), segment.value(9)
        if not filing:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "SBR09",
                "a coverage without its class",
                "the payer's class: MB, MC, CI …",
                "set the claim filing code in the payer's profile",
            )
        if insurance_type and sequence == _PRIMARY:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "SBR05",
                "a reason why Medicare pays second on a coverage that pays first",
                "nothing here where SBR01 is P",
            )
        elif filing in _MEDICARE and sequence in _LATER and not insurance_type:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "SBR05",
                "Medicare pays later, and nothing says why",
                "the reason (12 working aged, 13 kidney disease, 43 disabled …)",
                "take the reason from the Medicare secondary payer questionnaire",
            )

    def _patient_level(self, use: SegmentUse, segment: Segment) -> None:
        subscriber = self._state.subscriber
        coverage = subscriber.coverage if subscriber is not None else None
        if coverage is not None and coverage.value(9) in _MEDICARE:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "HL03",
                "a dependent under Medicare, which insures each person alone",
                "18 in SBR02 and no patient level",
                "send the patient as the subscriber, under the patient's own Medicare number",
            )

    def _other_coverage(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is None:
            return
        sequence = segment.value(1)
        subscriber = self._state.subscriber
        own = subscriber.coverage if subscriber is not None else None
        taken = [one.coverage.value(1) for one in claim.other_payers] + ([own.value(1)] if own else [])
        if sequence and sequence != _UNKNOWN_ORDER and sequence in taken:
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "SBR01",
                f"two coverages are both {sequence} in the order of payment",
                "each place in the order once",
                "ask the patient which coverage pays first, and number them P, S, T",
            )
        claim.other_payers.append(SeenOtherPayer(segment))

    def _claim_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        payer = self._payer()
        if payer is not None:
            payer.has_adjustments = True
            cents = _adjusted(segment)
            payer.is_read = payer.is_read and cents is not None
            payer.adjusted_cents += cents or 0

    def _payer_paid(self, use: SegmentUse, segment: Segment) -> None:
        payer = self._payer()
        if payer is not None:
            payer.paid = segment
            payer.paid_cents = cents_or_none(segment.value(2))

    def _other_payer_name(self, use: SegmentUse, segment: Segment) -> None:
        payer = self._payer()
        if payer is not None:
            payer.identifier = segment.value(9)

    def _adjudication_date(self, use: SegmentUse, segment: Segment) -> None:
        payer = self._payer()
        if payer is not None and self._state.claim is not None:
            payer.has_date = True
            self._state.claim.adjudicated_on.append(segment.value(3))

    def _payer(self) -> SeenOtherPayer | None:
        claim = self._state.claim
        return claim.other_payers[-1] if claim is not None and claim.other_payers else None

    def _line_decision(self, use: SegmentUse, segment: Segment) -> None:
        self._decision = None
        claim = self._state.claim
        if claim is None:
            return
        payer, paid = segment.value(1), cents_or_none(segment.value(2))
        if payer and all(one.identifier != payer for one in claim.other_payers):
            self._tell(
                ProblemKind.SITUATION,
                use,
                segment,
                "SVD01",
                "a decision of a payer that the claim does not name",
                "the identifier of one of its other payers (NM109 in loop 2330B)",
            )
        decision = claim.line_decisions.get(payer)
        if decision is None:
            decision = claim.line_decisions[payer] = SeenLineDecision(segment, 0)
            claim.decided_lines[payer] = claim.decided_lines.get(payer, 0) + 1
        decision.paid_cents += paid or 0
        decision.is_read = decision.is_read and paid is not None
        decision.is_bundled = decision.is_bundled or bool(segment.value(6))
        self._decision, self._decision_payer = decision, payer

    def _line_adjustments(self, use: SegmentUse, segment: Segment) -> None:
        decision, claim = self._decision, self._state.claim
        if decision is None or claim is None:
            return
        cents = _adjusted(segment)
        decision.is_read = decision.is_read and cents is not None
        decision.adjusted_cents += cents or 0
        payer = self._decision_payer
        claim.decided_cents[payer] = claim.decided_cents.get(payer, 0) + (cents or 0)

    def _line_adjudication_date(self, use: SegmentUse, segment: Segment) -> None:
        claim = self._state.claim
        if claim is not None and segment.value(3) not in claim.adjudicated_on:
            claim.adjudicated_on.append(segment.value(3))

    def _line_end(self) -> None:
        """What each other payer paid on the line and took off it is the line's charge."""
        claim = self._state.claim
        if claim is None or not claim.line_decisions:
            return
        decisions, claim.line_decisions = claim.line_decisions, {}
        self._decision = None
        for payer, decision in decisions.items():
            is_whole = decision.is_read and claim.line_cents is not None
            if not decision.is_read:
                for other in claim.other_payers:
                    other.is_read = other.is_read and other.identifier != payer
            if not is_whole or decision.is_bundled or claim.line_cents is None:
                continue
            rest = claim.line_cents - decision.adjusted_cents
            if decision.paid_cents != rest:
                self._report.add(
                    ProblemKind.BALANCE,
                    decision.service,
                    f"the line's charge {plain_dollars(claim.line_cents)} less adjustments of "
                    f"{plain_dollars(decision.adjusted_cents)} is not the {plain_dollars(decision.paid_cents)} "
                    "that the other payer paid",
                    plain_dollars(rest),
                    loop_id="2430",
                    element="SVD02",
                    fix="take paid amount and adjustments of the line from the other payer's 835",
                )

    def _claim_end(self) -> None:
        claim = self._state.claim
        if claim is None:
            return
        subscriber = self._state.subscriber
        coverage = subscriber.coverage if subscriber is not None else None
        if not claim.other_payers:
            if coverage is not None and coverage.value(1) not in ("", _PRIMARY, _UNKNOWN_ORDER):
                self._report.add(
                    ProblemKind.SITUATION,
                    claim.claim,
                    "a claim to a later payer without the coverage before it",
                    "loop 2320 for each other coverage",
                    loop_id="2320",
                    fix="add the earlier payer with its decision from its 835, or say P in SBR01",
                )
            return
        named = {payer.identifier for payer in claim.other_payers}
        all_named = claim.decided_lines.keys() <= named
        for payer in claim.other_payers:
            payer.is_read = (
                payer.is_read and all_named
            )  # a line's decision without its payer was told already
            self._payer_end(claim, payer)

    def _payer_end(self, claim: SeenClaim, payer: SeenOtherPayer) -> None:
        has_decided = payer.has_adjustments or payer.paid is not None
        has_lines = payer.identifier in claim.decided_lines
        if has_decided and not payer.has_date and not has_lines:
            self._report.add(
                ProblemKind.SITUATION,
                payer.coverage,
                "another payer's decision without its day",
                "DTP*573 in loop 2330B, or each line's decision in loop 2430",
                loop_id="2330B",
                fix="take the day from BPR16 of the other payer's 835",
            )
        if payer.paid is None or payer.paid_cents is None or not payer.is_read or claim.charge_cents is None:
            return
        adjusted = payer.adjusted_cents + claim.decided_cents.get(payer.identifier, 0)
        rest = claim.charge_cents - adjusted
        if payer.paid_cents != rest:
            self._report.add(
                ProblemKind.BALANCE,
                payer.paid,
                f"the claim's charge {plain_dollars(claim.charge_cents)} less adjustments of "
                f"{plain_dollars(adjusted)} is not the {plain_dollars(payer.paid_cents)} that the other payer paid",
                plain_dollars(rest),
                loop_id="2320",
                element="AMT02",
                fix="take paid amount and all adjustments from the other payer's 835",
            )


def _adjusted(segment: Segment) -> int | None:
    """The sum of a CAS segment's amounts; None where one is none."""
    total = 0
    for position in _ADJUSTMENTS_AT:
        if position >= len(segment.elements):
            break
        text = segment.elements[position]
        if text:
            cents = cents_or_none(text)
            if cents is None:
                return None
            total += cents
    return total
