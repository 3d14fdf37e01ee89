"""A caseload's benefits as a table for the biller, and in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

from cocm.basics.money import plain_dollars
from cocm.benefits.estimate import MonthEstimate, PatientEstimate
from cocm.benefits.explain import percent_in_words
from cocm.benefits.records import CentsRange, CoverageState, MonthBenefits, RouteKind

COLUMNS: Final = (
    "trace_number",
    "member_id",
    "last_name",
    "first_name",
    "birth_date",
    "payer_name",
    "payer_id",
    "month",
    "answered_on",
    "coverage",
    "covered_from",
    "covered_to",
    "send_to",
    "send_to_name",
    "send_to_id",
    "not_to",
    "copayment_low",
    "copayment_high",
    "coinsurance",
    "cost_share_basis",
    "deductible_left_low",
    "deductible_left_high",
    "out_of_pocket_left",
    "authorization",
    "is_qmb",
    "other_payers",
    "first_month_share_low",
    "first_month_share_high",
    "later_month_share_low",
    "later_month_share_high",
    "refused",
    "notes",
    "to_ask",
    "is_clear",
)
_BETWEEN: Final = " | "
_FIRST_MONTH: Final = "first month"
_LATER_MONTH: Final = "later month"


def table_row(benefits: MonthBenefits, estimate: PatientEstimate) -> tuple[str, ...]:
    """One person's line, in the order of `COLUMNS`. Amounts are dollars; an upper end that is open is empty."""
    patient, coverage, route, share = benefits.patient, benefits.coverage, benefits.route, benefits.in_network
    entity = route.entity
    months = {month.kind: month for month in estimate.months}
    coinsurances = (share.coinsurance_low, share.coinsurance_high)
    limit = share.out_of_pocket_remaining_cents
    return (
        benefits.trace_number,
        benefits.member_id,
        patient.last_or_organization_name if patient else "",
        patient.first_name if patient else "",
        str(patient.birth_date) if patient and patient.birth_date else "",
        benefits.payer_name,
        benefits.payer_identifier,
        str(benefits.month),
        str(benefits.answered_on or ""),
        coverage.state.value,
        str(coverage.from_date or ""),
        str(coverage.to_date or ""),
        route.kind.value,
        entity.name if entity else "",
        entity.identifier if entity else "",
        _BETWEEN.join(one.name for one in route.behavioral),
        *_range(share.copayment),
        " to ".join(dict.fromkeys(percent_in_words(one) for one in coinsurances if one is not None)),
        share.basis,
        *_range(share.deductible_remaining),
        "" if limit is None else plain_dollars(limit),
        benefits.authorization.value,
        str(benefits.is_qmb).lower(),
        _BETWEEN.join(f"{one.name} ({one.label})" for one in benefits.other_payers),
        *_share(months.get(_FIRST_MONTH)),
        *_share(months.get(_LATER_MONTH)),
        _BETWEEN.join(f"{one.reason_code}: {one.reason}; {one.action}" for one in benefits.rejections),
        _BETWEEN.join(benefits.hints),
        _BETWEEN.join(one.text for one in benefits.questions),
        str(benefits.is_clear).lower(),
    )


def _range(amount: CentsRange | None) -> tuple[str, str]:
    return ("", "") if amount is None else (plain_dollars(amount.low_cents), plain_dollars(amount.high_cents))


def _share(month: MonthEstimate | None) -> tuple[str, str]:
    if month is None or month.share is None:
        return "", ""
    low, high = _range(month.share)
    return low, "" if month.is_open_above else high


def caseload_counts(caseload: Iterable[MonthBenefits]) -> Counter[str]:
    """How many people stand how, in the words of the summary. One person may count under several."""
    counts: Counter[str] = Counter()
    for one in caseload:
        counts["people"] += 1
        counts["clear"] += one.is_clear
        counts["refused by the plan"] += bool(one.rejections)
        counts["not covered in the month"] += one.coverage.state is CoverageState.NONE
        counts["covered for a part of the month"] += one.coverage.state is CoverageState.PART
        counts["coverage not known"] += one.coverage.state is CoverageState.UNKNOWN
        counts["claim goes to a delegated group or another plan"] += one.route.kind in (
            RouteKind.DELEGATED_GROUP,
            RouteKind.OTHER_PLAN,
        )
        counts["another payer is named"] += bool(one.other_payers)
        counts["something to ask the plan"] += bool(one.questions)
    return counts
