"""One chunk of patients, decided and written: what a worker process does.

A chunk yields finished text and bytes (rows, JSON, whole transaction sets), so that the parent process only puts them
one after the other. The order and the bytes do not depend on how many workers there are.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from cocm.basics.errors import X12Error
from cocm.basics.identity import Provenance
from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.claims.records import Claim
from cocm.claims.submission import PriorClaim
from cocm.close.decide import DecisionContext, MonthDecision, decide_month, once_a_month, unwritable
from cocm.close.outputs import (
    codes_text,
    csv_text,
    decision_as_json,
    json_text,
    money_at_stake,
    next_tier_text,
    proposal_row,
    worklist_row,
)
from cocm.close.request import Tally
from cocm.close.ub04 import ub04_rows
from cocm.close.worklist import Status, WorkItem
from cocm.edits.evidence import roles_of
from cocm.intake.groups import PatientRows
from cocm.intake.patients import parse_patient
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference
from cocm.rules import PackOn, Rulebook, RuleValue, Severity
from cocm.rules.profile import ROOT_PAYER
from cocm.x12.envelope import Envelope
from cocm.x12.professional import Transaction, professional_transaction

EXPLAINED_PER_CHUNK: Final = 60
REPORT_ROWS_PER_CHUNK: Final = 400


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What every worker needs once: sent to it when it starts."""

    reference: Reference
    month: Month
    as_of_date: date
    provenance: Provenance
    overlays: tuple[Path, ...]
    payer_id: str | None
    charges: dict[str, int]
    envelopes: dict[str, Envelope]


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """Some patients' raw rows, in order, with the claims of theirs that were written before."""

    number: int
    patients: tuple[PatientRows, ...]
    priors: dict[str, dict[str, PriorClaim]]


@quickly_made
@dataclass(frozen=True, slots=True)
class ClaimDigest:
    """What the state keeps of a claim that goes out."""

    claim_id: str
    patient_id: str
    sequence: int
    content_hash: str
    frequency_code: str
    charge_amount_cents: int


@dataclass(frozen=True, slots=True)
class RenderedSet:
    """A payer's transaction set of this chunk, ST to SE, and its claims."""

    transaction: Transaction
    claims: tuple[ClaimDigest, ...]


@dataclass(slots=True)
class ChunkResult:
    """A chunk's finished outputs."""

    number: int
    tally: Tally = field(default_factory=Tally)
    sets: dict[str, RenderedSet] = field(default_factory=dict)
    proposals_csv: str = ""
    proposals_json: str = ""
    worklist_csv: str = ""
    ub04_csv: str = ""
    worklist_rows: list[dict[str, str | int]] = field(default_factory=list)
    care_due_rows: list[dict[str, str | int]] = field(default_factory=list)
    explained: list[dict[str, object]] = field(default_factory=list)
    claims_seen: list[str] = field(default_factory=list)
    decided_rows: list[tuple[str, str, str, str, str, str]] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


