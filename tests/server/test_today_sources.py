"""My day: every app's lines, tried with every role; what the registry, the ledger and the practice have to tell."""

import re
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from django.urls import resolve

from cocm.basics.errors import CocmError
from cocm.rules.care_flags import FlagKind
from cocm.server.access.charts import relation
from cocm.server.access.needs import needs_of
from cocm.server.access.permissions import PLAN_ROLES, MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.contacts.drafts import draft_save
from cocm.server.registry.caseload import IN_CARE, Caseload
from cocm.server.registry.models import Episode, WorkNote
from cocm.server.registry.services.entries import alert_raise
from cocm.server.today import sources as gathering
from cocm.server.today.items import DayGroup, DayItem
from cocm.server.today.sources import day_of, sources

TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


OF_REGISTRY = next(source for source in sources() if source.__module__ == "cocm.server.registry.today")


def test_the_apps_with_lines_are_found_by_themselves() -> None:
    modules = {source.__module__ for source in sources()}
    assert {f"cocm.server.{app}.today" for app in ("access", "contacts", "registry", "setup")} <= modules


@pytest.mark.parametrize("role", MemberRole)
def test_each_line_leads_to_a_page_that_opens_and_to_no_chart_out_of_reach(role, world) -> None:
    organization = "far-creek" if role in PLAN_ROLES else "north-valley"
    actor = world.actor(role, organization)
    with world.inside(actor):
        if organization == "north-valley":
            alert_raise(
                actor=world.practice, patient=world.ariana, kind="safety", reason="said so", raised_on=TODAY
            )
        for item in (item for source in sources() for item in source(actor, TODAY)):
            assert isinstance(item, DayItem) and item.title and item.count > 0
            match = resolve(urlsplit(item.href).path)
            declared = needs_of(match.func, match)
            assert declared is not None and declared.permission is not None
            assert actor.may(declared.permission), f"{item.href} is closed to {role}"
            if item.patient_pk is not None:
                assert relation(actor, item.patient_pk), f"{item.href}: a chart outside the person's reach"


def test_a_care_manager_is_told_of_contacts_that_are_late_the_longest_first(world) -> None:
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        day = day_of(actor=bhcm, today=date(2026, 5, 20))
        late = day.items[DayGroup.CONTACTS]
        assert all(item.is_overdue(date(2026, 5, 20)) for item in late)
        assert [item.due_on for item in late] == sorted(item.due_on for item in late)
        assert list(day.items) == sorted(day.items, key=lambda group: group.rank)


def test_a_contact_stands_there_before_it_is_late(world) -> None:
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        seen = {}
        for days in range(40):
            day = TODAY + timedelta(days=days)
            for item in day_of(actor=bhcm, today=day).items.get(DayGroup.CONTACTS, []):
                seen.setdefault(item.patient_pk, (day, item))
        assert seen
        for day, item in seen.values():
            assert item.due_on - day <= timedelta(days=3)
        assert any(not item.is_overdue(day) for day, item in seen.values())


def test_a_consultant_is_told_of_reviews_and_a_practitioner_of_neither(world) -> None:
    consultant, practitioner = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT), world.actor(MemberRole.PCP)
    later = date(2026, 5, 20)
    with world.inside(consultant):
        assert {item.group for item in OF_REGISTRY(consultant, later)} == {DayGroup.REVIEW}
        assert not list(OF_REGISTRY(practitioner, later))


def test_next_actions_and_drafts_are_ones_own(world) -> None:
    bhcm, pcp = world.actor(MemberRole.BHCM), world.actor(MemberRole.PCP)
    with world.inside(bhcm):
        for text, due, owner in (
            ("Call the pharmacy", TODAY - timedelta(days=2), bhcm.staff_member_id),
            ("Ask about sleep", TODAY, None),
            ("Later", TODAY + timedelta(days=9), None),
            ("Somebody else's", TODAY, pcp.staff_member_id),
        ):
            WorkNote.objects.create(
                organization_id=bhcm.organization_id,
                patient=world.ariana,
                text=text,
                due_on=due,
                owner_id=owner,
            )
        draft_save(actor=bhcm, patient=world.ariana, typed={"minutes": "5"})
        day = day_of(actor=bhcm, today=TODAY)
        assert [item.reason for item in day.items[DayGroup.ACTIONS]] == [
            "Call the pharmacy",
            "Ask about sleep",
        ]
        assert day.items[DayGroup.ACTIONS][0].is_overdue(TODAY)
        assert len(day.items[DayGroup.DRAFTS]) == 1
        others = day_of(actor=pcp, today=TODAY)
        assert [item.reason for item in others.items[DayGroup.ACTIONS]] == ["Somebody else's"]
        assert DayGroup.DRAFTS not in others.items


