"""Decides claims of a member's year again and replays what was met from the first of them on.

The claims that stand are gone through in the order in which they were first decided. From the first changed one on, a
paid claim whose member's share comes out otherwise is restated too: taken back and paid anew. A claim that today's
rules would decide otherwise for any other reason is left as it is and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from cocm.care.records import ClaimStatus
from cocm.plan.decision import Answer, ClaimDecisionMade, LineDecision, Review
from cocm.plan.history import DecidedClaim, DecidedLine
from cocm.plan.line_decision import number_of
from cocm.plan.records import Accumulator, MemberKey
from cocm.plandesk.case_file import CaseFile, Settled
from cocm.plandesk.desk_tables import KeptClaim, claims_of_member
from cocm.plandesk.member_file import root_of

WITHDRAWN: Final = ".0"
"""What the number of a mark ends in by which a pended claim is withdrawn that itself takes another one back."""
RESTATED: Final = "restate"
RESTATED_WHY: Final = (
    "an earlier claim of the member was corrected, so that the share of this one was worked out again."
)


@dataclass(frozen=True, slots=True)
class Change:
    """A claim to be decided again: what a person settled of it, and the review that its trace tells."""

    claim: KeptClaim
    settled: Settled
    review: Review


@dataclass(frozen=True, slots=True)
class Made:
    """A decision beside the one it takes back. `earlier_lines` are those of the earlier one, as they were decided; none
    where nothing was decided before.
    """

    claim: KeptClaim
    decision: ClaimDecisionMade
    earlier_lines: tuple[DecidedLine, ...]

    @property
    def is_correction(self) -> bool:
        """Whether the plan sets its own decision right; what the sender corrected had only waited."""
        return self.claim.answer is not Answer.PENDED

    @property
    def is_restated(self) -> bool:
        """Whether only the member's share changed, by another claim's correction."""
        return self.decision.review is not None and self.decision.review.action == RESTATED

    @property
    def paid_before_cents(self) -> int:
        """What was paid by the earlier decision."""
        return sum(line.paid_amount_cents for line in self.earlier_lines if line.status is ClaimStatus.PAID)

    @property
    def share_before_cents(self) -> int:
        """What the member owed by the earlier decision."""
        return sum(line.member_share_cents for line in self.earlier_lines)

    @property
    def refund_cents(self) -> int:
        """What the member was told to owe above the right share."""
        return max(0, self.share_before_cents - self.decision.member_share_cents)


@dataclass(frozen=True, slots=True)
class Restatement:
    """What came of a member's year. `unchanged` come out as they were; `waiting` cannot be decided yet; `left` are
    claims after a changed one that today's rules would decide otherwise, for a person to look at.
    """

    made: tuple[Made, ...]
    unchanged: tuple[KeptClaim, ...]
    waiting: tuple[tuple[KeptClaim, ClaimDecisionMade], ...]
    left: tuple[KeptClaim, ...]


def restate(file: CaseFile, changes: Iterable[Change], batch_sha256: str) -> Restatement:
    """Decide the changed claims again, each member's year in order, and record what comes out otherwise in the state.

    Nothing is committed here.
    """
    by_year: dict[tuple[MemberKey | None, int], dict[str, Change]] = {}
    for change in changes:
        key = (change.claim.member, change.claim.year)
        by_year.setdefault(key, {})[root_of(change.claim.claim_number)] = change
    found = [_Year(file, member, year, own, batch_sha256).run() for (member, year), own in by_year.items()]
    return Restatement(
        tuple(made for one in found for made in one.made),
        tuple(claim for one in found for claim in one.unchanged),
        tuple(pair for one in found for pair in one.waiting),
        tuple(claim for one in found for claim in one.left),
    )


class _Year:
    """One member's year, gone through once."""

    def __init__(
        self,
        file: CaseFile,
        member: MemberKey | None,
        year: int,
        changes: Mapping[str, Change],
        batch_sha256: str,
    ) -> None:
        self._file, self._member, self._year = file, member, year
        self._changes, self._batch = changes, batch_sha256
        if member is None:
            claims: Iterable[KeptClaim] = [change.claim for change in changes.values()]
        else:
            claims = (one for one in claims_of_member(file.state, member) if one.year == year)
        self._standing = in_order(claims)
        self._made: list[Made] = []
        self._unchanged: list[KeptClaim] = []
        self._waiting: list[tuple[KeptClaim, ClaimDecisionMade]] = []
        self._left: list[KeptClaim] = []

    def run(self) -> Restatement:
        """What comes out otherwise, in order."""
        file, member = self._file, self._member
        met = Accumulator() if member is None else file.opening(member, self._year)
        lines = self._lines()
        for root, claim in self._standing.items():
            earlier = lines.get(claim.claim_number, ())
            decision = None
            if root in self._changes:
                decision = self._changed(self._changes[root], met, earlier)
            elif self._made and claim.answer is Answer.PAID:
                decision = self._replayed(claim, met, earlier)
            if decision is not None:
                self._record(claim, decision, earlier)
                met = met.plus(decision.deductible_cents, decision.member_share_cents)
            elif claim.answer is Answer.PAID:
                met = met.plus(
                    sum(line.deductible_cents for line in earlier),
                    sum(line.member_share_cents for line in earlier),
                )
        return Restatement(tuple(self._made), tuple(self._unchanged), tuple(self._waiting), tuple(self._left))

    def _lines(self) -> dict[str, tuple[DecidedLine, ...]]:
        found: dict[str, list[DecidedLine]] = {}
        if self._member is not None:
            for line in self._file.state.history(self._member):
                found.setdefault(line.claim_number, []).append(line)
        return {number: tuple(lines) for number, lines in found.items()}

    def _changed(
        self, change: Change, met: Accumulator, earlier: tuple[DecidedLine, ...]
    ) -> ClaimDecisionMade | None:
        """The new decision of a claim that is to be decided again; None where it waits or comes out as it was."""
        file, claim = self._file, change.claim
        case = file.case(claim, met, change.settled)
        if claim.answer is Answer.PENDED:
            case = replace(case, met=self._met_in_all(case.original))
        decision = file.adjudicator.decide(case)
        if decision.answer is Answer.PENDED:
            self._waiting.append((claim, decision))
            return None
        if claim.answer is not Answer.PENDED and _is_same(decision, earlier):
            self._unchanged.append(claim)
            return None
        return replace(decision, review=change.review)

    def _met_in_all(self, original: DecidedClaim | None) -> Accumulator:
        """What is met by every claim that stands, but the one taken back: a pended claim comes last."""
        if self._member is None:
            return Accumulator()
        opening = self._file.opening(self._member, self._year)
        return self._file.state.met(self._member, self._year, opening, number_of(original))

    def _replayed(
        self, claim: KeptClaim, met: Accumulator, earlier: tuple[DecidedLine, ...]
    ) -> ClaimDecisionMade | None:
        """A later claim with its share worked out again; None where it stays as it is."""
        file = self._file
        settled = file.settled_before(claim, with_refusals=True)
        decision = file.adjudicator.decide(file.case(claim, met, settled))
        if _is_same(decision, earlier):
            return None
        if not _is_same(decision, earlier, without_share=True):
            self._left.append(claim)
            return None
        first = self._made[0].decision
        review = first.review
        assert review is not None  # every decision made here has one
        facts = {"after_claim": first.claim_number, **_carried(settled)}
        return replace(
            decision, review=replace(review, action=RESTATED, reason="cost share replayed", facts=facts)
        )

    def _record(
        self, claim: KeptClaim, decision: ClaimDecisionMade, earlier: tuple[DecidedLine, ...]
    ) -> None:
        if claim.answer is Answer.PENDED:
            decision = self._settling(claim, decision)
            earlier = () if decision.reversal is None else decision.reversal.lines
        self._file.state.record_claim(decision, self._batch)
        self._made.append(Made(claim, decision, earlier))

    def _settling(self, claim: KeptClaim, decision: ClaimDecisionMade) -> ClaimDecisionMade:
        """A pended claim's decision, which stands in its place. One that takes another claim back too leaves a mark."""
        if decision.reversal is None:
            return replace(decision, settles=claim.claim_number)
        mark = replace(
            decision,
            claim_number=f"{root_of(claim.claim_number)}{WITHDRAWN}",
            answer=Answer.REVERSED,
            lines=(),
            reversal=None,
            settles=claim.claim_number,
        )
        self._file.state.record_claim(mark, self._batch)
        return decision


