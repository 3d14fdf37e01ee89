"""Which of our claims a decision belongs to.

Our own control number decides; then the payer's number of the claim, where one claim alone is known by it. Failing
both, claims that look alike are scored for a person to confirm: nothing is posted on a resemblance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from cocm.basics.months import Month
from cocm.remits.decision import ClaimDecision
from cocm.x12 import ClaimRecord

BY_CONTROL_NUMBER: Final = "control_number"
BY_PAYER_NUMBER: Final = "payer_number"
BY_PERSON: Final = "person"

POINTS_OF_MEMBER: Final = 40
POINTS_OF_MONTH: Final = 20
POINTS_OF_CHARGE: Final = 20
POINTS_OF_CODES: Final = 20
POINTS_MIN: Final = 60
"""Below this, a claim is not even offered."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that may be meant, with its points (of 100) and what agrees."""

    decision_id: str
    claim_id: str
    points: int
    agrees: tuple[str, ...]


def our_number(text: str) -> str:
    """A claim's control number as we wrote it: payers return it with blanks around it or in lower case."""
    return text.strip().upper()


def certain_match(
    claim_number: str,
    payer_claim_control_number: str,
    known_claims: AbstractSet[str],
    claims_by_payer_number: Mapping[str, AbstractSet[str]],
) -> tuple[str, str] | None:
    """The claim and what says so; None where neither number names one claim alone."""
    number = our_number(claim_number)
    if number in known_claims:
        return number, BY_CONTROL_NUMBER
    named = claims_by_payer_number.get(payer_claim_control_number, frozenset())
    if len(named) == 1:
        return next(iter(named)), BY_PAYER_NUMBER
    return None


def candidates(decision: ClaimDecision, claims: Iterable[ClaimRecord]) -> list[Candidate]:
    """The claims that look like a decision's, the likeliest first; equals in the order of their ids."""
    scored = (_scored(decision, claim) for claim in claims)
    found = [candidate for candidate in scored if candidate.points >= POINTS_MIN]
    return sorted(found, key=lambda candidate: (-candidate.points, candidate.claim_id))


def _scored(decision: ClaimDecision, claim: ClaimRecord) -> Candidate:
    member = claim.subscriber.identifier
    months = {Month.of(line.service_from_date) for line in claim.lines if line.service_from_date}
    tests = (
        ("member id", POINTS_OF_MEMBER, bool(member) and member == decision.member_id),
        (
            "month",
            POINTS_OF_MONTH,
            decision.first_date is not None and Month.of(decision.first_date) in months,
        ),
        ("charge", POINTS_OF_CHARGE, claim.charge_amount_cents == abs(decision.charge_amount_cents)),
        (
            "codes",
            POINTS_OF_CODES,
            sorted(line.hcpcs_code for line in claim.lines)
            == sorted(line.hcpcs_code for line in decision.lines),
        ),
    )
    agreeing = [(name, points) for name, points, agrees in tests if agrees]
    return Candidate(
        decision.decision_id,
        claim.claim_id,
        sum(points for _, points in agreeing),
        tuple(name for name, _ in agreeing),
    )
