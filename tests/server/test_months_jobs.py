"""Runs in the background: a lost worker, two workers, a second click; the walls hold inside a job."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import time_machine
from databases import ONE_ENGINE
from django.db import connections
from django.db.utils import IntegrityError
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from months_rows import IN_APRIL, MARCH, claims_in_books, worked

from cocm.basics.errors import StateError
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.selectors import first_broken_event
from cocm.server.books.port import practice_books
from cocm.server.months import work as working
from cocm.server.months.models import MonthRun, RunKind
from cocm.server.months.runs import run_refresh, run_start
from cocm.server.months.sweep import sweep
from cocm.server.months.work import work
from cocm.server.runs.lives import ATTEMPTS_MAX
from cocm.server.runs.models import RunState
from cocm.store.state import Event

pytestmark = [pytest.mark.live, pytest.mark.once]


def ask(world, kind: RunKind = RunKind.CLOSE) -> MonthRun:
    with world.inside(world.practice):
        return run_start(actor=world.practice, month=MARCH, kind=kind, today=IN_APRIL)


def again(world, run: MonthRun) -> MonthRun:
    with world.inside(world.practice):
        return MonthRun.objects.of(world.practice).get(pk=run.pk)


def in_threads(*tasks) -> list[BaseException]:
    problems: list[BaseException] = []

    def guarded(task) -> None:
        try:
            task()
        except BaseException as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=guarded, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def test_two_clicks_at_once_ask_for_one_run(world) -> None:
    asked: list[MonthRun] = []
    assert in_threads(*[lambda: asked.append(ask(world)) for _ in range(4)]) == []
    assert len({run.pk for run in asked}) == 1
    assert DBTaskResult.objects.count() == 1


def test_two_workers_with_one_task_bill_once(world) -> None:
    run = ask(world)
    ended: list[str] = []
    job = lambda: ended.append(work(run.organization_id, run.pk, 1))  # noqa: E731  # a task for a thread
    assert in_threads(job, job, job) == []
    assert sorted(ended) == ["done", "not ours", "not ours"]
    claims = claims_in_books(world.practice)
    assert len(claims) == again(world, run).figures["claims_new"]


def test_a_posting_meanwhile_makes_the_close_decide_again(world, monkeypatch) -> None:
    """Somebody else writes into the books between the close's look and its record."""
    decided, times = working._decided, []

    def interrupted(actor, run, pulse):
        found = decided(actor, run, pulse)
        times.append(1)
        if len(times) == 1:
            with world.inside(actor), practice_books(actor, to_write=True) as books:
                books.record_events([Event("noted", "elsewhere", {})], IN_APRIL)
                books.commit()
        return found

    monkeypatch.setattr(working, "_decided", interrupted)
    run = worked(world.practice, kind="close")
    assert len(times) == 2 and len(claims_in_books(world.practice)) == run.figures["claims_new"]


@ONE_ENGINE
def test_books_that_never_rest_end_the_close_and_nothing_is_recorded(world, monkeypatch) -> None:
    def refused(*_) -> None:
        raise StateError("another close or posting was recorded meanwhile")

    monkeypatch.setattr(working, "DECIDED_ANEW_MAX", 2)
    monkeypatch.setattr(working, "_recorded", refused)
    run = ask(world)
    assert work(run.organization_id, run.pk, 1) == "failed"
    run = again(world, run)
    assert run.state == RunState.FAILED and "meanwhile" in run.problem
    assert claims_in_books(world.practice) == []


@ONE_ENGINE
def test_a_fault_of_the_program_ends_as_failed_and_can_be_run_again(world, monkeypatch) -> None:
    def broken(*_args, **_more):
        raise RuntimeError("of the program")

    run = ask(world)
    with monkeypatch.context() as patch:
        patch.setattr(working, "close_month", broken)
        with pytest.raises(RuntimeError):
            work(run.organization_id, run.pk, 1)
    failed = again(world, run)
    assert failed.state == RunState.FAILED and str(run.pk) in failed.problem
    assert "of the program" not in failed.problem
    assert worked(world.practice, kind="close").figures["claims_new"] > 0


def test_a_worker_taken_for_lost_records_nothing_when_it_comes_back(world, monkeypatch) -> None:
    recorded = working._recorded

    def late(actor, run, decided) -> None:
        with world.inside(actor):
            MonthRun.objects.of(actor).filter(pk=run.pk).update(
                heartbeat_at=timezone.now() - timedelta(minutes=2)
            )
            assert run_refresh(actor=actor, run=again(world, run)).attempt == 2
        recorded(actor, run, decided)

    run = ask(world)
    with monkeypatch.context() as patch:
        patch.setattr(working, "_recorded", late)
        assert work(run.organization_id, run.pk, 1) == "overtaken"
    assert claims_in_books(world.practice) == []
    assert again(world, run).state == RunState.WAITING
    assert work(run.organization_id, run.pk, 2) == "done"
    assert len(claims_in_books(world.practice)) == again(world, run).figures["claims_new"] > 0


