"""The post-payment sample: paid months whose evidence is asked for afterwards, drawn from the plan's state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from cocm.plan.evidence_sample import PaidMonth, SampledMonth, evidence_sample, paid_months
from cocm.plan.record_requests import ANYTHING_ELSE, DOCUMENTS
from cocm.plan.records import PlanBook
from cocm.plandesk.desk_tables import documents, kept_claims, members_decided
from cocm.plandesk.member_file import root_of
from cocm.plandesk.state import PlanState
from cocm.rules import Rulebook

SAMPLE_COLUMNS = (
    "claim_numbers", "claim_ids", "month", "billing_npi", "paid", "risk_points", "drawn", "why", "documents",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """A draw. `passed_over` are months whose records are on file already."""

    seed: int
    paid_months: int
    passed_over: int
    drawn: tuple[SampledMonth, ...]
    claim_ids: dict[str, str]
    documents: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values: ids of claims, none of persons."""
        return {
            "seed": self.seed,
            "paid_months": self.paid_months,
            "passed_over_with_records": self.passed_over,
            "documents_asked": list(self.documents),
            "drawn": [self._month_json(one) for one in self.drawn],
        }

    def _month_json(self, one: SampledMonth) -> dict[str, Any]:
        paid = one.paid
        return {
            "claim_numbers": list(paid.claim_numbers),
            "claim_ids": self.ids_of(paid),
            "month": str(paid.month),
            "billing_npi": paid.billing_npi,
            "paid_amount_cents": paid.paid_amount_cents,
            "risk_points": paid.points,
            "drawn": "at random" if one.is_random else "by risk",
            "why": list(one.why),
        }

    def ids_of(self, paid: PaidMonth) -> list[str]:
        """The senders' ids of a month's claims."""
        return [self.claim_ids[number] for number in paid.claim_numbers]


def draw_sample(
    state: PlanState,
    book: PlanBook,
    rulebook: Rulebook,
    *,
    from_date: date,
    to_date: date,
    seed: int,
    size: int,
) -> Sample:
    """Draw among the paid months of the model whose month's last day lies in the days asked for, both included."""
    pack = rulebook.pack(book.profile.pack_id)
    lines = {member: state.history(member) for member in members_decided(state)}
    months = [one for one in paid_months(lines, pack) if from_date <= one.month.last_day <= to_date]
    with_records = {root_of(number) for number in documents(state)}
    left = [one for one in months if not with_records & {root_of(number) for number in one.claim_numbers}]
    drawn = evidence_sample(left, pack, seed=seed, size=size)
    kinds = pack.on(to_date).members(DOCUMENTS) or {ANYTHING_ELSE}
    ids = {one.claim_number: one.claim_id for one in kept_claims(state)}
    return Sample(seed, len(months), len(months) - len(left), drawn, ids, tuple(sorted(kinds)))
