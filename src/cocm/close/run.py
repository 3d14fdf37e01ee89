"""Runs a month close: practice tables in; claim files, worklist, proposals and report out.

Either everything is written or nothing is: outputs are staged in a hidden folder beside the out folder, the state is
committed, and only then do the files take their names. Patients stream through in chunks, so that memory stays flat;
chunks are decided by worker processes and put together in order.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import time
from itertools import chain, islice
from pathlib import Path
from typing import Final

from cocm.basics.collector import collector_paused
from cocm.basics.errors import UnusableInput
from cocm.basics.files import safe_cell
from cocm.basics.identity import Provenance
from cocm.claims.submission import VOID
from cocm.close.basis import charges_on, prior_claims
from cocm.close.chunk import (
    ChunkResult,
    ChunkTask,
    ChunkWorker,
    WorkerSetup,
    prepared_workers,
    run_chunk,
    start_worker,
)
from cocm.close.claim_files import ClaimFiles, payer_envelopes
from cocm.close.outputs import (
    PROPOSAL_COLUMNS,
    REJECTED_COLUMNS,
    WORKLIST_COLUMNS,
    csv_text,
    json_text,
)
from cocm.close.report import ReportRows, render_report
from cocm.close.request import CloseRequest, CloseResult, PayerTotal, Tally
from cocm.close.staging import Staging
from cocm.close.ub04 import UB04_COLUMNS, UB04_FILE
from cocm.close.without_month import LooseItem, basis_gone, rows_of_nobody
from cocm.intake.practice import PracticeTables, open_practice
from cocm.intake.problems import NoteTally, RowProblem
from cocm.intake.reference import Reference
from cocm.intake.tables import TABLES
from cocm.rules import Rulebook, rulebook_of
from cocm.store.state import Event, PracticeState

PATIENTS_PER_CHUNK: Final = 1_000
CHUNKS_AHEAD_PER_WORKER: Final = 2
STATE_FILE_NAME: Final = "cocm-state.sqlite"
ENVELOPE_TIME: Final = time(12, 0)

Progress = Callable[[int], None]


def close_month(
    request: CloseRequest,
    *,
    progress: Progress | None = None,
    tables: PracticeTables | None = None,
    state: PracticeState | None = None,
) -> CloseResult:
    """Close a month. `progress` is told the patients done so far.

    `tables` stand in for the files of `request.practice`, which then is only the folder that keeps the state. An open
    `state` stands in for that file; whoever opened it commits and closes it, and a dry run leaves it as it was.

    Raises `UnusableInput` (or another `CocmError`) when the input as a whole cannot be used; then nothing was written.
    """
    rulebook = rulebook_of(request.overlays)
    if tables is not None:
        return _close(request, tables, rulebook, progress, state)
    with open_practice(request.practice) as source:
        return _close(request, source, rulebook, progress, state)


def _close(
    request: CloseRequest,
    source: PracticeTables,
    rulebook: Rulebook,
    progress: Progress | None,
    given: PracticeState | None,
) -> CloseResult:
    reference = source.reference
    _check_payers(request, reference, rulebook)
    _check_request(request)
    provenance = Provenance(reference.practice.organization_id, request.as_of_date, rulebook.content_hash)
    with _opened(request, provenance.organization_id, given) as state, Staging(request.out) as staging:
        state.check_events()
        with collector_paused():
            result = _Run(request, source, reference, provenance, state, staging, progress).close()
        staging.check_out()
        if request.records and given is None:
            state.commit()
        staging.publish()
        return result


def _opened(
    request: CloseRequest, organization_id: str, given: PracticeState | None
) -> AbstractContextManager[PracticeState]:
    """The state that the close works on: a test's own, the one given, or the practice's file."""
    if request.is_test:
        return PracticeState(None, organization_id)
    if given is not None:
        return _lent(given, keeps=request.records)
    path = request.state if request.state is not None else default_state_path(request.practice)
    is_apart = request.is_dry_run and not path.exists()
    return PracticeState(None if is_apart else path, organization_id)


@contextmanager
def _lent(state: PracticeState, *, keeps: bool) -> Iterator[PracticeState]:
    """Another's open state, as it was before where nothing is to be kept, or something went wrong."""
    state.connection.execute("SAVEPOINT before_the_close")
    try:
        yield state
    except BaseException:
        keeps = False
        raise
    finally:
        if not keeps:
            state.connection.execute("ROLLBACK TO before_the_close")
        state.connection.execute("RELEASE before_the_close")


