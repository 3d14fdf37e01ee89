"""One chunk of patients, decided and written: what a worker process does.

A chunk yields finished text and bytes (rows, JSON, whole transaction sets), so that the parent process only puts them
one after the other. The order and the bytes do not depend on how many workers there are.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
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
from cocm.close.decide import (
    DecisionContext,
    MonthDecision,
    built_payer_id,
    decide_month,
    once_a_month,
    unwritable,
)
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
        """Every patient of the chunk.

        Each is written out as soon as it is decided, while its records are at hand. The claims of the chunk follow; the
        rare one that no 837P can hold changes its decision, and then everything is written out once more.
        """
        result = ChunkResult(task.number)
        rendering = _Rendering(self.setup)
        decisions: list[MonthDecision] = []
        for rows in task.patients:
            of_patient = self._decided(rows, task.priors.get(rows.patient_id, {}), result)
            for decision in of_patient:
                rendering.add(decision)
            decisions += of_patient
        if self._has_refusals(decisions, result):
            rendering = _Rendering(self.setup)
            for decision in decisions:
                rendering.add(decision)
        rendering.finish(result)
        return result

    def _decided(
        self, rows: PatientRows, claims: Mapping[str, PriorClaim], result: ChunkResult
    ) -> list[MonthDecision]:
        """One patient's months, one for each active episode."""
        setup = self.setup
        parsed = parse_patient(rows, setup.reference, setup.month)
        result.problems += parsed.problems
        result.notes += parsed.notes
        rows_rejected = sum(problem.table != "decisions" for problem in parsed.problems)
        of_patient = []
        for case in parsed.case_files:
            payer_id = built_payer_id(case)
            if setup.payer_id in (None, payer_id):
                others = (
                    {other: claim for other, claim in claims.items() if other != payer_id} if claims else {}
                )
                of_patient.append(
                    decide_month(
                        case,
                        self.context,
                        prior=claims.get(payer_id),
                        to_others=others,
                        rows_rejected=rows_rejected,
                    )
                )
        if claims and of_patient:
            result.claims_seen += [claim.claim_id for claim in claims.values()]
        return once_a_month(of_patient) if len(of_patient) > 1 else of_patient

    def _has_refusals(self, decisions: list[MonthDecision], result: ChunkResult) -> bool:
        """Write each payer's claims as a transaction set; a claim that cannot be written is held instead."""
        outgoing: dict[str, dict[str, int]] = {}
        for position, decision in enumerate(decisions):
            if (
                decision.status is Status.CLAIM
                and decision.claim is not None
                and decision.case.payer is not None
            ):
                outgoing.setdefault(decision.case.payer.payer_id, {})[decision.claim.claim_id] = position
        has_refusals = False
        for payer_id, positions in outgoing.items():
            claims = [
                claim for position in positions.values() if (claim := decisions[position].claim) is not None
            ]

            def hold(claim: Claim, problem: X12Error, positions: dict[str, int] = positions) -> None:
                nonlocal has_refusals
                has_refusals = True
                position = positions.pop(claim.claim_id)
                decisions[position] = unwritable(decisions[position], str(problem))

            transaction = professional_transaction(
                claims, self.setup.envelopes[payer_id], result.number + 1, on_refused=hold
            )
            going = [decisions[position] for position in positions.values()]
            if going:
                result.sets[payer_id] = RenderedSet(transaction, tuple(map(_digest, going)))
        return has_refusals


class _Rendering:
    """What the close writes about patient-months, as they come: rows and JSON, counts, and rows of the report."""

    def __init__(self, setup: WorkerSetup) -> None:
        self.charges, self.provenance = setup.charges, setup.provenance
        self.tally = Tally()
        self.proposals: list[tuple[str, ...]] = []
        self.entries: list[str] = []
        self.worklist: list[tuple[str, ...]] = []
        self.ub04: list[tuple[str, ...]] = []
        self.report_rows: list[dict[str, str | int]] = []
        self.care_due_rows: list[dict[str, str | int]] = []
        self.explained: list[dict[str, object]] = []
        self.decided_rows: list[tuple[str, str, str, str, str, str]] = []

    def add(self, decision: MonthDecision) -> None:
        """One patient-month, in the order of the files."""
        at_stake = money_at_stake(decision, self.charges)
        self._count(decision, at_stake[0])
        self.proposals.append(proposal_row(decision))
        self.entries.append(json_text(decision_as_json(decision)))
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

    def finish(self, result: ChunkResult) -> None:
        """Hand everything over as finished text."""
        result.tally = self.tally
        result.proposals_csv = csv_text(self.proposals)
        result.proposals_json = ",\n".join(self.entries)
        result.worklist_csv = csv_text(self.worklist)
        result.ub04_csv = csv_text(self.ub04)
        result.worklist_rows, result.care_due_rows = self.report_rows, self.care_due_rows
        result.explained, result.decided_rows = self.explained, self.decided_rows


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