@ONE_ENGINE
def test_a_run_whose_workers_are_lost_again_and_again_ends_as_failed(world) -> None:
    run = ask(world)
    for attempt in range(1, ATTEMPTS_MAX + 1):
        with world.inside(world.practice):
            MonthRun.objects.of(world.practice).filter(pk=run.pk).update(
                state=RunState.RUNNING, started_at=timezone.now(), heartbeat_at=timezone.now()
            )
        DBTaskResult.objects.filter(status="READY").update(status="RUNNING")
        assert sweep() == 0
        with time_machine.travel(timezone.now() + timedelta(minutes=5)):
            assert sweep() == 1
        run = again(world, run)
        assert run.attempt == min(attempt + 1, ATTEMPTS_MAX)
    assert run.state == RunState.FAILED and "lost" in run.problem
    assert DBTaskResult.objects.filter(status="FAILED").count() == ATTEMPTS_MAX


def test_the_database_itself_keeps_a_second_active_run_out(world) -> None:
    run = ask(world)
    with world.inside(world.practice), pytest.raises(IntegrityError):
        run.pk, run._state.adding = None, True
        run.id = None
        MonthRun.objects.create(
            organization_id=run.organization_id,
            month_index=run.month_index,
            kind=RunKind.FORECAST,
            as_of_date=IN_APRIL,
            asked_at=timezone.now(),
        )


def test_a_job_sees_its_own_organization_only(world) -> None:
    run = ask(world)
    with world.inside(world.neighbour):
        assert not MonthRun.objects.of(world.neighbour).filter(pk=run.pk).exists()
    assert work(world.neighbour.organization_id, run.pk, 1) == "not ours"
    assert again(world, run).state == RunState.WAITING


def test_a_worker_killed_in_the_middle_is_followed_by_another(world, database, engines) -> None:
    """A real worker process is killed while it works; the next one finishes, and nothing is written twice."""
    run = ask(world)
    name = connections.settings["default"]["NAME"]
    url = engines(database).url(str(name).rpartition("/")[2].removesuffix(".sqlite"))
    given = {key: value for key, value in os.environ.items() if not key.startswith(("COCM_", "DJANGO_"))}
    given |= {"COCM_DEMO": "1", "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "cocm.server.settings"}
    slow = (
        "import sys, time, django; django.setup()\n"
        "from cocm.server.months import work\n"
        "kept = work._recorded\n"
        "def late(*given):\n    print('decided', flush=True); time.sleep(60); kept(*given)\n"
        "work._recorded = late\n"
        "from django.core.management import call_command\n"
        "call_command('db_worker', batch=True, interval=0, startup_delay=False, reload=False)\n"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", slow], env=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert first.stdout is not None and first.stdout.readline() == b"decided\n"
        seen_at = again(world, run)
        assert seen_at.state == RunState.RUNNING and seen_at.attempt == 1
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
        first.stdout.close()
    assert claims_in_books(world.practice) == []
    with time_machine.travel(timezone.now() + timedelta(minutes=5), tick=True):
        assert sweep() == 1
        command = [sys.executable, "-m", "cocm.cli", "manage", "db_worker", "--batch", "--no-startup-delay"]
        second = subprocess.run(command, env=given, capture_output=True, text=True, timeout=240, check=False)
    assert second.returncode == 0, second.stderr
    run = again(world, run)
    assert (run.state, run.attempt) == (RunState.DONE, 2), run.problem
    assert len(claims_in_books(world.practice)) == run.figures["claims_new"] > 0
    with world.inside(world.practice):
        assert first_broken_event(actor=world.practice) is None


def test_pages_go_on_while_a_month_is_decided(world, monkeypatch) -> None:
    """Deciding takes no lock: a page writes and reads in the middle of it."""
    from django.test import Client

    decided, waits = working._decided, []
    client = Client()
    client.force_login(world.user(MemberRole.BILLING), "allauth.account.auth_backends.AuthenticationBackend")

    def page() -> None:
        begun = time.monotonic()
        answer = client.post(
            f"/months/2026-03/patients/{world.ariana.pk}/decide/?kind=hold", {"reason": "meanwhile"}
        )
        assert answer.status_code == 302
        waits.append(time.monotonic() - begun)

    close_month = working.close_month

    def with_a_page(*given, **more):
        result = close_month(*given, **more)
        assert in_threads(page) == []
        return result

    monkeypatch.setattr(working, "close_month", with_a_page)
    assert decided is working._decided
    run = worked(world.practice, kind="close")
    assert run.figures["claims_new"] > 0 and len(waits) == 1
