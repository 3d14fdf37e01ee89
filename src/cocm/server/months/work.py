"""Working a run: the core decides on one moment's data, without a lock; what it decided is recorded in one transaction.

A close records under the lock of the organization's books, and only where they still stand as they stood when it
decided; else it decides again. So two closes never bill a month twice, and pages go on while a thousand patients are
decided. A worker that was taken for lost records nothing.
"""

from __future__ import annotations

import logging
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from cocm.basics.errors import CocmError, StateError
from cocm.close.request import CloseRequest, CloseResult
from cocm.close.run import close_month
from cocm.intake.groups import PatientRows
from cocm.intake.problems import RowProblem, TalliedNote
from cocm.intake.reference import Reference
from cocm.server.access.actor import Actor, acting_for
from cocm.server.audit.models import AuditHead
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.books.port import practice_books
from cocm.server.months.answers import Answers, answers_kept, read_answers
from cocm.server.months.freezing import freeze
from cocm.server.months.models import MonthRun, RunReport
from cocm.server.practice_port import PracticePort
from cocm.server.rules_in_force import folders, rulebook
from cocm.server.runs.lives import Overtaken, run_failed, run_locked, run_taken_up, worker_of
from cocm.server.runs.models import RunState
from cocm.server.runs.pulse import Pulse
from cocm.server.runs.reading import reading_for
from cocm.store.state import PracticeState

DECIDED_ANEW_MAX: Final = 5
INTERCHANGE: Final = ".837"
_log = logging.getLogger(__name__)


def work(organization_id: UUID, run_id: UUID, attempt: int) -> str:
    """Work the run, if it still waits for this attempt; how it ended, for the task's row."""
    run = run_taken_up(MonthRun, organization_id, run_id, attempt)
    if run is None:
        return "not ours"
    actor = worker_of(run)
    try:
        _worked(actor, run)
    except Overtaken:
        return "overtaken"
    except CocmError as problem:
        run_failed(actor, run, str(problem))
        return "failed"
    except Exception:
        _log.exception("run %s failed", run.pk)
        run_failed(actor, run, f"something went wrong in the program; the log names run {run.pk}")
        raise
    return "done"


def _worked(actor: Actor, run: MonthRun) -> None:
    if run.is_close:
        with acting_for(actor):
            freeze(actor, run.month)
    for tries_left in reversed(range(DECIDED_ANEW_MAX)):
        with ExitStack() as stack:
            read = Reading()
            with Pulse(actor, run, read.told):
                decided = stack.enter_context(_decided(actor, run, read))
            try:
                _recorded(actor, run, decided)
                return
            except StateError:
                if not tries_left:
                    raise


# -- deciding ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Reading:
    """How far the core is: patients in all, read, and decided."""

    total: int = 0
    read: int = 0
    done: int = 0

    def told(self) -> dict[str, int]:
        """As the run's row keeps it."""
        return {"patients_total": self.total, "patients_read": self.read, "patients_done": self.done}


@dataclass(slots=True)
class _Decided:
    """What the core answered, the books it wrote it into (a copy), and where the true books stood then."""

    result: CloseResult
    answers: Answers
    reports: list[tuple[str, str, int, str, bytes]]
    books: PracticeState
    begun_at: tuple[int, str]
    trail_number: int
    rulebook_hash: str
    patients: dict[str, UUID]
    stack: ExitStack = field(repr=False)

    def __enter__(self) -> _Decided:
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()


def _decided(actor: Actor, run: MonthRun, reading: Reading) -> _Decided:
    """The month decided on the data of one moment; nothing is recorded but in a copy of the books."""
    stack = ExitStack()
    with reading_for(actor), tempfile.TemporaryDirectory(prefix="cocm-run-") as scratch:
        trail_number = AuditHead.objects.of(actor).values_list("last_number", flat=True).first() or 0
        port = PracticePort(actor)
        with practice_books(actor) as standing:
            begun_at, image = standing.last_event(), standing.image()
        books = stack.enter_context(PracticeState(None, port.reference.practice.organization_id, image=image))
        books.is_new = False  # a copy is no new file
        source = _Counted(port, reading)
        reading.total = port.patient_rows_total
        out = Path(scratch) / "out"
        result = close_month(
            CloseRequest(
                practice=Path(scratch) / "tables",
                month=run.month,
                out=out,
                as_of_date=run.as_of_date,
                state=None,
                is_dry_run=not run.is_close,
                overlays=folders(),
                workers=1,
                forms=frozenset(run.forms),
            ),
            tables=source,
            state=books,
            progress=lambda done: setattr(reading, "done", reading.done + done),
        )
        return _Decided(
            result,
            read_answers(out),
            [
                (
                    file.name,
                    file.kind,
                    file.byte_count,
                    file.sha256,
                    zlib.compress((out / file.name).read_bytes(), 6),
                )
                for file in result.files
                if not file.name.endswith(INTERCHANGE)
            ],
            books,
            begun_at,
            trail_number,
            rulebook().content_hash,
            source.keys(),
            stack,
        )


