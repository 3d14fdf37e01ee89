"""What a plan has decided of a member, held in memory while a file's claims are decided one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from cocm.basics.records import maker, quickly_made
from cocm.care.records import ClaimStatus
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.records import Accumulator

STATUSES = {
    Answer.PAID: ClaimStatus.PAID,
    Answer.DENIED: ClaimStatus.DENIED,
    Answer.PENDED: ClaimStatus.ACCEPTED,
    Answer.FORWARDED: ClaimStatus.REJECTED,
    Answer.REVERSED: ClaimStatus.VOIDED,
}
_decided_line = maker(DecidedLine)
_DOT: Final = "."


@quickly_made
@dataclass(frozen=True, slots=True)
class KeptDecision:
    """A decided claim as the state holds it. `claim.is_reversed` is as it was when it was read."""

    answer: Answer
    claim: DecidedClaim


class MemberFile:
    """A member's claims, oldest first. It answers as `PlanState` would once all that was added is recorded."""

    __slots__ = ("_added", "_history", "_kept", "_read", "_taken_back")

    def __init__(self, kept: Callable[[], Iterable[KeptDecision]] = tuple) -> None:
        """`kept` reads what was decided before, when it is first asked for."""
        self._read: Callable[[], Iterable[KeptDecision]] | None = kept
        self._kept: list[KeptDecision] = []
        self._added: list[ClaimDecisionMade] = []
        self._taken_back: set[str] = set()
        self._history: tuple[DecidedLine, ...] | None = None

    def add(self, decision: ClaimDecisionMade) -> None:
        """A claim that was decided now."""
        self._added.append(decision)
        self._history = None

    def history(self) -> tuple[DecidedLine, ...]:
        """Every line decided; those of claims taken back are voided."""
        self._take_in()
        if self._history is None:
            self._history = tuple(
                [
                    _voided(line) if one.claim.claim_number in self._taken_back else line
                    for one in self._kept
                    for line in one.claim.lines
                ]
            )
        return self._history

    def met(self, year: int, opening: Accumulator, without: str = "") -> Accumulator:
        """What was met in a year: the opening amounts and the claims that stand, except the one named."""
        self._take_in()
        deductible = share = 0
        for one in self._kept:
            claim = one.claim
            number = claim.claim_number
            if (
                one.answer is Answer.PAID
                and claim.year == year
                and number != without
                and number not in self._taken_back
            ):
                for line in claim.lines:
                    deductible += line.deductible_cents
                    share += line.member_share_cents
        return opening.plus(deductible, share) if deductible or share else opening

    def find_claim(self, claim_number: str) -> DecidedClaim | None:
        """A claim that was paid or denied, by the plan's own number."""
        self._take_in()
        for one in self._kept:
            claim = one.claim
            if claim.claim_number == claim_number and one.answer in (Answer.PAID, Answer.DENIED):
                return _claim(claim, claim_number in self._taken_back)
        return None

    def find_corrected(self, control_number: str) -> DecidedClaim | None:
        """The claim that a sender means by a control number: the decision that stands, where it was decided again."""
        named = self.find_claim(control_number)
        if named is not None and not named.is_reversed:
            return named
        root = root_of(control_number)
        for one in reversed(self._kept):
            number = one.claim.claim_number
            if root_of(number) == root and number not in self._taken_back:
                found = self.find_claim(number)
                if found is not None:
                    return found
        return named

    def _take_in(self) -> None:
        """Read what was decided before; make of what was added what the state will hold."""
        if self._read is not None:
            self._kept.extend(self._read())
            self._taken_back = {one.claim.claim_number for one in self._kept if one.claim.is_reversed}
            self._read = None
        for decision in self._added:
            self._kept.append(KeptDecision(decision.answer, decided_claim(decision)))
            number = taken_back_by(decision)
            if number is not None:
                self._taken_back.add(number)
        self._added.clear()


def root_of(claim_number: str) -> str:
    """A claim's own number: what stands before the dot."""
    return claim_number.partition(_DOT)[0]


def taken_back_by(decision: ClaimDecisionMade) -> str | None:
    """The plan's number of the claim that a decision takes back, or decides at last."""
    reversed_number = "" if decision.reversal is None else decision.reversal.claim_number
    return decision.settles or reversed_number or None


def year_of(decision: ClaimDecisionMade) -> int:
    """The calendar year whose deductible a claim counts towards."""
    return min([line.service_to_date for line in decision.record.lines]).year


def decided_claim(decision: ClaimDecisionMade) -> DecidedClaim:
    """A decision as later claims need it."""
    record = decision.record
    return DecidedClaim(
        claim_number=decision.claim_number,
        claim_id=record.claim_id,
        year=decision.year if decision.lines else year_of(decision),
        claim_filing_code=record.claim_filing_code,
        place_of_service_code=record.place_of_service_code,
        frequency_code=record.frequency_code,
        billing_npi=record.billing.identifier,
        is_reversed=False,
        lines=tuple([decided_line(decision, line) for line in decision.lines]),
    )


def decided_line(decision: ClaimDecisionMade, made: LineDecision) -> DecidedLine:
    """A line's decision as later claims need it."""
    record, line, share = decision.record, made.line, made.share
    rendering = line.rendering or record.rendering
    answer = Answer.PENDED if decision.answer is Answer.PENDED else made.answer
    return _decided_line(
        decision.claim_number,
        record.claim_id,
        line.claim_line_number,
        line.line_control_number,
        line.service_from_date,
        line.service_to_date,
        line.hcpcs_code,
        line.modifiers,
        int(line.service_unit_quantity),
        record.billing.identifier,
        record.billing.tin,
        "" if rendering is None else rendering.identifier,
        record.frequency_code,
        STATUSES[answer],
        line.charge_amount_cents,
        made.allowed_amount_cents,
        made.paid_amount_cents,
        share.deductible_cents,
        share.total_cents,
        made.adjustments,
        made.remark_codes,
    )


def _voided(line: DecidedLine) -> DecidedLine:
    """The line of a claim that was taken back."""
    return _decided_line(
        line.claim_number,
        line.claim_id,
        line.claim_line_number,
        line.line_control_number,
        line.service_from_date,
        line.service_to_date,
        line.hcpcs_code,
        line.modifiers,
        line.service_unit_quantity,
        line.billing_npi,
        line.billing_tin,
        line.rendering_npi,
        line.frequency_code,
        ClaimStatus.VOIDED,
        line.charge_amount_cents,
        line.allowed_amount_cents,
        line.paid_amount_cents,
        line.deductible_cents,
        line.member_share_cents,
        line.adjustments,
        line.remark_codes,
    )


def _claim(claim: DecidedClaim, is_reversed: bool) -> DecidedClaim:
    """The claim as it stands now."""
    return DecidedClaim(
        claim.claim_number,
        claim.claim_id,
        claim.year,
        claim.claim_filing_code,
        claim.place_of_service_code,
        claim.frequency_code,
        claim.billing_npi,
        is_reversed,
        claim.lines,
    )
