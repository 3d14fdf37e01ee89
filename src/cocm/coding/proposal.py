"""The code proposal for one patient-month: minutes, kind of month, lines, what is missing, payment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from cocm.basics.records import maker
from cocm.care.casefile import CaseFile
from cocm.care.exclusions import (
    NEVER_SERVICE,
    ContactLog,
    DaySpan,
    circumstances,
    contact_log,
    counting_rules,
)
from cocm.care.minutes import SECONDS_PER_MINUTE, MinutesLedger, count_logged, without_late_entries
from cocm.care.records import Modality, Outcome
from cocm.coding.gates import (
    MonthEvidence,
    missing_late_entry,
    missing_month_kind,
    month_evidence,
    what_is_missing,
)
from cocm.coding.month_kind import MonthKindDecision, decide_month_kind
from cocm.coding.price import Price, expected_payment
from cocm.coding.records import (
    CareDue,
    Missing,
    MonthKind,
    Proposal,
    ProposedLine,
    Reason,
    RejectedAlternative,
    TimeProposal,
)
from cocm.coding.time import MINUTES_MAX, propose_for_minutes
from cocm.rules import Confidence, PackOn, RuleValue

__all__ = ["Price", "propose", "propose_all"]

_proposal = maker(Proposal)

CONTACT_DUE_AFTER: Final = timedelta(days=14)
"""In active treatment a patient is contacted at least twice a month (AIMS Center's cadence)."""


def propose(
    case: CaseFile, policy: PackOn, *, price: Price | None = None, as_of_date: date | None = None
) -> Proposal:
    """The proposal for a case file under a payer's pack on the month's date.

    `price` answers what a unit of a code pays (default: the payer's published fee schedule, remembered); care
    due is looked at on `as_of_date` or the month's last day, whichever is earlier.
    """
    return propose_all([(case, policy)], price=price, as_of_date=as_of_date)[0]


def propose_all(
    months: Sequence[tuple[CaseFile, PackOn]], *, price: Price | None = None, as_of_date: date | None = None
) -> list[Proposal]:
    """`propose` for many patient-months, in their order; one step is taken for all of them before the next."""
    cases = [case for case, _ in months]
    policies = [policy for _, policy in months]
    logs = [contact_log(case.contacts) for case in cases]
    ledgers = list(map(_count, cases, policies, logs))
    decisions = list(map(decide_month_kind, cases, policies, logs))
    kinds = [decision.kind for decision in decisions]
    times = list(map(_time_proposal, ledgers, kinds, policies))
    evidence = [month_evidence(case) for case in cases]
    gates = list(map(what_is_missing, cases, policies, ledgers, evidence))
    late = [
        _late_entry(case, policy, log, kind, time, ledger) if ledger.has_late_entries else []
        for case, policy, log, kind, time, ledger in zip(
            cases, policies, logs, kinds, times, ledgers, strict=True
        )
    ]
    prices = [
        expected_payment(case, policy, time.lines, price)
        for case, policy, time in zip(cases, policies, times, strict=True)
    ]
    due = [
        _care_due(case, seen, log, as_of_date) for case, seen, log in zip(cases, evidence, logs, strict=True)
    ]
    return [
        _proposal(
            month=case.month,
            pack_id=policy.payer_id,
            month_kind=decision.kind,
            month_kind_reason=decision.reason,
            ledger=ledger,
            lines=time.lines,
            rejected=time.rejected,
            reasons=time.reasons,
            reviews=_with_assumptions(time.reviews, decision.reason.rules),
            missing=(*gate, *_unknown_kind(decision, time), *entries),
            next_tier=time.next_tier,
            has_no_data=time.has_no_data,
            expected_payment_cents=payment[0],
            expected_basis=payment[1],
            care_due=care,
        )
        for case, policy, decision, ledger, time, gate, entries, payment, care in zip(
            cases, policies, decisions, ledgers, times, gates, late, prices, due, strict=True
        )
    ]


def _unknown_kind(decision: MonthKindDecision, time: TimeProposal) -> tuple[Missing, ...]:
    if decision.kind is not MonthKind.UNKNOWN:
        return ()
    return (missing_month_kind(decision.reason, decides=time.has_no_data),)


def _count(case: CaseFile, policy: PackOn, log: ContactLog) -> MinutesLedger:
    episode = case.episode
    around = circumstances(
        counting_rules(policy),
        episode.consent,
        episode.start_date,
        case.other_services,
        log.corrected_ids,
        episode_end=episode.end_date,
        covered_spans=_covered_spans(case),
    )
    return count_logged(log, case.month, around)


def _covered_spans(case: CaseFile) -> tuple[DaySpan, ...] | None:
    """The days of the month's payer, where they are not all of the month's: a day of another's is not its own.

    A policy renewed within the month is one policy. The eve of the month stays as it is: another month's.
    """
    if not case.coverages:
        return None
    first_day, last_day = case.month.first_day, case.month.last_day
    primary = case.coverages[0]
    if primary.covers_all(first_day, last_day):
        return None
    return tuple(
        [
            (
                coverage.coverage_from if coverage.coverage_from > first_day else date.min,
                coverage.coverage_to or date.max,
            )
            for coverage in case.coverages
            if coverage.is_same_policy(primary)
        ]
    )


# Lines ------------------------------------------------------------------------------------------------------


def _time_proposal(ledger: MinutesLedger, kind: MonthKind, policy: PackOn) -> TimeProposal:
    """What the counted minutes earn, where no minute depends on a rule that nobody has established."""
    time = _for_kind(ledger.counted_seconds, kind, policy)
    if ledger.undecided_seconds:
        other = _for_kind(ledger.counted_seconds + ledger.undecided_seconds, kind, policy)
        if not _earn_the_same(time, other):
            text = "nobody has established whether some of the minutes count, and they decide the code"
            reasons = tuple(Reason(f"{rule.label}: {text}", (rule,)) for rule in ledger.unknown_rules)
            return TimeProposal((), (), reasons, (), None, True)
    if ledger.assumed_seconds:
        other = _for_kind(ledger.counted_seconds + ledger.assumed_seconds, kind, policy)
        if not _earn_the_same(time, other):
            text = (
                f"{_minutes(ledger.assumed_seconds)} are left out by an assumed value, which decides the code"
            )
            return replace(time, reasons=(*time.reasons, Reason(text, ledger.assumed_rules)))
    return time


def _for_kind(seconds: int, kind: MonthKind, policy: PackOn) -> TimeProposal:
    minutes = min(seconds // SECONDS_PER_MINUTE, MINUTES_MAX)
    if kind is MonthKind.UNKNOWN:
        return _both_readings(minutes, policy)
    return propose_for_minutes(minutes, kind, policy)


@lru_cache(maxsize=4096)
def _both_readings(minutes: int, policy: PackOn) -> TimeProposal:
    """An unknown kind of month: what both readings earn if it is the same, else nothing, both offered."""
    first = propose_for_minutes(minutes, MonthKind.FIRST, policy)
    later = propose_for_minutes(minutes, MonthKind.LATER, policy)
    if _earn_the_same(first, later) and not first.has_no_data:
        rejected = tuple(item for item in first.rejected if item in later.rejected)
        return replace(first, rejected=rejected, next_tier=None)
    offered = [
        RejectedAlternative(
            line.hcpcs_code,
            line.units,
            Reason(f"what {minutes} minutes earn if this is a {kind.value} month", (line.code_rule,)),
            is_offered=True,
        )
        for kind, reading in ((MonthKind.FIRST, first), (MonthKind.LATER, later))
        for line in reading.lines
    ]
    offered += [item for item in first.rejected if item.is_offered]
    offered += [item for item in later.rejected if item.is_offered and item not in offered]
    unknown = [reading.reasons for reading in (first, later) if reading.has_no_data]
    reasons = tuple(dict.fromkeys(reason for reasons in unknown for reason in reasons))
    return TimeProposal((), tuple(offered), reasons, (), None, True)


def _earn_the_same(one: TimeProposal, other: TimeProposal) -> bool:
    return (_codes(one.lines), one.has_no_data) == (_codes(other.lines), other.has_no_data)


def _codes(lines: tuple[ProposedLine, ...]) -> list[tuple[str, int]]:
    return [(line.hcpcs_code, line.units) for line in lines]


def _with_assumptions(reviews: tuple[Reason, ...], rules: tuple[RuleValue, ...]) -> tuple[Reason, ...]:
    for rule in rules:
        if rule.confidence is Confidence.ASSUMED:
            text = f"{rule.label}: the kind of month rests on an assumed value; confirm it with the payer"
            reviews = (*reviews, Reason(text, (rule,)))
    return reviews


# Late entries -----------------------------------------------------------------------------------------------


def _late_entry(
    case: CaseFile,
    policy: PackOn,
    log: ContactLog,
    kind: MonthKind,
    time: TimeProposal,
    ledger: MinutesLedger,
) -> list[Missing]:
    """Whether the month earns something else without the entries that were made late."""
    in_time = _count(
        case, policy, without_late_entries(log, case.month, policy.value("minutes.late_entry_days"))
    )
    before = _time_proposal(in_time, kind, policy)
    if _result(before) == _result(time):
        return []
    why = (
        f"with late entries {ledger.minutes_counted} minutes earn {_result(time)}; "
        f"without them {in_time.minutes_counted} minutes earn {_result(before)}"
    )
    return [missing_late_entry(policy, why)]


def _result(time: TimeProposal) -> str:
    chosen = [f"{line.units} x {line.hcpcs_code}" for line in time.lines]
    offered = [f"{item.units} x {item.hcpcs_code}" for item in time.rejected if item.is_offered]
    if chosen or not time.has_no_data:
        return " + ".join(chosen) or "no code"
    return " or ".join(offered) or "what nobody has established"


def _minutes(seconds: int) -> str:
    whole, rest = divmod(seconds, SECONDS_PER_MINUTE)
    return f"{whole} minutes" if not rest else f"{whole} minutes and {rest} seconds"


# Care due ---------------------------------------------------------------------------------------------------


def _care_due(
    case: CaseFile, evidence: MonthEvidence, log: ContactLog, as_of_date: date | None
) -> tuple[CareDue, ...]:
    """What is clinically due while the episode is open, whatever the minutes."""
    month, episode = case.month, case.episode
    until = month.last_day if as_of_date is None else min(as_of_date, month.last_day)
    if episode.end_date is not None and episode.end_date <= until:
        return ()
    due: list[CareDue] = []
    since = until - CONTACT_DUE_AFTER
    if episode.start_date <= since and not _was_contacted(log, month.index, since, until):
        due.append(CareDue.CONTACT)
    if not evidence.has_scale:
        due.append(CareDue.SCALE)
    if not case.caseload_review_held:
        due.append(CareDue.CASELOAD_REVIEW)
    elif not evidence.was_discussed:
        due.append(CareDue.PATIENT_REVIEW)
    return tuple(due)


def _was_contacted(log: ContactLog, month_index: int, since: date, until: date) -> bool:
    """Whether the patient was reached after `since`, in whatever programme, up to and including `until`."""
    for index in (month_index, month_index - 1):
        for contact in reversed(log.by_month.get(index, ())):
            if (
                since < contact.started_at.date() <= until
                and contact.outcome is Outcome.DONE
                and contact.modality is not Modality.NONE
                and contact.activity not in NEVER_SERVICE
            ):
                return True
    return False
