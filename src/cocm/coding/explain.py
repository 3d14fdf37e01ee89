"""Proposals as plain values for JSON, and as sentences for people. Ids only: nothing here names a patient.

A reason's `cites` are computed from the rule values it rests on, never typed beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from cocm.basics.money import plain_dollars
from cocm.care.exclusions import Exclusion
from cocm.care.minutes import SECONDS_PER_MINUTE, LedgerEntry, MinutesLedger
from cocm.coding.records import (
    CareDue,
    Missing,
    NextTier,
    Proposal,
    ProposedLine,
    Reason,
    RejectedAlternative,
    TimeProposal,
)
from cocm.rules import RuleValue, Severity

_REMEMBERED_MAX: Final = 10_000
Subject = TypeVar("Subject")
Rendered = TypeVar("Rendered")


def remembered(render: Callable[[Subject], Rendered]) -> Callable[[Subject], Rendered]:
    """`render`, remembered by the very object: packs and tiers hand out the same ones again and again.

    What is handed out must not be changed.
    """
    known: dict[int, tuple[Subject, Rendered]] = {}

    def rendered(subject: Subject) -> Rendered:
        found = known.get(id(subject))
        if found is not None and found[0] is subject:
            return found[1]
        if len(known) >= _REMEMBERED_MAX:
            known.clear()
        made = render(subject)
        known[id(subject)] = (subject, made)
        return made

    return rendered


@remembered
def cite(rule: RuleValue) -> str:
    """The rule's citation."""
    return rule.cite


def proposal_as_json(proposal: Proposal) -> dict[str, Any]:
    """A patient-month's proposal as plain values; amounts are decimal text in dollars."""
    cents = proposal.expected_payment_cents
    return {
        "month": str(proposal.month),
        "pack_id": proposal.pack_id,
        "month_kind": proposal.month_kind.value,
        "month_kind_reason": reason_as_json(proposal.month_kind_reason),
        "lines": _lines(proposal.lines),
        "rejected": _all_rejected(proposal.rejected),
        "reasons": _reasons(proposal.reasons),
        "reviews": _reasons(proposal.reviews),
        "missing": [_missing(item) for item in proposal.missing],
        "ledger": ledger_as_json(proposal.ledger),
        "next_tier": _next_tier(proposal.next_tier),
        "has_no_data": proposal.has_no_data,
        "is_blocked": proposal.is_blocked,
        "needs_person": proposal.needs_person,
        "expected_payment": None if cents is None else plain_dollars(cents),
        "expected_basis": proposal.expected_basis,
        "care_due": [_care_due(due) for due in proposal.care_due],
    }


def time_proposal_as_json(proposal: TimeProposal) -> dict[str, Any]:
    """What minutes alone earn, as plain values."""
    return {
        "lines": _lines(proposal.lines),
        "rejected": _all_rejected(proposal.rejected),
        "reasons": _reasons(proposal.reasons),
        "reviews": _reasons(proposal.reviews),
        "next_tier": _next_tier(proposal.next_tier),
        "has_no_data": proposal.has_no_data,
    }


@remembered
def reason_as_json(reason: Reason) -> dict[str, Any]:
    """A reason with the citation of every rule value it rests on."""
    return {"text": reason.text, "cites": [cite(rule) for rule in reason.rules]}


def ledger_as_json(ledger: MinutesLedger) -> dict[str, Any]:
    """Every entry with what was counted and what was not, in seconds, and why."""
    return {
        "logged_seconds": ledger.logged_seconds,
        "counted_seconds": ledger.counted_seconds,
        "excluded_seconds": ledger.excluded_seconds,
        "note_seconds": ledger.note_seconds,
        "minutes_counted": ledger.minutes_counted,
        "remainder_seconds": ledger.remainder_seconds,
        "entries": [_entry(entry) for entry in ledger.entries],
    }


@remembered
def _lines(lines: tuple[ProposedLine, ...]) -> list[dict[str, Any]]:
    return [{"hcpcs_code": line.hcpcs_code, "units": line.units} for line in lines]


@remembered
def _all_rejected(items: tuple[RejectedAlternative, ...]) -> list[dict[str, Any]]:
    return [_rejected(item) for item in items]


