"""One chunk of patients, decided and written: what a worker process does.

A chunk yields finished text and bytes (rows, JSON, whole transaction sets), so that the parent process only puts them
one after the other. The order and the bytes do not depend on how many workers there are.
"""

from __future__ import annotations

import gc
import marshal
import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice, pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from cocm.basics.errors import X12Error
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.claims.records import Claim
from cocm.claims.submission import PriorClaim
from cocm.close.decide import (
    DecisionContext,
    MonthDecision,
    MonthToDecide,
    built_payer_id,
    decide_months,
    once_a_month,
    unwritable,
)
from cocm.close.digests import ClaimDigest, packed
from cocm.close.rendering import RenderedMonths, Rendering
from cocm.close.without_month import LooseItem, undecided_patient
from cocm.close.worklist import Status
from cocm.edits.evidence import roles_of
from cocm.intake.groups import PatientRows
from cocm.intake.patients import PatientParser
from cocm.intake.problems import RowNote, RowProblem
from cocm.intake.reference import Reference
from cocm.rules import PackOn, Rulebook, rulebook_of
from cocm.rules.profile import ROOT_PAYER
from cocm.x12.envelope import Envelope
from cocm.x12.professional import Transaction, professional_transaction


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
    """Some patients' raw rows, in order, with the claims of theirs that were written before.

    The rows wait for a worker, and go to it, in marshal's form: a quarter of the memory of lists of texts, and several
    times faster than pickle.
    """

    number: int
    rows: bytes
    priors: dict[str, dict[str, PriorClaim]]

    @classmethod
    def of(
        cls, number: int, patients: Iterable[PatientRows], priors: dict[str, dict[str, PriorClaim]]
    ) -> ChunkTask:
        return cls(number, marshal.dumps([tuple(rows) for rows in patients], _WITHOUT_REFERENCES), priors)

    @property
    def patients(self) -> Iterator[PatientRows]:
        return map(PatientRows._make, marshal.loads(self.rows))


_WITHOUT_REFERENCES: Final = 2
"""The form of marshal that does not look for objects it has met before: there are none."""


@dataclass(frozen=True, slots=True)
class RenderedSet:
    """A payer's transaction set of this chunk, ST to SE, and the packed digests of its claims."""

    transaction: Transaction
    digests: bytes


@dataclass(slots=True)
class ChunkResult:
    """A chunk's finished outputs."""

    number: int
    months: RenderedMonths = field(default_factory=RenderedMonths)
    sets: dict[str, RenderedSet] = field(default_factory=dict)
    claims_seen: list[str] = field(default_factory=list)
    undecided: list[LooseItem] = field(default_factory=list)
    rows_of_nobody: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


Outgoing: TypeAlias = tuple[Claim, ClaimDigest]
_NO_CLAIMS: Final[Mapping[str, PriorClaim]] = MappingProxyType({})
_PATIENTS_TOGETHER: Final = 250
"""Patients that are read, then decided, then written together: enough to profit, few enough to stay in the cache."""