class ChunkWorker:
    """Decides chunk after chunk with one rulebook and one set of charges."""

    def __init__(self, setup: WorkerSetup) -> None:
        self.setup = setup
        rulebook = Rulebook(setup.overlays)
        day = setup.month.last_day

        @cache
        def policy_for(pack_id: str) -> PackOn:
            return rulebook.pack(pack_id).on(day)

        self.context = DecisionContext(
            month=setup.month,
            as_of_date=setup.as_of_date,
            provenance=setup.provenance,
            policy_for=policy_for,
            charges=setup.charges,
            default_pack_id=ROOT_PAYER,
            roles_by_npi=roles_of(tuple(setup.reference.staff.values())),
            sites=setup.reference.sites,
        )

    def run(self, task: ChunkTask) -> ChunkResult:
        """Every patient of the chunk."""
        result = ChunkResult(task.number)
        decisions = self._with_refusals(self._decisions(task, result), task.number, result)
        worklist_rows: list[Sequence[str]] = []
        for decision in decisions:
            self._tally(result, decision, worklist_rows)
        result.proposals_csv = csv_text(map(proposal_row, decisions))
        result.proposals_json = ",\n".join([json_text(decision_as_json(decision)) for decision in decisions])
        result.worklist_csv = csv_text(worklist_rows)
        result.ub04_csv = csv_text(
            row
            for decision in decisions
            for row in ub04_rows(decision, self.setup.charges, self.setup.provenance)
        )
        return result

    def _decisions(self, task: ChunkTask, result: ChunkResult) -> list[MonthDecision]:
        setup = self.setup
        decisions: list[MonthDecision] = []
        for rows in task.patients:
            parsed = parse_patient(rows, setup.reference, setup.month)
            result.problems += parsed.problems
            result.notes += parsed.notes
            claims = task.priors.get(rows.patient_id, {})
            of_patient = [
                decide_month(
                    case,
                    self.context,
                    prior=claims.get(case.payer.payer_id if case.payer else ""),
                    to_others={
                        payer_id: claim
                        for payer_id, claim in claims.items()
                        if case.payer is None or payer_id != case.payer.payer_id
                    },
                    rows_rejected=sum(problem.table != "decisions" for problem in parsed.problems),
                )
                for case in parsed.case_files
                if setup.payer_id in (None, case.payer.payer_id if case.payer else "")
            ]
            result.claims_seen += [claim.claim_id for claim in claims.values()] if of_patient else []
            decisions += once_a_month(of_patient) if len(of_patient) > 1 else of_patient
        return decisions

    def _with_refusals(
        self, decisions: list[MonthDecision], number: int, result: ChunkResult
    ) -> list[MonthDecision]:
        """Write each payer's claims as a transaction set; a claim that cannot be written is held instead."""
        outgoing: dict[str, dict[str, int]] = {}
        for position, decision in enumerate(decisions):
            if (
                decision.status is Status.CLAIM
                and decision.claim is not None
                and decision.case.payer is not None
            ):
                outgoing.setdefault(decision.case.payer.payer_id, {})[decision.claim.claim_id] = position
        for payer_id, positions in outgoing.items():
            claims = [
                claim for position in positions.values() if (claim := decisions[position].claim) is not None
            ]

            def hold(claim: Claim, problem: X12Error, positions: dict[str, int] = positions) -> None:
                position = positions.pop(claim.claim_id)
                decisions[position] = unwritable(decisions[position], str(problem))

            transaction = professional_transaction(
                claims, self.setup.envelopes[payer_id], number + 1, on_refused=hold
            )
            going = [decisions[position] for position in positions.values()]
            if going:
                result.sets[payer_id] = RenderedSet(transaction, tuple(map(_digest, going)))
        return decisions

    def _tally(
        self, result: ChunkResult, decision: MonthDecision, worklist_rows: list[Sequence[str]]
    ) -> None:
        tally, proposal = result.tally, decision.proposal
        at_stake = money_at_stake(decision, self.setup.charges)
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
            tally.held_cents += at_stake[0]
        items = _worth_showing(decision)
        for item in items:
            tally.by_item[item.item] += 1
            tally.cents_by_item[item.item] += at_stake[0]
            worklist_rows.append(worklist_row(decision, item, at_stake))
            if decision.status is not Status.CARE_DUE and len(result.worklist_rows) < REPORT_ROWS_PER_CHUNK:
                result.worklist_rows.append(_report_row(decision, item, at_stake))
        result.decided_rows += [
            (
                decision.case.patient.patient_id,
                made.kind.value,
                made.item,
                made.decided_by,
                made.decided_on.isoformat(),
                made.reason,
            )
            for made in decision.decisions
        ]
        if decision.status is Status.CARE_DUE and len(result.care_due_rows) < REPORT_ROWS_PER_CHUNK:
            result.care_due_rows.append(_care_due_row(decision))
        if len(result.explained) < EXPLAINED_PER_CHUNK and decision.status is not Status.NO_SERVICE:
            result.explained.append(_explained(decision))


def _digest(decision: MonthDecision) -> ClaimDigest:
    claim = decision.claim
    assert claim is not None and decision.submission is not None
    return ClaimDigest(
        claim.claim_id,
        claim.patient_id,
        decision.submission.sequence,
        decision.claim_content_hash,
        claim.frequency_code,
        claim.charge_amount_cents,
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


_worker: ChunkWorker | None = None


def start_worker(setup: WorkerSetup) -> None:
    """Called once in each worker process. Records hold no cycles, so the collector would only search in vain."""
    global _worker
    gc.freeze()
    gc.disable()
    _worker = ChunkWorker(setup)


def run_chunk(task: ChunkTask) -> ChunkResult:
    """Called in a worker process for each chunk."""
    assert _worker is not None, "start_worker runs first"
    result = _worker.run(task)
    gc.collect(1)
    return result
