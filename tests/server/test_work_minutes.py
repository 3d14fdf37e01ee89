"""Work minutes: assumed or said, counted once, corrected by a further entry, compared with the assumptions."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from cocm.basics.errors import UnusableInput
from cocm.server.access.permissions import MemberRole
from cocm.server.work.models import WorkEntry
from cocm.server.work.selectors import entries_in_force, first_broken_entry, recorded_tasks, work_report
from cocm.server.work.services import work_corrected, work_recorded
from cocm.server.work.tasks import overhead_inputs, tasks


@pytest.fixture
def billing(world):
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        yield actor


def test_no_minutes_are_the_rulebooks_assumption_marked_as_one(billing):
    entry = work_recorded(actor=billing, task="collect_records", claim_id="C-1")
    assert (entry.minutes, entry.is_default, entry.cause) == (60, True, "denial")
    assert (entry.subject, entry.subject_id) == ("claim", "C-1")
    assert work_recorded(actor=billing, task="collect_records", minutes=0) is None


def test_a_second_click_counts_nothing_twice(billing):
    first = work_recorded(actor=billing, task="write_appeal", minutes=9, once_key="letter:1")
    assert work_recorded(actor=billing, task="write_appeal", minutes=9, once_key="letter:1") == first
    assert WorkEntry.objects.of(billing).count() == 1


@pytest.mark.parametrize("minutes", [-1, 601])
def test_minutes_that_cannot_be_are_refused(billing, minutes):
    with pytest.raises(ValidationError):
        work_recorded(actor=billing, task="write_appeal", minutes=minutes)


def test_a_task_that_the_rulebook_has_not_is_refused(billing):
    with pytest.raises(UnusableInput, match="no task 'coffee'"):
        work_recorded(actor=billing, task="coffee", minutes=5)


def test_a_correction_is_a_further_entry_with_its_reason(billing, world):
    entry = work_recorded(actor=billing, task="write_appeal")
    with pytest.raises(ValidationError, match="say why"):
        work_corrected(actor=billing, entry_id=entry.pk, minutes=12, reason=" ")
    later = work_corrected(actor=billing, entry_id=entry.pk, minutes=12, reason="timed it")
    with pytest.raises(ValidationError, match="corrected before"):
        work_corrected(actor=billing, entry_id=entry.pk, minutes=5, reason="again")
    assert list(entries_in_force(actor=billing)) == [later]
    assert first_broken_entry(actor=billing) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        WorkEntry.objects.of(billing).filter(pk=entry.pk).update(minutes=1)
    stranger = world.actor(MemberRole.BHCM)
    with pytest.raises(PermissionDenied):
        work_corrected(actor=stranger, entry_id=later.pk, minutes=1, reason="mine now")


def test_own_minutes_stand_in_place_of_the_assumption_from_the_fifth_on(billing):
    today = timezone.localdate()
    for number in range(4):
        work_recorded(actor=billing, task="find_out_why", minutes=30, once_key=f"n{number}")
    work_recorded(actor=billing, task="find_out_why", once_key="assumed")  # says nothing of how long it takes
    assumed = work_report(actor=billing, today=today)
    assert _minutes(assumed) == tasks()["find_out_why"].minutes == 15
    work_recorded(actor=billing, task="find_out_why", minutes=30, once_key="n5")
    report = work_report(actor=billing, today=today)
    assert _minutes(report) == 30 and report.cost_cents > assumed.cost_cents
    recorded = recorded_tasks(actor=billing, since=today)["find_out_why"]
    assert (recorded.times, recorded.counted.times, recorded.minutes) == (6, 5, 165)


def _minutes(report):
    return next(
        task.minutes_each for cause in report.causes for task in cause.tasks if task.name == "find_out_why"
    )


def test_the_report_ranks_by_cost_and_names_what_removes_each(world_with_books, world, client_of):
    page = client_of(MemberRole.MANAGER).get("/work/").content.decode()
    assert page.index("1. ") < page.index("2. ") < page.index("4. ")
    assert "payer.behavioral_administrator" in page and "Caseload" in page and "assumption" in page
    with world.inside(world.practice):
        report = work_report(actor=world.practice, today=date(2026, 5, 21))
    costs = [cause.cost_cents for cause in report.causes]
    assert costs == sorted(costs, reverse=True) and report.own is not None
    assert report.own.volumes["claims"] > 0
    assert overhead_inputs().number("general.wage_per_hour") == 30


def test_work_is_recorded_and_corrected_on_pages(world, client_of):
    client = client_of(MemberRole.BILLING)
    form = {"task": "claim_status", "minutes": "20", "claim_id": "C-0123456789AB", "once": "w-1"}
    for _ in range(2):
        assert client.post("/work/entries/new/", form).status_code == 302
    assert client.post("/work/entries/new/", form | {"claim_id": "Ariana Davis"}).status_code == 422
    with world.inside(world.practice):
        entry = WorkEntry.objects.of(world.practice).get()
    answer = client.post(
        f"/work/entries/{entry.pk}/correct/", {"minutes": "10", "reason": "looked at the clock"}
    )
    assert answer.status_code == 302
    assert ">10" in client.get("/work/entries/").content.decode().replace("\n", "")
    assert client.get(f"/work/entries/{entry.pk}/correct/").status_code == 404
