"""A safety alert: who is told when, who may close it and with what; nothing but a named action ends it."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from measures_rows import PHQ_9, an_alert, link_and_token, saved_phq_9

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import User
from cocm.server.audit.models import AuditEvent
from cocm.server.measures.alerts import alert_finish, alert_state, escalate, open_alerts, step_add
from cocm.server.measures.answers import response_add
from cocm.server.measures.models import AlertCourse, FilledBy
from cocm.server.measures.today import day_items
from cocm.server.registry.models import Alert
from cocm.server.registry.services.entries import alert_close, alert_raise
from cocm.server.today.items import DayGroup

TODAY = date(2026, 3, 20)
FULL = {
    "action": "safety_plan",
    "reached": "patient",
    "plan": "made",
    "note": "Spoke for 20 minutes; plan made, call tomorrow.",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False) as found:
        yield found


@pytest.fixture
def bhcm(world):
    return world.actor(MemberRole.BHCM)


def address(world, alert, tail="") -> str:
    return f"/patients/{world.ariana.pk}/measures/alerts/{alert.pk}/{tail}"


def fresh(world, alert):
    with world.inside(world.practice):
        return Alert.objects.of(world.practice).select_related("course").get(pk=alert.pk)


def level(world, alert) -> int:
    with world.inside(world.practice):
        [found] = [item for item in open_alerts(actor=world.practice) if item.alert.pk == alert.pk]
        return found.level.step.level


def told() -> list[str]:
    found = sorted(address for letter in mail.outbox for address in letter.to)
    mail.outbox.clear()
    return found


@pytest.mark.parametrize("role", [MemberRole.BHCM, MemberRole.PCP, MemberRole.PSYCHIATRIC_CONSULTANT])
def test_a_clinician_of_the_team_closes_it_in_ones_own_name(client_of, world, role) -> None:
    alert = an_alert(world)
    answer = client_of(role).post(address(world, alert), FULL)
    assert answer.status_code == 302
    closed = fresh(world, alert)
    assert closed.closed_by == world.user(role) and closed.closed_at is not None
    assert closed.action.startswith("Safety plan made or gone through; reached: the patient")
    assert (closed.course.action, closed.course.note) == (FULL["action"], FULL["note"])
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(object_id=str(alert.pk), verb="changed")
        assert events.filter(user_id=world.user(role).pk).exists()
        assert FULL["note"] not in str([event.details for event in events])


@pytest.mark.parametrize("field", ["action", "reached", "plan", "note"])
def test_it_stays_open_while_anything_is_missing(client_of, world, field) -> None:
    alert = an_alert(world)
    answer = client_of(MemberRole.BHCM).post(address(world, alert), FULL | {field: ""})
    assert answer.status_code == 422 and fresh(world, alert).closed_at is None
    assert FULL["note"] in answer.content.decode() or field == "note"  # what was typed stays


def test_no_other_door_closes_it(bhcm, client_of, world) -> None:
    alert = an_alert(world)
    with world.inside(bhcm), pytest.raises(ValidationError, match="under Alerts"):
        alert_close(actor=bhcm, patient=world.ariana, alert=alert, action="talked it through")
    old = f"/caseload/{world.ariana.pk}/write/alert_close/{alert.pk}/"
    assert client_of(MemberRole.BHCM).post(old, {"action": "dismissed"}).status_code == 422
    with world.inside(world.practice), pytest.raises(ValidationError, match="by a person"):
        alert_finish(actor=world.practice, patient=world.ariana, alert=alert, **FULL)
    for role in (MemberRole.MANAGER, MemberRole.BILLING):
        actor = world.actor(role)
        with world.inside(actor), pytest.raises(PermissionDenied):
            alert_finish(actor=actor, patient=world.ariana, alert=alert, **FULL)
    assert fresh(world, alert).closed_at is None


def test_it_is_closed_once(bhcm, client_of, world) -> None:
    alert = an_alert(world)
    client_of(MemberRole.PCP).post(address(world, alert), FULL)
    with world.inside(bhcm), pytest.raises(ValidationError, match="closed it already"):
        alert_finish(actor=bhcm, patient=world.ariana, alert=alert, **FULL)
    with world.inside(bhcm), pytest.raises(ValidationError, match="closed it already"):
        step_add(actor=bhcm, patient=world.ariana, alert=fresh(world, alert), kind="note", text="late")


def test_the_neighbours_alert_is_not_there(client_of, world) -> None:
    alert = an_alert(world)
    client = client_of(MemberRole.BHCM, "far-creek")
    assert client.get(address(world, alert)).status_code == 404
    assert client.post(address(world, alert), FULL).status_code == 404
    assert "alert-row" not in client.get("/measures/").content.decode()
    with world.inside(world.neighbour):
        assert open_alerts(actor=world.neighbour) == [] and escalate(world.neighbour) == 0


def test_somebody_off_the_team_sees_that_there_is_one_and_not_whose(client_of, world) -> None:
    an_alert(world)
    client = Client()
    client.force_login(
        User.objects.get(email="not-on-the-team@demo.example"),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    page = client.get("/measures/").content.decode()
    assert "Other teams" in page and world.ariana.last_name not in page and "self-harm" not in page
    page = client_of(MemberRole.MANAGER).get("/measures/").content.decode()
    assert "Other teams" in page and world.ariana.last_name not in page


# -- the timer -----------------------------------------------------------------------------------------------------


def test_it_escalates_by_the_clock_alone(world, clock) -> None:
    alert = an_alert(world)
    found = [level(world, alert)]
    for minutes in (59, 1, 179, 1):
        clock.shift(timedelta(minutes=minutes))
        found.append(level(world, alert))
    assert found == [1, 1, 2, 2, 3]


def test_an_acute_answer_escalates_within_half_an_hour(bhcm, world, clock) -> None:
    with world.inside(bhcm):
        saved = response_add(
            actor=bhcm,
            patient=world.ariana,
            instrument_id="asq",
            answers={"1": 0, "2": 0, "3": 1, "4": 0, "5": 1},
            taken_on=TODAY,
            language="en",
            filled_by=FilledBy.STAFF,
        )
    assert fresh(world, saved.alert).course.is_acute
    clock.shift(timedelta(minutes=15))
    assert level(world, saved.alert) == 2
    clock.shift(timedelta(minutes=15))
    assert level(world, saved.alert) == 3


def test_whoever_takes_it_on_gets_the_time_once(bhcm, client_of, world, clock) -> None:
    alert = an_alert(world)
    clock.shift(timedelta(minutes=50))
    client_of(MemberRole.BHCM).post(address(world, alert, "step/"), {"kind": "taken"})
    clock.shift(timedelta(minutes=59))
    assert level(world, alert) == 1
    with world.inside(bhcm):
        step_add(actor=bhcm, patient=world.ariana, alert=fresh(world, alert), kind="taken")
    clock.shift(timedelta(minutes=1))
    assert level(world, alert) == 2
    assert fresh(world, alert).closed_at is None


def test_each_level_is_told_once_and_no_letter_tells_anything(
    world, clock, django_capture_on_commit_callbacks
) -> None:
    def run() -> list[str]:
        with django_capture_on_commit_callbacks(execute=True):
            call_command("escalate_alerts", verbosity=0)
        for letter in mail.outbox:
            text = letter.subject + letter.body
            for word in (world.ariana.last_name, world.ariana.first_name, "PHQ", "self-harm", "P000001"):
                assert word not in text
        return told()

    with django_capture_on_commit_callbacks(execute=True):
        _, token = link_and_token(world)
        answers = {f"phq-9-{name}": "1" for name in PHQ_9}
        assert Client().post(f"/measures/q/{token}/", answers).status_code == 200
    assert told() == ["bhcm@demo.example"]
    assert run() == []
    clock.shift(timedelta(minutes=60))
    assert run() == ["pcp@demo.example", "psychiatric-consultant@demo.example"]
    assert run() == []
    clock.shift(timedelta(minutes=180))
    assert run() == ["manager@demo.example"]
    clock.shift(timedelta(days=1))
    assert run() == []


def test_levels_that_were_slept_through_are_told_together(
    world, clock, django_capture_on_commit_callbacks, client_of
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        alert = an_alert(world)
    mail.outbox.clear()
    clock.shift(timedelta(days=1))
    with django_capture_on_commit_callbacks(execute=True):
        client_of(MemberRole.BHCM).get("/measures/")  # nobody ran the command: a look at the page tells them
    assert told() == ["manager@demo.example", "pcp@demo.example", "psychiatric-consultant@demo.example"]
    assert fresh(world, alert).course.level_told == 3


def test_a_colleagues_alert_has_its_timer_too_and_tells_not_oneself(
    bhcm, world, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True), world.inside(bhcm):
        alert = alert_raise(
            actor=bhcm,
            patient=world.ariana,
            kind=Alert.Kind.SAFETY,
            reason="said so on the phone",
            raised_on=TODAY,
        )
    assert told() == []
    assert fresh(world, alert).course.level_told == 1
    with world.inside(world.practice):
        assert alert_state(fresh(world, alert)).level.step.level == 1


def test_a_wish_to_discuss_has_no_timer(bhcm, world) -> None:
    with world.inside(bhcm):
        alert = alert_raise(
            actor=bhcm,
            patient=world.ariana,
            kind=Alert.Kind.DISCUSS,
            reason="sleep",
            raised_on=TODAY,
        )
        assert not hasattr(alert, "course")


def test_my_day_begins_with_open_alerts(world) -> None:
    saved_phq_9(world, item_9=1)
    for role, words in ((MemberRole.BHCM, world.ariana.last_name), (MemberRole.MANAGER, "in the practice")):
        actor = world.actor(role)
        with world.inside(actor):
            items = [item for item in day_items(actor, TODAY) if item.group is DayGroup.SAFETY]
        assert words in items[0].title
        assert role is MemberRole.BHCM or world.ariana.last_name not in str(items)


def test_the_bell_counts_what_is_open(client_of, world) -> None:
    alert = an_alert(world)
    client = client_of(MemberRole.BHCM)
    assert "Alerts" in client.get("/measures/").content.decode()
    page = client.get(f"/caseload/{world.ariana.pk}/").content.decode()
    assert f"/measures/alerts/{alert.pk}/" in page and "care team told" in page


def test_the_worker_tells_every_minute_and_for_each_organization(world, clock, monkeypatch) -> None:
    from cocm.server.measures import sweep

    alert = an_alert(world)
    clock.shift(timedelta(minutes=60))
    monkeypatch.setattr(sweep, "_last", [])
    assert sweep.alerts_sweep() == 1
    clock.shift(timedelta(days=1))
    monkeypatch.setattr(sweep.time, "monotonic", lambda: sweep._last[0] + 59)
    assert sweep.alerts_sweep() == 0
    monkeypatch.setattr(sweep.time, "monotonic", lambda: sweep._last[0] + 60)
    assert sweep.alerts_sweep() == 1 and fresh(world, alert).course.level_told == 3


def test_an_alert_that_is_older_than_its_course_is_treated_alike(client_of, world) -> None:
    alert = an_alert(world)
    with world.inside(world.practice):
        AlertCourse.objects.of(world.practice).filter(alert=alert).delete()
    client = client_of(MemberRole.BHCM)
    assert client.get(address(world, alert)).status_code == 200
    with world.inside(world.practice):
        AlertCourse.objects.of(world.practice).filter(alert=alert).delete()
        assert escalate(world.practice) == 1
    assert client.post(address(world, alert), FULL).status_code == 302
    assert fresh(world, alert).course.action == "safety_plan"
