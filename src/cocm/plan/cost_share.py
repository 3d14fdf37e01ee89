"""What a member owes of an allowed amount: the medical benefit's deductible, copayment and coinsurance, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cocm.basics.records import quickly_made
from cocm.plan.records import Accumulator, Benefit, ServiceClass, Side


@quickly_made
@dataclass(frozen=True, slots=True)
class MemberShare:
    """The parts of what the member owes, in cents."""

    deductible_cents: int = 0
    copayment_cents: int = 0
    coinsurance_cents: int = 0

    @property
    def total_cents(self) -> int:
        return self.deductible_cents + self.copayment_cents + self.coinsurance_cents


def find_benefit(
    benefits: Iterable[Benefit], product: str, side: Side, service: ServiceClass, day: date
) -> Benefit | None:
    """The benefit of a product for a service: its own row, else the side's general one; None where there is none."""
    held = [one for one in benefits if one.product == product and one.side is side and day in one.period]
    own = [one for one in held if one.service is service]
    general = [one for one in held if one.service is None]
    return next(iter(own or general), None)


def member_share(
    benefit: Benefit, allowed_cents: int, met: Accumulator, *, owes_copayment: bool
) -> MemberShare:
    """The member's share of an allowed amount. The copayment is owed once a claim, on the line that is told.

    The deductible comes first, then the copayment, then the coinsurance of the rest, rounded half up to the cent; the
    out-of-pocket limit caps the whole, the coinsurance giving way first and the deductible last.
    """
    if benefit.is_waived:
        return MemberShare()
    deductible = min(allowed_cents, max(0, benefit.deductible_cents - met.deductible_met_cents))
    left = allowed_cents - deductible
    copayment = min(left, benefit.copayment_cents) if owes_copayment else 0
    coinsurance = ((left - copayment) * benefit.coinsurance_percent + 50) // 100
    if benefit.out_of_pocket_max_cents is not None:
        room = max(0, benefit.out_of_pocket_max_cents - met.out_of_pocket_met_cents)
        deductible = min(deductible, room)
        copayment = min(copayment, room - deductible)
        coinsurance = min(coinsurance, room - deductible - copayment)
    return MemberShare(deductible, copayment, coinsurance)
