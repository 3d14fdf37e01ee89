"""What the answer leaves open, as questions that a biller can read out to the plan."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cocm.basics.months import Month
from cocm.benefits.records import (
    Authorization,
    CostShare,
    Coverage,
    CoverageState,
    Question,
    Route,
    RouteKind,
)


def open_questions(
    coverage: Coverage,
    route: Route,
    share: CostShare,
    authorization: Authorization,
    hcpcs_codes: Sequence[str],
    month: Month,
    answered_on: date | None,
    *,
    is_share_settled: bool,
) -> Iterator[Question]:
    """The questions of one person's month. `is_share_settled`: the payer's own rules say what the patient pays."""
    named = ", ".join(hcpcs_codes)
    if coverage.state is CoverageState.UNKNOWN or (
        coverage.state is CoverageState.WHOLE and not coverage.is_dated
    ):
        text = f"Was the member covered under the medical plan on every day of {month}? From when, and until when?"
        yield Question(text, coverage.reason)
    if coverage.state is CoverageState.NONE:
        return
    if route.kind is RouteKind.UNKNOWN:
        text = (
            f"Who pays professional claims for {named} (Collaborative Care, a medical benefit billed by the primary "
            "care practice): the plan itself or a medical group? To which payer id do we send them?"
        )
        yield Question(text, route.reason)
    elif route.kind is not RouteKind.PAYER and (route.entity is None or not route.entity.identifier):
        yield Question(f"To which payer id do we send professional claims for {named}?", route.reason)
    if share.is_not_covered:
        text = (
            f"The answer says that the service is not covered. Are {named} covered under the medical benefit?"
        )
        yield Question(text, "a medical benefit is marked as not covered")
    if not is_share_settled:
        yield from _of_share(share, named, month, answered_on)
    if authorization is Authorization.UNKNOWN:
        yield Question(f"Do {named} need a prior authorization in {month}?", "the answer does not say")


def _of_share(share: CostShare, named: str, month: Month, answered_on: date | None) -> Iterator[Question]:
    if not share.is_stated:
        text = (
            f"What does the member pay in {month} for {named}, billed once a month by the primary care practitioner "
            "under the medical benefit: a copayment, a coinsurance or nothing? Does the deductible apply?"
        )
        yield Question(text, "no cost share stands with the procedure or the practitioner's office service")
        return
    if share.copayment is not None and not share.copayment.is_exact:
        text = f"Which of the office copayments applies to {named}, billed by the primary care practitioner?"
        yield Question(text, "the answer gives several")
    if share.coinsurance_low != share.coinsurance_high:
        text = f"Which of the coinsurances applies to {named}, billed by the primary care practitioner?"
        yield Question(text, "the answer gives several")
    if share.copayment is not None and share.coinsurance_low is not None:
        yield Question(f"Do both a copayment and a coinsurance apply to {named}?", "the answer gives both")
    left = share.deductible_remaining
    if left is None or not left.is_exact:
        is_old = answered_on is not None and answered_on.year != month.year
        why = (
            f"the answer is of {answered_on}, another year"
            if is_old
            else "the answer does not say what is left"
        )
        yield Question(f"How much of the member's {month.year} deductible is left?", why)
    if share.copayment is not None and (left is None or left.high_cents > 0):
        text = f"Does the deductible apply to {named} before the copayment?"
        yield Question(
            text, "a deductible is open, and the answer does not say whether the copayment comes after it"
        )