def _check_request(request: CloseRequest) -> None:
    if request.records and request.as_of_date < request.month.last_day:
        raise UnusableInput(
            f"{request.month} is not over on {request.as_of_date}: care may still come, and a claim sent now would "
            "have to be corrected. Look ahead with --dry-run, or close when the month is over"
        )
    tables = request.practice if request.practice.is_dir() else request.practice.parent
    if request.out.resolve() == tables.resolve():
        raise UnusableInput(
            f"--out {request.out}: is the practice's own folder; name another, such as closed/ in it"
        )


def default_state_path(practice: Path) -> Path:
    """In the folder of the tables, whether they are CSV files or a workbook: renaming a workbook loses no state."""
    return (practice if practice.is_dir() else practice.parent) / STATE_FILE_NAME


def _check_payers(request: CloseRequest, reference: Reference, rulebook: Rulebook) -> None:
    if request.payer_id is not None and request.payer_id not in reference.payers:
        known = ", ".join(sorted(reference.payers)) or "none"
        raise UnusableInput(
            f"--payer {request.payer_id}: the payers table has no such payer_id; it has {known}"
        )
    for payer in reference.payers.values():
        if payer.pack_id not in rulebook.payer_ids:
            raise UnusableInput(
                f"payers table, payer {payer.payer_id}: no rulebook pack {payer.pack_id!r}; there are "
                f"{', '.join(rulebook.payer_ids)} (or lay your own over them with --rules)"
            )