def test_who_left_the_team_is_told_nothing_of_the_patient(world) -> None:
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        draft_save(actor=bhcm, patient=world.ariana, typed={"minutes": "5"})
        alert_raise(actor=bhcm, patient=world.ariana, kind="safety", reason="x", raised_on=TODAY)
        Episode.objects.of(bhcm).get(patient=world.ariana).team.all().delete()
        day = day_of(actor=bhcm, today=TODAY)
        told = {item.patient_pk for items in day.items.values() for item in items}
        assert world.ariana.pk not in told


def test_one_source_that_cannot_tell_leaves_the_others_alone(world, monkeypatch) -> None:
    def broken(actor, today):
        yield DayItem(DayGroup.MONEY, "before it broke", "/")
        raise CocmError("the books cannot be read")

    def sound(actor, today):
        yield DayItem(DayGroup.CLAIMS, "12 claims", "/", count=12)

    monkeypatch.setattr(gathering, "sources", lambda: (broken, sound))
    with world.inside(world.practice):
        day = day_of(actor=world.practice, today=TODAY)
        assert day.untold == ("the books cannot be read",)
        assert day.total == 12 and DayGroup.MONEY not in day.items


def test_the_page_tells_why_shortens_long_lists_and_leaves_an_event(client_of, world, monkeypatch) -> None:
    bhcm = world.actor(MemberRole.BHCM)

    def many(actor, today):
        for number in range(20):
            yield DayItem(
                DayGroup.CONTACTS, f"Person <{number:02}>", "/caseload/", reason="why & how",
                due_on=TODAY - timedelta(days=1), patient_pk=world.ariana.pk,
            )  # fmt: skip

    monkeypatch.setattr(gathering, "sources", lambda: (many,))
    client = client_of(MemberRole.BHCM)
    answer = client.get("/")
    page = answer.content.decode()
    assert "20 waiting" in page and "20 overdue" in page and "why &amp; how" in page
    assert "Person &lt;05&gt;" in page and "Person &lt;06&gt;" not in page and "14 more" in page
    assert "Person &lt;19&gt;" in client.get("/?only=contacts").content.decode()
    assert client.get("/?only=nonsense").status_code == 200
    with world.inside(bhcm):
        events = AuditEvent.objects.of(bhcm).filter(request_id=answer["X-Request-ID"])
        assert any(str(world.ariana.pk) in str(event.details) for event in events)


def test_nothing_waiting_says_where_to_begin(client_of, monkeypatch) -> None:
    monkeypatch.setattr(gathering, "sources", lambda: ())
    page = client_of(MemberRole.BHCM).get("/").content.decode()
    assert "Nothing waits for you today" in page and "/caseload/" in page


def test_a_new_practice_is_told_what_set_up_lacks(client_of, world) -> None:
    page = client_of(MemberRole.ADMINISTRATOR, "far-creek").get("/").content.decode()
    assert "Set up: staff" in page and "lacks" in page


def test_an_order_of_its_own_comes_after_the_day() -> None:
    line = DayItem(DayGroup.CLAIMS, "x", "/", due_on=TODAY)
    assert not line.is_overdue(TODAY) and replace(line, due_on=date(2026, 3, 19)).is_overdue(TODAY)


def test_a_manager_sees_the_practice_in_figures_and_nobody_in_them(client_of, world) -> None:
    answer = client_of(MemberRole.MANAGER).get("/")
    page = answer.content.decode()
    tiles = dict(re.findall(r'stat-label">([^<]+)</div>\s*<div class="stat-value">(\d+)', page))
    with world.inside(world.practice):
        load = Caseload(world.practice, TODAY)
        assert tiles["In care"] == str(sum(row.status in IN_CARE for row in load.rows)) != "0"
        late = sum(flag.kind is FlagKind.NO_CONTACT for row in load.rows for flag in row.flags)
        assert tiles[load.watched.rules[FlagKind.NO_CONTACT].label] == str(late)
        assert not any(row.values["last_name"] in page for row in load.rows)
        events = AuditEvent.objects.of(world.practice).filter(request_id=answer["X-Request-ID"])
        assert not events.filter(verb="patients_seen").exists()
    assert "stat-label" not in client_of(MemberRole.BHCM).get("/").content.decode()