@remembered
def _reasons(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [reason_as_json(reason) for reason in reasons]


@remembered
def _care_due(due: CareDue) -> dict[str, Any]:
    return {"care": due.value, "words": due.words}


def _rejected(item: RejectedAlternative) -> dict[str, Any]:
    return {
        "hcpcs_code": item.hcpcs_code,
        "units": item.units,
        "is_offered": item.is_offered,
        "reason": reason_as_json(item.reason),
    }


@remembered
def _missing(item: Missing) -> dict[str, Any]:
    return {
        "gap": item.gap.value,
        "severity": item.severity.word,
        "is_no_data": item.is_no_data,
        "reason": reason_as_json(item.reason),
        "action": item.action,
    }


@remembered
def _next_tier(tier: NextTier | None) -> dict[str, Any] | None:
    if tier is None:
        return None
    return {"hcpcs_code": tier.hcpcs_code, "units": tier.units, "minutes_short": tier.minutes_short}


def _entry(entry: LedgerEntry) -> dict[str, Any]:
    contact_id, day, logged, counted, noted, exclusions, is_attempt, is_late = entry
    return {
        "contact_id": contact_id,
        "service_date": day.isoformat(),
        "logged_seconds": logged,
        "counted_seconds": counted,
        "note_seconds": noted,
        "is_attempt": is_attempt,
        "is_late": is_late,
        "exclusions": [_exclusion(exclusion) for exclusion in exclusions] if exclusions else [],
    }


def _exclusion(exclusion: Exclusion) -> dict[str, Any]:
    reason, rule = exclusion.reason, exclusion.rule
    return {
        "seconds": exclusion.seconds,
        "reason": reason.value,
        "words": reason.words,
        "is_undecided": exclusion.is_undecided,
        "cite": None if rule is None else cite(rule),
    }


# Sentences --------------------------------------------------------------------------------------------------


def lines_in_words(lines: Iterable[ProposedLine]) -> str:
    """The lines in short, `99493 x 1 + 99494 x 2`, or `no code`."""
    return " + ".join(f"{line.hcpcs_code} x {line.units}" for line in lines) or "no code"


def proposal_in_words(proposal: Proposal) -> list[str]:
    """The proposal as sentences for the worklist, most important first; care due is clinical, never minutes."""
    ledger = proposal.ledger
    codes = lines_in_words(proposal.lines)
    offered = [item for item in proposal.rejected if item.is_offered]
    sentences = [
        f"{proposal.month}, {proposal.pack_id}: {proposal.month_kind_reason.text}.",
        f"{_time(ledger.counted_seconds)} of {_time(ledger.logged_seconds)} count: {codes}.",
    ]
    sentences += [f"{_grade(item)}: {item.reason.text}. To do: {item.action}." for item in proposal.missing]
    sentences += [f"Needs a person: {reason.text}." for reason in proposal.reviews]
    sentences += [f"{reason.text}." for reason in proposal.reasons]
    sentences += [f"Offered instead: {item.hcpcs_code}; {item.reason.text}." for item in offered]
    sentences += exclusions_in_words(ledger)
    if proposal.care_due:
        sentences.append(f"Care due: {'; '.join(due.words for due in proposal.care_due)}.")
    return sentences


def exclusions_in_words(ledger: MinutesLedger) -> list[str]:
    """For each reason, how much time was not counted and in which entries."""
    totals: dict[str, list[tuple[str, int]]] = {}
    for entry in ledger.entries:
        for exclusion in entry.exclusions:
            totals.setdefault(exclusion.reason.words, []).append((entry.contact_id, exclusion.seconds))
    return [
        f"Not counted, {_time(sum(seconds for _, seconds in items))}: {words} ({', '.join(who for who, _ in items)})."
        for words, items in totals.items()
    ]


def _grade(item: Missing) -> str:
    return "No data" if item.is_no_data else _GRADES[item.severity]


_GRADES: Final = {
    Severity.BLOCK: "Stops the claim",
    Severity.REVIEW: "Needs a person",
    Severity.INFORM: "Noted",
}


def _time(seconds: int) -> str:
    minutes, rest = divmod(seconds, SECONDS_PER_MINUTE)
    return f"{minutes} min" if not rest else f"{minutes} min {rest} s"