class _Run:
    """One close from start to end."""

    def __init__(
        self,
        request: CloseRequest,
        source: PracticeTables,
        reference: Reference,
        provenance: Provenance,
        state: PracticeState,
        staging: Staging,
        progress: Progress | None,
    ) -> None:
        self.request, self.source, self.reference = request, source, reference
        self.provenance, self.state, self.staging, self.progress = provenance, state, staging, progress
        self.tally = Tally()
        self.rows = ReportRows()
        self.claims_seen: set[str] = set()
        self.undecided: list[LooseItem] = []
        self.rows_of_nobody = 0
        self.notes = NoteTally()
        self.notes.add(reference.notes)
        self.problems: list[RowProblem] = list(reference.problems)
        self.envelopes = payer_envelopes(request, reference, state.next_control_number())

    def close(self) -> CloseResult:
        with ExitStack() as files:
            self.claim_files = ClaimFiles(
                self.request, self.envelopes, self.provenance, self.state, self.staging, files
            )
            outputs = {
                name: files.enter_context(self.staging.open(name))
                for name in ("proposals.csv", "proposals.json", "worklist.csv", "rejected_rows.csv")
            }
            outputs["proposals.csv"].write(csv_text([PROPOSAL_COLUMNS]).encode())
            outputs["worklist.csv"].write(csv_text([WORKLIST_COLUMNS]).encode())
            head = json_text({"provenance": self.provenance.as_json(), "month": str(self.request.month)})
            outputs["proposals.json"].write(f'{head[:-1]},"proposals":[\n'.encode())
            is_first = True
            for result in self._results():
                months = result.months
                outputs["proposals.csv"].write(months.proposals_csv)
                outputs["worklist.csv"].write(months.worklist_csv)
                if months.ub04_csv:
                    if UB04_FILE not in outputs:
                        outputs[UB04_FILE] = files.enter_context(self.staging.open(UB04_FILE))
                        outputs[UB04_FILE].write(csv_text([UB04_COLUMNS]).encode())
                    outputs[UB04_FILE].write(months.ub04_csv)
                if months.proposals_json:
                    if not is_first:
                        outputs["proposals.json"].write(b",\n")
                    outputs["proposals.json"].write(months.proposals_json)
                    is_first = False
                self._take(result)
            outputs["proposals.json"].write(b"\n]}\n")
            outputs["worklist.csv"].write(self._worklist_end().encode())
            self.problems += self.source.damaged_rows
            outputs["rejected_rows.csv"].write(self._rejected_rows().encode())
            self.tally.rows_rejected = len({(problem.file, problem.row_number) for problem in self.problems})
            for name, kind in (
                ("worklist.csv", "worklist"),
                ("proposals.csv", "proposals"),
                ("proposals.json", "proposals with explanations"),
                ("rejected_rows.csv", "rejected rows"),
                (UB04_FILE, "data sheet of institutional claims"),
            ):
                if name in outputs:
                    self.staging.finish(name, kind, outputs[name])
            payers = (*self.claim_files.write_earlier(), *self.claim_files.finish())
            notices = tuple(str(note) for note in (*self.source.notes, *self.notes.notes()))
            self._write_report(payers, notices)
            self._record_close(payers)
        return CloseResult(self.tally, payers, self.staging.files, self._state_notice() + notices)

    # -- deciding --------------------------------------------------------------------------------------------------

    def _results(self) -> Iterator[ChunkResult]:
        setup = WorkerSetup(
            reference=self.reference,
            month=self.request.month,
            as_of_date=self.request.as_of_date,
            provenance=self.provenance,
            overlays=self.request.overlays,
            payer_id=self.request.payer_id,
            charges=charges_on(self.reference, self.request.month),
            envelopes=self.envelopes,
        )
        tasks = self._tasks()
        first_two = list(islice(tasks, 2))
        tasks = chain(first_two, tasks)
        workers = self.request.workers or os.cpu_count() or 1
        if len(first_two) < 2 or workers == 1:
            worker = ChunkWorker(setup)
            for task in tasks:
                yield self._report_progress(worker.run(task))
            return
        with (
            prepared_workers(setup, first_two[0]),
            ProcessPoolExecutor(workers, initializer=start_worker, initargs=(setup,)) as pool,
        ):
            waiting: deque[Future[ChunkResult]] = deque()
            for task in tasks:
                waiting.append(pool.submit(run_chunk, task))
                if len(waiting) > workers * CHUNKS_AHEAD_PER_WORKER:
                    yield self._report_progress(waiting.popleft().result())
            while waiting:
                yield self._report_progress(waiting.popleft().result())

    def _report_progress(self, result: ChunkResult) -> ChunkResult:
        if self.progress is not None:
            self.progress(result.months.tally.patient_months)
        return result

    def _tasks(self) -> Iterator[ChunkTask]:
        groups = iter(self.source.patient_groups())
        number = 0
        while patients := tuple(islice(groups, PATIENTS_PER_CHUNK)):
            yield ChunkTask.of(number, patients, prior_claims(self.state, self.request.month, patients))
            number += 1

    def _take(self, result: ChunkResult) -> None:
        self.tally.add(result.months.tally)
        self.rows.add(result.months)
        self.claims_seen.update(result.claims_seen)
        self.undecided += result.undecided
        self.rows_of_nobody += result.rows_of_nobody
        self.problems += result.problems
        self.notes.add(result.notes)
        self.claim_files.add(result.sets)

    def _loose_items(self) -> Iterator[LooseItem]:
        """What no decided month stands behind: patients left undecided, rows of nobody, claims without a basis."""
        yield from self.undecided
        damaged = [problem for problem in self.source.damaged_rows if TABLES[problem.table].is_by_patient]
        if count := self.rows_of_nobody + len(damaged):
            yield rows_of_nobody(count)
        yield from self._claims_without_basis()

    def _claims_without_basis(self) -> Iterator[LooseItem]:
        """Claims that went out for the month, but whose patient, episode or coverage is no longer in the tables."""
        for claim in self.state.latest_claims_in_order(self.request.month):
            patient_id, payer_id = claim.patient_id, claim.payer_id
            if (
                claim.claim_id in self.claims_seen
                or claim.frequency_code == VOID
                or self.request.payer_id not in (None, payer_id)
            ):
                continue
            yield basis_gone(patient_id, payer_id, claim.claim_id, claim.charge_amount_cents)

    def _worklist_end(self) -> str:
        """The last rows of the worklist, counted in."""
        loose = list(self._loose_items())
        for item in loose:
            self.tally.by_item[item.item] += 1
            self.tally.cents_by_item[item.item] += item.cents
            self.rows.add_loose(item)
        return csv_text(item.row(self.provenance) for item in loose)

    def _state_notice(self) -> tuple[str, ...]:
        if self.state.is_new and self.request.records:
            return (
                f"a new state file was made, {self.state.path}: it remembers what was written, so that nothing is "
                "billed twice. Keep it with your backups. If this practice closed months before, find its file and "
                "name it with --state.",
            )
        return ()

    # -- the rest --------------------------------------------------------------------------------------------------

    def _rejected_rows(self) -> str:
        self.problems.sort()
        rows = [
            (
                safe_cell(p.file),
                str(p.row_number),
                safe_cell(p.column),
                safe_cell(p.expectation),
                safe_cell(p.found),
            )
            for p in self.problems
        ]
        return csv_text([REJECTED_COLUMNS, *rows])

    def _write_report(self, payers: tuple[PayerTotal, ...], notices: tuple[str, ...]) -> None:
        content = render_report(
            self.request,
            self.reference.practice.name,
            self.tally,
            payers,
            self.rows,
            self.problems,
            notices,
            self.provenance,
        )
        with self.staging.open("report.html") as stream:
            stream.write(content.encode())
            self.staging.finish("report.html", "report for people", stream)
        summary = {
            "provenance": self.provenance.as_json(),
            "month": str(self.request.month),
            "is_dry_run": self.request.is_dry_run,
            "patient_months": self.tally.patient_months,
            "by_status": dict(sorted(self.tally.by_status.items())),
            "by_code": dict(sorted(self.tally.by_code.items())),
            "by_item": dict(sorted(self.tally.by_item.items())),
            "rows_rejected": self.tally.rows_rejected,
            "payers": [
                {
                    "payer_id": payer.payer_id,
                    "file_name": payer.file_name,
                    "control_number": payer.control_number,
                    "claim_count": payer.claim_count,
                    "charge_amount_cents": payer.charge_amount_cents,
                    "is_new": payer.is_new,
                }
                for payer in payers
            ],
            "files": [
                {"name": file.name, "kind": file.kind, "byte_count": file.byte_count, "sha256": file.sha256}
                for file in self.staging.files
            ],
        }
        with self.staging.open("summary.json") as stream:
            stream.write((json_text(summary) + "\n").encode())
            self.staging.finish("summary.json", "counts and digests", stream)

    def _record_close(self, payers: tuple[PayerTotal, ...]) -> None:
        detail: dict[str, str | int] = {
            "month": str(self.request.month),
            "patient_months": self.tally.patient_months,
            "minutes_counted": self.tally.minutes_counted,
            "claims_new": sum(payer.claim_count for payer in payers if payer.is_new),
            "held": self.tally.by_status["held"],
            "rulebook_hash": self.provenance.rulebook_hash,
        }
        self.state.record_events(
            [Event("month_closed", str(self.request.month), detail)], self.request.as_of_date
        )
