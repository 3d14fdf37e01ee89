"""The self-audit: paid months scored again against their evidence, refund cases for what is not carried, and drift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from cocm.basics.months import Month
from cocm.basics.sampling import draw
from cocm.claims.lifecycle import ClaimEventKind, ClaimState
from cocm.claims.submission import REPLACEMENT
from cocm.coding.records import MonthKind, ProposedLine
from cocm.coding.time import propose_for_minutes
from cocm.edits.codes import cocm_codes
from cocm.receivables.month_case import MonthCase, month_cases
from cocm.receivables.practice_books import OpenBooks
from cocm.receivables.refund_case import RefundCase, open_refund_case
from cocm.receivables.support import MonthSupport, late_contacts, month_support
from cocm.receivables.timelines import ClaimStanding, standings
from cocm.remits.account import Balance
from cocm.remits.drift import Drift, drift
from cocm.rules.audit import DriftMeasure, DriftThreshold, RiskFactor, drift_thresholds, risk_weights

NEAR_MINUTES: Final = 5
SAMPLE_MONTHS: Final = 30
_PAID: Final = (ClaimState.PAID, ClaimState.PARTLY_PAID)
_DECISIONS: Final = (ClaimEventKind.PAID, ClaimEventKind.PARTLY_PAID, ClaimEventKind.DENIED)


@dataclass(frozen=True, slots=True)
class AuditedMonth:
    """A paid month of the sample: why it was drawn, what its records support, and the refund case it opened."""

    claim_id: str
    payer_id: str
    month: Month
    paid_cents: int
    risk_points: int
    factors: tuple[RiskFactor, ...]
    is_random: bool
    support: MonthSupport
    refund: RefundCase | None


@dataclass(frozen=True, slots=True)
class SelfAudit:
    """What an audit found. `not_scored` are paid claims whose tables or bytes are no longer there."""

    seed: int
    paid_months: int
    not_scored: tuple[str, ...]
    audited: tuple[AuditedMonth, ...]
    drifts: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class _Paid:
    standing: ClaimStanding
    case: MonthCase
    points: int
    factors: tuple[RiskFactor, ...]


def self_audit(
    books: OpenBooks, seed: int, sample: int = SAMPLE_MONTHS, since: date | None = None
) -> SelfAudit:
    """Draw, score and open refund cases in the open books; the same seed and books draw the same months.

    Half of the sample (rounded up) are the months of the most risk points, the rest a random draw of the others.
    `since` asks for drift between the months before and from that day's month on. Nothing is committed here.
    """
    everything = list(standings(books))
    paid = [one for one in everything if one.timeline.state in _PAID and _money_came(one.account.balance)]
    cases = month_cases(books, (one.rows.claim for one in paid))
    known = [_with_risk(books, one, cases[_id(one)]) for one in paid if _id(one) in cases]
    drawn = draw(
        known, Random(seed), sample, points=lambda one: one.points, name=lambda one: _id(one.standing)
    )
    scored = [(one, is_random, month_support(one.case, _sent_on(one.standing))) for one, is_random in drawn]
    readable = {_id(one.standing) for one in known if one.case.sent is not None}
    return SelfAudit(
        seed,
        len(paid),
        tuple(sorted({_id(one) for one in paid} - readable)),
        tuple(
            _audited(books, one, is_random, support)
            for one, is_random, support in scored
            if support is not None
        ),
        tuple(_drifts(books, everything, since)) if since is not None else (),
    )


def _money_came(balance: Balance) -> bool:
    """From the payer, or from the patient where the deductible took it all."""
    return balance.paid_cents > 0 or balance.patient_paid_cents > 0


def _id(standing: ClaimStanding) -> str:
    return standing.rows.claim.claim_id


def _sent_on(standing: ClaimStanding) -> date:
    return standing.rows.charges[-1].day


def _audited(books: OpenBooks, one: _Paid, is_random: bool, support: MonthSupport) -> AuditedMonth:
    claim = one.standing.rows.claim
    refund = open_refund_case(books, one.standing, one.case.policy, support, "cocm selfaudit")
    return AuditedMonth(
        claim.claim_id,
        claim.payer_id,
        Month.from_index(claim.month_index),
        one.standing.account.balance.paid_cents,
        one.points,
        one.factors,
        is_random,
        support,
        refund,
    )


def _with_risk(books: OpenBooks, standing: ClaimStanding, case: MonthCase) -> _Paid:
    weights = risk_weights(books.rulebook)
    factors = tuple(factor for factor in _factors(standing, case) if factor in weights)
    return _Paid(standing, case, sum(weights[factor].points for factor in factors), factors)


def _factors(standing: ClaimStanding, case: MonthCase) -> Iterator[RiskFactor]:
    """What makes a paid month riskier than another."""
    month = Month.from_index(case.recorded.month_index)
    codes = cocm_codes(case.books.rulebook)
    lines = case.sent.lines if case.sent is not None else ()
    if any(
        line.hcpcs_code in codes and codes[line.hcpcs_code].is_addon and line.service_unit_quantity > 1
        for line in lines
    ):
        yield RiskFactor.ADDON_UNITS
    if _is_near_threshold(case):
        yield RiskFactor.NEAR_THRESHOLD
    if late_contacts(case, _sent_on(standing)):
        yield RiskFactor.LATE_ENTRY
    if any(contact.corrects_contact_id for contact in case.case.contacts if contact.service_date in month):
        yield RiskFactor.CORRECTED_CONTACT
    if not any(
        review.reviewed_on in month and review.patient_id == case.case.patient.patient_id
        for review in case.case.reviews
    ):
        yield RiskFactor.NO_CASELOAD_REVIEW
    if case.proposal.month_kind is MonthKind.FIRST:
        yield RiskFactor.FIRST_MONTH
    if case.recorded.frequency_code == REPLACEMENT:
        yield RiskFactor.REPLACEMENT
    if standing.timeline.last(ClaimEventKind.DENIED) is not None:
        yield RiskFactor.PAID_AFTER_DENIAL


def _is_near_threshold(case: MonthCase) -> bool:
    """Whether a few minutes less would have earned other lines."""
    minutes, kind = case.proposal.ledger.minutes_counted, case.proposal.month_kind
    if kind is MonthKind.UNKNOWN or minutes < NEAR_MINUTES:
        return False
    less = propose_for_minutes(minutes - NEAR_MINUTES, kind, case.policy).lines
    earned = propose_for_minutes(minutes, kind, case.policy).lines
    return _as_units(less) != _as_units(earned)


def _as_units(lines: Iterable[ProposedLine]) -> list[tuple[str, int]]:
    return [(line.hcpcs_code, line.units) for line in lines]


def _drifts(books: OpenBooks, everything: Sequence[ClaimStanding], since: date) -> Iterator[Drift]:
    """The denial rate at the first decision and each code's share of the billed months, before and since."""
    thresholds = drift_thresholds(books.rulebook)
    turn = Month.of(since).index
    denied: Counter[bool] = Counter()
    decided: Counter[bool] = Counter()
    coded: Counter[bool] = Counter()
    shares: dict[str, Counter[bool]] = {}
    codes = cocm_codes(books.rulebook)
    for standing in sorted(everything, key=lambda one: one.rows.claim.control_number):
        later = standing.rows.claim.month_index >= turn
        first = _first_decision(standing)
        if first is not None:
            decided[later] += 1
            denied[later] += first is ClaimEventKind.DENIED
        sent = books.sent_claim(standing.rows.claim)
        if sent is None:
            continue
        coded[later] += 1
        for code in {line.hcpcs_code for line in sent.lines if line.hcpcs_code in codes}:
            shares.setdefault(code, Counter())[later] += 1
    yield _compared("denial rate", denied, decided, thresholds[DriftMeasure.DENIAL_RATE])
    for code in sorted(shares):
        yield _compared(f"share of {code}", shares[code], coded, thresholds[DriftMeasure.CODE_SHARE])


def _compared(
    what: str, some: Mapping[bool, int], of: Mapping[bool, int], threshold: DriftThreshold
) -> Drift:
    return drift(what, (some[False], of[False]), (some[True], of[True]), threshold)


def _first_decision(standing: ClaimStanding) -> ClaimEventKind | None:
    """How the payer first decided the month, on whichever of its claims."""
    for life in (*standing.earlier, standing.timeline):
        for entry in life.entries:
            if entry.event.kind in _DECISIONS:
                return entry.event.kind
    return None
