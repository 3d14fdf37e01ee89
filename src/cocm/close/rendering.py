"""Patient-months written out as they come: rows, JSON, counts, and the rows that the report may show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cocm.basics.identity import Provenance
from cocm.basics.money import dollars
from cocm.close.decide import MonthDecision
from cocm.close.outputs import (
    codes_text,
    csv_text,
    decision_json,
    money_at_stake,
    next_tier_text,
    proposal_row,
    worklist_row,
)
from cocm.close.request import Tally
from cocm.close.ub04 import ub04_rows
from cocm.close.worklist import Status, WorkItem
from cocm.rules import RuleValue, Severity

EXPLAINED_PER_CHUNK: Final = 60
REPORT_ROWS_PER_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class RenderedMonths:
    """Some patient-months as parts of the close's files, their counts, and rows for the report."""

    tally: Tally = field(default_factory=Tally)
    proposals_csv: bytes = b""
    proposals_json: bytes = b""
    worklist_csv: bytes = b""
    ub04_csv: bytes = b""
    worklist_rows: list[dict[str, str | int]] = field(default_factory=list)
    care_due_rows: list[dict[str, str | int]] = field(default_factory=list)
    explained: list[dict[str, object]] = field(default_factory=list)
    decided_rows: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)


class Rendering:
    """What the close writes about patient-months, as they come: rows and JSON, counts, and rows of the report."""

    def __init__(self, charges: Mapping[str, int], provenance: Provenance) -> None:
        self.charges, self.provenance = charges, provenance
        self.tally = Tally()
        self.proposals: list[tuple[str, ...]] = []
        self.entries: list[bytes] = []
        self.worklist: list[tuple[str, ...]] = []
        self.ub04: list[tuple[str, ...]] = []
        self.report_rows: list[dict[str, str | int]] = []
        self.care_due_rows: list[dict[str, str | int]] = []
        self.explained: list[dict[str, object]] = []
        self.decided_rows: list[tuple[str, str, str, str, str, str]] = []

    def add(self, decisions: Sequence[MonthDecision]) -> None:
        """Some patient-months, in the order of the files."""
        self.proposals += map(proposal_row, decisions)
        self.entries += map(decision_json, decisions)
        for decision in decisions:
            self._add_to_lists(decision)

    def _add_to_lists(self, decision: MonthDecision) -> None:
        """Counts, worklist and report."""
        at_stake = money_at_stake(decision, self.charges)
        self._count(decision, at_stake[0])
        if decision.is_for_institutional_form:
            self.ub04 += ub04_rows(decision, self.charges, self.provenance)
        for item in _worth_showing(decision):
            self.tally.by_item[item.item] += 1
            self.tally.cents_by_item[item.item] += at_stake[0]
            self.worklist.append(worklist_row(decision, item, at_stake))
            if decision.status is not Status.CARE_DUE and len(self.report_rows) < REPORT_ROWS_PER_CHUNK:
                self.report_rows.append(_report_row(decision, item, at_stake))
        if decision.decisions:
            self.decided_rows += _decided_rows(decision)
        if decision.status is Status.CARE_DUE and len(self.care_due_rows) < REPORT_ROWS_PER_CHUNK:
            self.care_due_rows.append(_care_due_row(decision))
        if len(self.explained) < EXPLAINED_PER_CHUNK and decision.status is not Status.NO_SERVICE:
            self.explained.append(_explained(decision))

    def _count(self, decision: MonthDecision, cents_at_stake: int) -> None:
        tally, proposal = self.tally, decision.proposal
        tally.patient_months += 1
        tally.minutes_counted += proposal.ledger.minutes_counted
        tally.by_status[decision.status.value] += 1
        if proposal.lines:
            tally.by_month_kind[proposal.month_kind.value] += 1
        if decision.status is Status.CLAIM:
            tally.expected_payment_cents += proposal.expected_payment_cents or 0
            for line in proposal.lines:
                tally.by_code[line.hcpcs_code] += line.units
        if decision.status is Status.HELD:
            tally.held_cents += cents_at_stake

    def months(self) -> RenderedMonths:
        """Everything added so far, as finished text."""
        return RenderedMonths(
            tally=self.tally,
            proposals_csv=csv_text(self.proposals).encode(),
            proposals_json=b",\n".join(self.entries),
            worklist_csv=csv_text(self.worklist).encode(),
            ub04_csv=csv_text(self.ub04).encode(),
            worklist_rows=self.report_rows,
            care_due_rows=self.care_due_rows,
            explained=self.explained,
            decided_rows=self.decided_rows,
        )


