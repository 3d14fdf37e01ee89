"""What the plan has decided before: every line of a member, from all practices, as later claims need it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from cocm.basics.records import maker, quickly_made
from cocm.care.records import ClaimStatus, HistoryLine
from cocm.claims.submission import REPLACEMENT, VOID
from cocm.x12.remittance_record import Adjustment


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A line as it was decided. `claim_number` is the plan's own number of its claim; amounts are in cents."""

    claim_number: str
    claim_id: str
    claim_line_number: int
    line_control_number: str
    service_from_date: date
    service_to_date: date
    hcpcs_code: str
    modifiers: tuple[str, ...]
    service_unit_quantity: int
    billing_npi: str
    billing_tin: str
    rendering_npi: str
    frequency_code: str
    status: ClaimStatus
    charge_amount_cents: int
    allowed_amount_cents: int
    paid_amount_cents: int
    deductible_cents: int
    member_share_cents: int
    adjustments: tuple[Adjustment, ...]
    remark_codes: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether it was paid and not taken back. What still waits is no service that stands."""
        return self.status is ClaimStatus.PAID

    @property
    def is_undecided(self) -> bool:
        """Whether its claim waits for a person."""
        return self.status is ClaimStatus.ACCEPTED

    @property
    def is_told(self) -> bool:
        """Whether the edits hear of it. What waits is not decided; what was taken back is as if it had never been."""
        return self.status not in (ClaimStatus.ACCEPTED, ClaimStatus.VOIDED)

    @property
    def may_be_paid(self) -> bool:
        """Whether its claim waits and may be paid.

        A replacement or void that waits has replaced nothing yet: what it means to take back stands in its place.
        """
        return self.is_undecided and self.frequency_code not in (REPLACEMENT, VOID)


@quickly_made
@dataclass(frozen=True, slots=True)
class DecidedClaim:
    """A claim as it was decided, with what a reversal must say again."""

    claim_number: str
    claim_id: str
    year: int
    claim_filing_code: str
    place_of_service_code: str
    frequency_code: str
    billing_npi: str
    is_reversed: bool
    lines: tuple[DecidedLine, ...]


def history_lines(lines: Iterable[DecidedLine]) -> tuple[HistoryLine, ...]:
    """Decided lines as the edits read them."""
    return tuple(
        [
            _history_line(
                "",
                "",
                f"plan {line.claim_number}",
                line.claim_line_number,
                line.service_to_date,
                line.hcpcs_code,
                line.service_unit_quantity,
                line.billing_npi,
                line.billing_tin,
                line.rendering_npi,
                line.status,
                line.claim_number,
                line.frequency_code,
            )
            for line in lines
        ]
    )


_history_line = maker(HistoryLine)