class _Counted:
    """The practice's tables, counting the patients that are read."""

    def __init__(self, port: PracticePort, reading: Reading) -> None:
        self._port, self._reading = port, reading

    @property
    def reference(self) -> Reference:
        return self._port.reference

    @property
    def notes(self) -> tuple[TalliedNote, ...]:
        return self._port.notes

    @property
    def damaged_rows(self) -> Sequence[RowProblem]:
        return self._port.damaged_rows

    def patient_groups(self) -> Iterator[PatientRows]:
        for rows in self._port.patient_groups():
            self._reading.read += 1
            yield rows

    def keys(self) -> dict[str, UUID]:
        """The patients' keys by the practice's ids."""
        from cocm.server.registry.models import Patient

        return dict(Patient.objects.of(self._port.actor).values_list("patient_id", "pk"))


# -- recording ---------------------------------------------------------------------------------------------------------


def _recorded(actor: Actor, run: MonthRun, decided: _Decided) -> None:
    """Everything or nothing: the books, the answers, the reports, the run, the trail."""
    with acting_for(actor), ExitStack() as stack:
        if run.is_close:
            books = stack.enter_context(practice_books(actor, to_write=True))
            books.take_over(decided.books, decided.begun_at)
            books.commit()
        locked = run_locked(actor, run)
        answers_kept(actor, locked, decided.answers, decided.patients)
        _reports_kept(actor, locked, decided)
        locked.state, locked.finished_at = RunState.DONE, timezone.now()
        locked.heartbeat_at = locked.finished_at
        locked.patients_total = locked.patients_read = locked.patients_done = len(decided.patients)
        locked.trail_number = decided.trail_number
        locked.rulebook_hash = decided.rulebook_hash
        locked.figures = figures_of(decided.result)
        locked.save()
        record(
            actor,
            Verb.CLOSED if run.is_close else Verb.FORECAST,
            object_type="month",
            object_id=str(run.month),
            reason=run.reason,
            details={
                "run": str(run.pk),
                "claims": locked.figures["claims_new"],
                "patients": sorted(str(key) for key in decided.patients.values()),
            },
        )


def figures_of(result: CloseResult) -> dict[str, Any]:
    """A run's totals as the pages show them."""
    tally = result.tally
    return {
        "patient_months": tally.patient_months,
        "by_status": dict(sorted(tally.by_status.items())),
        "by_code": dict(sorted(tally.by_code.items())),
        "expected_cents": tally.expected_payment_cents,
        "held_cents": tally.held_cents,
        "rows_rejected": tally.rows_rejected,
        "claims_new": sum(payer.claim_count for payer in result.payers if payer.is_new),
        "charged_cents_new": sum(payer.charge_amount_cents for payer in result.payers if payer.is_new),
        "notices": list(result.notices),
    }


def _reports_kept(actor: Actor, run: MonthRun, decided: _Decided) -> None:
    """The run's reports; those of earlier runs of the kind are dropped, but a close that wrote claims keeps its own."""
    for earlier in (
        MonthRun.objects.of(actor).filter(month_index=run.month_index, kind=run.kind).exclude(pk=run.pk)
    ):
        if not earlier.figures.get("claims_new") or not run.is_close:
            RunReport.objects.of(actor).filter(run=earlier).delete()
    RunReport.objects.bulk_create(
        RunReport(
            organization_id=actor.organization_id,
            run=run,
            name=name,
            kind=kind,
            byte_count=byte_count,
            sha256=sha256,
            content=content,
        )
        for name, kind, byte_count, sha256, content in decided.reports
    )
