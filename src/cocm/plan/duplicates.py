"""True duplicate or allowed combination: a line beside each other service of the member's month, both in view."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cocm.basics.months import Month
from cocm.edits.codes import cocm_codes
from cocm.plan.history import DecidedLine
from cocm.plan.route import PSYCHOTHERAPY_CODES
from cocm.rules import PackOn, RuleValue
from cocm.x12.claim_record import ClaimRecord, LineRecord

ALLOWED_CODES: Final = "concurrency.allowed_codes"
EXCLUDED_CODES: Final = "concurrency.excluded_codes"
SEPARATE_CONSENT_CODES: Final = "concurrency.separate_consent_codes"


class Combination(StrEnum):
    """How two services of a month stand to each other."""

    DUPLICATE = "true duplicate"
    ALLOWED = "allowed combination"
    EXCLUDED = "excluded combination"
    SAME_SERVICE_ELSEWHERE = "same service by another biller"
    PARTS = "parts of one month"
    UNSETTLED = "no rule speaks of it"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A line beside another service. `rule` is the value that settles it (None: the lines themselves do).

    A service whose claim still waits (`is_undecided`) is shown, and holds against nothing.
    """

    combination: Combination
    other_claim_number: str
    other_claim_id: str
    other_line_number: int
    other_hcpcs_code: str
    other_service_date: str
    other_billing_npi: str
    other_rendering_npi: str
    rule: RuleValue | None
    why: str
    is_undecided: bool = False


def compare(
    record: ClaimRecord, line: LineRecord, others: Iterable[DecidedLine], policy: PackOn
) -> Iterator[Comparison]:
    """The line beside every line of the same month that stands or waits on an earlier claim of the member."""
    month = Month.of(line.service_to_date)
    for other in others:
        if (other.stands or other.is_undecided) and other.service_to_date in month:
            yield _compared(record, line, other, policy)


def _compared(record: ClaimRecord, line: LineRecord, other: DecidedLine, policy: PackOn) -> Comparison:
    combination, rule, why = _judged(record, line, other, policy)
    return Comparison(
        combination,
        other.claim_number,
        other.claim_id,
        other.claim_line_number,
        other.hcpcs_code,
        str(other.service_to_date),
        other.billing_npi,
        other.rendering_npi,
        rule,
        f"{why}; its claim still waits" if other.is_undecided else why,
        other.is_undecided,
    )


def _judged(
    record: ClaimRecord, line: LineRecord, other: DecidedLine, policy: PackOn
) -> tuple[Combination, RuleValue | None, str]:
    roles = cocm_codes(policy.pack.rulebook)
    is_monthly = line.hcpcs_code in roles
    if other.hcpcs_code == line.hcpcs_code:
        if not _is_same_biller(record, other):
            return Combination.SAME_SERVICE_ELSEWHERE, None, "the same code from another biller"
        if is_monthly:
            return Combination.DUPLICATE, None, "the same code of the same biller for the same month"
        if other.service_to_date == line.service_to_date and other.modifiers == line.modifiers:
            return Combination.DUPLICATE, None, "the same code, biller, modifiers and day"
        return Combination.ALLOWED, None, "the same code on another day or with other modifiers"
    if is_monthly and other.hcpcs_code in roles:
        if not _is_same_biller(record, other):
            why = "Collaborative Care of another biller for the same month"
            return Combination.SAME_SERVICE_ELSEWHERE, None, why
        if roles[line.hcpcs_code].is_base and roles[other.hcpcs_code].is_base:
            return Combination.EXCLUDED, None, "each reports the whole month; one of them can stand"
        return Combination.PARTS, None, "an add-on and the month's base code are billed together"
    return combination_of(line.hcpcs_code, other.hcpcs_code, policy)


def combination_of(
    hcpcs_code: str, other_code: str, policy: PackOn
) -> tuple[Combination, RuleValue | None, str]:
    """How two different codes of a member's month stand to each other by a payer's rules, whoever bills them."""
    pair = {hcpcs_code, other_code}
    excluded, allowed = policy.value(EXCLUDED_CODES), policy.value(ALLOWED_CODES)
    if excluded.members & pair and pair & cocm_codes(policy.pack.rulebook).keys():
        return Combination.EXCLUDED, excluded, "the payer's rules exclude one beside the other"
    if allowed.members & pair:
        return Combination.ALLOWED, allowed, "the payer's rules allow one beside the other"
    apart = policy.value(SEPARATE_CONSENT_CODES)
    if apart.members & pair:
        return Combination.ALLOWED, apart, "other care management, with minutes and a consent of its own"
    therapy = policy.value(PSYCHOTHERAPY_CODES)
    if therapy.members & pair:
        return (
            Combination.ALLOWED,
            therapy,
            "treatment outside the model is another service, not a second one",
        )
    return Combination.UNSETTLED, None, "another service, which none excludes either"


def _is_same_biller(record: ClaimRecord, other: DecidedLine) -> bool:
    if record.billing.tin and other.billing_tin:
        return record.billing.tin == other.billing_tin
    return record.billing.identifier == other.billing_npi