class ChunkWorker:
    """Decides chunk after chunk with one rulebook (the setup's, where none is given) and one set of charges."""

    def __init__(self, setup: WorkerSetup, rulebook: Rulebook | None = None) -> None:
        self.setup = setup
        self.parser = PatientParser(setup.reference, setup.month)
        rules = rulebook or rulebook_of(setup.overlays)
        day = setup.month.last_day

        @cache
        def policy_for(pack_id: str) -> PackOn:
            return rules.pack(pack_id).on(day)

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

        Each month is written out as soon as it is decided, and only its claim is kept for the chunk's transaction sets.
        The rare claim that no 837P can hold is held back when the chunk is run again, knowing of it.
        """
        refused: dict[str, str] = {}
        while True:
            result, again = self._run(task, refused)
            if not again:
                return result
            refused |= again

    def _run(self, task: ChunkTask, refused: Mapping[str, str]) -> tuple[ChunkResult, dict[str, str]]:
        """The chunk with some claims held back (by id: why), and those that turned out to be refused as well."""
        result = ChunkResult(task.number)
        rendering = Rendering(self.setup.charges, self.setup.provenance)
        outgoing: dict[str, dict[str, Outgoing]] = {}
        patients = task.patients
        while batch := tuple(islice(patients, _PATIENTS_TOGETHER)):
            decided = self._decided(batch, task.priors, result)
            rendering.add([self._outgoing(found, refused, outgoing) for found in decided])
        result.months = rendering.months()
        return result, self._write_claims(outgoing, result)

    def _outgoing(
        self, found: MonthDecision, refused: Mapping[str, str], outgoing: dict[str, dict[str, Outgoing]]
    ) -> MonthDecision:
        """Put a month's claim to those that go out; the month held where no 837P can hold its claim."""
        claim = found.claim
        if claim is not None and found.status is Status.CLAIM:
            if claim.claim_id in refused:
                return unwritable(found, refused[claim.claim_id])
            of_payer = outgoing.setdefault(built_payer_id(found.case), {})
            of_payer[claim.claim_id] = (claim, _digest(found, claim))
        return found

    def decisions(self, rows: PatientRows, claims: Mapping[str, PriorClaim]) -> list[MonthDecision]:
        """One patient's months; `claims` are our last ones of the month, by payer."""
        return self._decided([rows], {rows.patient_id: claims}, ChunkResult(0))

    def _decided(
        self,
        patients: Sequence[PatientRows],
        priors: Mapping[str, Mapping[str, PriorClaim]],
        result: ChunkResult,
    ) -> list[MonthDecision]:
        """The patients' months, one for each active episode."""
        wanted_payer_id = self.setup.payer_id
        months: list[MonthToDecide] = []
        ends: list[int] = []
        for rows, parsed in zip(patients, self.parser.parse_all(patients), strict=True):
            claims = priors.get(rows.patient_id, _NO_CLAIMS)
            result.problems += parsed.problems
            result.notes += parsed.notes
            rows_rejected = sum([problem.table != "decisions" for problem in parsed.problems])
            if rows_rejected and not parsed.case_files:
                _tell_undecided(parsed.problems, result)
            first = len(months)
            for case in parsed.case_files:
                payer_id = built_payer_id(case)
                if wanted_payer_id in (None, payer_id):
                    others = {other: claim for other, claim in claims.items() if other != payer_id}
                    months.append(MonthToDecide(case, claims.get(payer_id), others, rows_rejected))
            if claims and len(months) > first:
                result.claims_seen += [claim.claim_id for claim in claims.values()]
            ends.append(len(months))
        decided = decide_months(months, self.context)
        return [
            decision for start, end in pairwise([0, *ends]) for decision in once_a_month(decided[start:end])
        ]

    def _write_claims(
        self, outgoing: Mapping[str, dict[str, Outgoing]], result: ChunkResult
    ) -> dict[str, str]:
        """Write each payer's claims as a transaction set; the ids of those that cannot be written, and why."""
        refused: dict[str, str] = {}

        def hold(claim: Claim, problem: X12Error) -> None:
            refused[claim.claim_id] = str(problem)

        for payer_id, claims in outgoing.items():
            transaction = professional_transaction(
                [claim for claim, _ in claims.values()],
                self.setup.envelopes[payer_id],
                result.number + 1,
                on_refused=hold,
            )
            result.sets[payer_id] = RenderedSet(transaction, packed(digest for _, digest in claims.values()))
        return refused


_BILLED_ON: Final = frozenset({"patients", "episodes", "contacts"})
"""Tables without whose rows a patient has no month to decide."""


def _tell_undecided(problems: Sequence[RowProblem], result: ChunkResult) -> None:
    """Rejected rows of a patient without a case file: without a row of the worklist nobody would see what is lost.

    A cell that may hold a name that slipped into the column is nobody's id (see `RowReader.refusal`).
    """
    rejected = [problem for problem in problems if problem.table != "decisions"]
    count = len({(problem.file, problem.row_number) for problem in rejected})
    patient_id = next((problem.patient_id for problem in rejected if problem.patient_id), "")
    if not patient_id:
        result.rows_of_nobody += count
    elif any(problem.table in _BILLED_ON for problem in rejected):
        result.undecided.append(undecided_patient(patient_id, count))


def _digest(decision: MonthDecision, claim: Claim) -> ClaimDigest:
    assert decision.submission is not None
    return ClaimDigest(
        claim.claim_id,
        claim.patient_id,
        decision.submission.sequence,
        decision.claim_content_hash,
        claim.frequency_code,
        claim.charge_amount_cents,
    )


_worker: ChunkWorker | None = None


_PATIENTS_TO_PREPARE: Final = 25
"""So many meet most of what a close loads, and take it a few hundredths of a second."""


@contextmanager
def prepared_workers(setup: WorkerSetup, task: ChunkTask) -> Iterator[None]:
    """While it lasts, workers that are forked inherit what they need: rules, plans of edits, forms of the wire.

    Otherwise each loads and compiles it for itself, which takes as long as to decide a thousand patients. A few
    patients are decided here for that; their result is not wanted.
    """
    global _worker
    if multiprocessing.get_start_method() != "fork":
        yield
        return
    try:
        _worker = ChunkWorker(setup)
        patients = tuple(islice(task.patients, _PATIENTS_TO_PREPARE))
        _worker.run(ChunkTask.of(task.number, patients, task.priors))
        yield
    finally:
        _worker = None


def start_worker(setup: WorkerSetup) -> None:
    """Called once in each worker process."""
    global _worker
    gc.freeze()
    gc.disable()
    if _worker is None or _worker.setup is not setup:  # not inherited
        _worker = ChunkWorker(setup)


def run_chunk(task: ChunkTask) -> ChunkResult:
    """Called in a worker process for each chunk."""
    assert _worker is not None, "start_worker runs first"
    result = _worker.run(task)
    gc.collect(1)
    return result