def in_order(claims: Iterable[KeptClaim]) -> dict[str, KeptClaim]:
    """The decision that stands of each claim, claims in the order in which they were first decided.

    A claim that waited has its place where it was decided at last; one that still waits comes behind all others.
    """
    found: dict[str, KeptClaim | None] = {}
    waiting: dict[str, KeptClaim | None] = {}
    for claim in claims:
        root = root_of(claim.claim_number)
        if claim.answer is Answer.PENDED and root not in found:
            waiting[root] = None if claim.is_taken_back else claim
            continue
        found.setdefault(root, None)
        if not claim.is_taken_back and not claim.claim_number.endswith(WITHDRAWN):
            found[root] = claim
    standing = {**found, **{root: claim for root, claim in waiting.items() if root not in found}}
    return {root: claim for root, claim in standing.items() if claim is not None}


def _is_same(
    decision: ClaimDecisionMade, earlier: tuple[DecidedLine, ...], *, without_share: bool = False
) -> bool:
    """Whether a decision pays, allows, charges the member and hands on what the earlier one did, line by line."""
    now = {one.line.claim_line_number: _of_line(one, without_share) for one in decision.lines}
    then = {one.claim_line_number: _of_kept(one, without_share) for one in earlier}
    return now == then


def _of_line(line: LineDecision, without_share: bool) -> tuple[object, ...]:
    is_paid = line.answer is Answer.PAID
    share = () if without_share else (line.share.deductible_cents, line.share.total_cents)
    is_forwarded = line.answer is Answer.FORWARDED
    return (is_paid, is_forwarded, line.allowed_amount_cents if is_paid else 0, *share)


def _of_kept(line: DecidedLine, without_share: bool) -> tuple[object, ...]:
    is_paid = line.status is ClaimStatus.PAID
    share = () if without_share else (line.deductible_cents, line.member_share_cents)
    is_forwarded = line.status is ClaimStatus.REJECTED
    return (is_paid, is_forwarded, line.allowed_amount_cents if is_paid else 0, *share)


def _carried(settled: Settled) -> dict[str, object]:
    """What was settled before, for the next trace."""
    facts: dict[str, object] = {}
    if settled.edit_ids:
        facts["settled_edits"] = sorted(settled.edit_ids)
    if settled.read is not None:
        facts["records_read"] = settled.read.as_json()
    return facts