def _decided_rows(decision: MonthDecision) -> Iterator[tuple[str, str, str, str, str, str]]:
    for made in decision.decisions:
        yield (
            decision.case.patient.patient_id,
            made.kind.value,
            made.item,
            made.decided_by,
            made.decided_on.isoformat(),
            made.reason,
        )


def _worth_showing(decision: MonthDecision) -> tuple[WorkItem, ...]:
    """The reasons that belong on the worklist: what holds the month; for a short month the care that is due."""
    shown = tuple([item for item in decision.items if item.is_shown])
    if decision.status is Status.CARE_DUE:
        return (_care_due_item(decision), *shown)
    return decision.held + shown


def _care_due_words(decision: MonthDecision) -> str:
    """The clinical care that is due, in words; never a count of minutes."""
    return "; ".join(due.words for due in decision.proposal.care_due) or "follow up as planned"


def _care_due_item(decision: MonthDecision) -> WorkItem:
    proposal = decision.proposal
    tier = proposal.next_tier
    why = f"{proposal.ledger.minutes_counted} minutes of care, no code yet"
    if tier is not None:
        why += f" ({tier.minutes_short} short of {tier.hcpcs_code})"
    return WorkItem("care_due", Severity.INFORM, False, why, _care_due_words(decision), ())


def _report_row(decision: MonthDecision, item: WorkItem, at_stake: tuple[int, str]) -> dict[str, str | int]:
    return {
        "patient_id": decision.case.patient.patient_id,
        "payer_id": decision.case.payer.payer_id if decision.case.payer else "",
        "codes": codes_text(decision.proposal),
        "cents": at_stake[0],
        "at_stake": dollars(at_stake[0]),
        "grade": item.grade,
        "grade_class": "nodata" if item.is_no_data else item.severity.word,
        "item": item.item,
        "why": item.why,
        "action": item.action,
        "rules": " · ".join(rule.cite for rule in item.rules),
    }


def _care_due_row(decision: MonthDecision) -> dict[str, str | int]:
    tier = decision.proposal.next_tier
    return {
        "patient_id": decision.case.patient.patient_id,
        "payer_id": decision.case.payer.payer_id if decision.case.payer else "",
        "minutes_counted": decision.proposal.ledger.minutes_counted,
        "next_tier": next_tier_text(decision.proposal),
        "minutes_short": tier.minutes_short if tier else "",
        "care": _care_due_words(decision),
    }


_STATUS_TEXT: Final = {
    Status.CLAIM: "claim ready",
    Status.ALREADY_SENT: "sent before",
    Status.HELD: "held",
    Status.CARE_DUE: "care due",
    Status.NO_SERVICE: "no service",
}


def _explained(decision: MonthDecision) -> dict[str, object]:
    proposal = decision.proposal
    return {
        "patient_id": decision.case.patient.patient_id,
        "payer_id": decision.case.payer.payer_id if decision.case.payer else "",
        "minutes_counted": proposal.ledger.minutes_counted,
        "codes": codes_text(proposal),
        "status_text": _STATUS_TEXT[decision.status],
        "reasons": [
            {"text": reason.text, "rules": _cites(reason.rules)}
            for reason in (proposal.month_kind_reason, *proposal.reasons)
        ],
        "rejected": [
            {"code": item.hcpcs_code, "text": item.reason.text, "rules": _cites(item.reason.rules)}
            for item in proposal.rejected
        ],
        "excluded": [
            f"{entry.service_date}: {_duration(exclusion.seconds)}, {exclusion.reason.words}"
            for entry in proposal.ledger.entries
            for exclusion in entry.exclusions
        ],
    }


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if rest else f"{minutes} min"


def _cites(rules: tuple[RuleValue, ...]) -> list[str]:
    return [rule.cite for rule in rules]
