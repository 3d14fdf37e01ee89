"""The month's pages: the board tells what is next, the run answers as a close from files would, people decide."""

import csv
import re
import zlib
from datetime import date
from pathlib import Path

import pytest
import time_machine
from databases import ONE_ENGINE
from django.test import Client
from months_rows import IN_APRIL, MARCH, claims_in_books, worked
from people_rows import recently_proven

from cocm.basics.months import Month
from cocm.close.request import CloseRequest
from cocm.close.run import close_month
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.models import Contact, FrozenMonth
from cocm.server.months.models import MonthItem, MonthRun, PatientMonth, RunReport
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import MonthDecision
from cocm.server.runs import pulse


@pytest.fixture(autouse=True)
def in_april(monkeypatch):
    """The sixth of April; a run's sign of life needs a connection of its own, which these tests have not."""
    monkeypatch.setattr(pulse, "EVERY_SECONDS", 3_600)
    with time_machine.travel("2026-04-06T18:00:00Z", tick=True):
        yield


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"</?(time|b|code)\b[^>]*>", "", answer.content.decode()).split())


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_the_answers_are_those_of_a_close_from_the_same_tables(world, tmp_path) -> None:
    run = worked(world.practice, kind="close")
    with world.inside(world.practice):
        request = CloseRequest(
            tmp_path / "tables", MARCH, tmp_path / "out", IN_APRIL, tmp_path / "s.sqlite", workers=1
        )
        close_month(request, tables=PracticePort(world.practice))
        report = RunReport.objects.of(world.practice).get(run=run, name="worklist.csv")
        assert zlib.decompress(bytes(report.content)) == (tmp_path / "out" / "worklist.csv").read_bytes()
        proposals = rows_of(tmp_path / "out" / "proposals.csv")
        rows = PatientMonth.objects.of(world.practice).select_related("patient")
        assert {(row.patient.patient_id, row.status, row.codes, row.minutes_counted) for row in rows} == {
            (row["patient_id"], row["status"], row["codes"], int(row["minutes_counted"])) for row in proposals
        }
        holding = MonthItem.objects.of(world.practice).filter(holds=True)
        listed = rows_of(tmp_path / "out" / "worklist.csv")
        assert sorted(holding.values_list("item", "why")) == sorted(
            (row["item"], row["why"]) for row in listed if row["grade"] != "noted"
        )
    assert sorted(claims_in_books(world.practice)) == sorted(
        row["claim_id"] for row in proposals if row["claim_id"]
    )


def test_a_forecast_writes_nothing_into_the_books(world) -> None:
    run = worked(world.practice)
    assert run.figures["claims_new"] > 0
    assert claims_in_books(world.practice) == []


def test_a_second_close_writes_no_claim(world) -> None:
    first = worked(world.practice, kind="close")
    claims = claims_in_books(world.practice)
    assert len(claims) == first.figures["claims_new"] > 0
    assert worked(world.practice, kind="close").figures["claims_new"] == 0
    assert claims_in_books(world.practice) == claims


@ONE_ENGINE
def test_the_board_leads_through_the_month(client_of, world) -> None:
    client = client_of(MemberRole.BILLING)
    assert "Nothing is worked out for this month yet" in text_of(client, "/months/2026-03/")
    worked(world.practice)
    page = text_of(client, "/months/2026-03/")
    assert "Forecast of 2026-04-06" in page and "expected" in page
    assert "0 of 12" not in page.split("Freeze")[0]
    assert client.post("/months/2026-03/freeze/").status_code == 302
    with world.inside(world.practice):
        assert FrozenMonth.objects.of(world.practice).filter(month_index=MARCH.index).count() >= 11
    assert client.get("/months/2026-03/close/").status_code == 200
    refused = client.post("/months/2026-03/close/", {"reason": ""})
    assert refused.status_code == 422 and "has not signed" in refused.content.decode()
    accepted = client.post("/months/2026-03/close/", {"reason": "both on leave"})
    assert accepted.status_code == 302
    again = client.post("/months/2026-03/close/", {"reason": "both on leave"})
    assert again.status_code == 302
    with world.inside(world.practice):
        [run] = MonthRun.objects.of(world.practice).filter(kind="close")
    assert "waits its turn" in text_of(client, "/months/2026-03/")
    assert "waits its turn" in text_of(client, f"/months/runs/{run.pk}/progress/")


@ONE_ENGINE
def test_a_month_that_runs_is_not_closed(client_of, world) -> None:
    client = client_of(MemberRole.BILLING)
    answer = client.post("/months/2026-04/close/", {"reason": "early"}, follow=True)
    assert "is not over" in answer.content.decode()
    client.post("/months/2026-04/freeze/")
    with world.inside(world.practice):
        assert not MonthRun.objects.of(world.practice).exists()
        assert not FrozenMonth.objects.of(world.practice).filter(month_index=Month(2026, 4).index).exists()


def test_what_changed_since_the_run_is_told(client_of, world) -> None:
    worked(world.practice)
    client = client_of(MemberRole.BILLING)
    assert "Since then" not in text_of(client, "/months/2026-03/")
    address = f"/months/2026-03/patients/{world.ariana.pk}/decide/?kind=hold"
    client.post(address, {"reason": "waiting for the new card"})
    assert "Since then 1 patient changed" in text_of(client, "/months/2026-03/")
    worked(world.practice)
    assert "Since then" not in text_of(client, "/months/2026-03/")


@ONE_ENGINE
def test_a_claim_is_held_and_let_go_by_a_person(client_of, world) -> None:
    client = client_of(MemberRole.BILLING)
    here = f"/months/2026-03/patients/{world.ariana.pk}/"
    assert "Ready" in text_of(client, here)
    assert client.post(f"{here}decide/?kind=hold", {"reason": " "}).status_code == 200
    client.post(f"{here}decide/?kind=hold", {"reason": "waiting for the new card"})
    page = text_of(client, here)
    assert "Held by a person" in page and "waiting for the new card" in page and "DB holds it back" in page
    run = worked(world.practice, kind="close", reason="test")
    assert world.ariana.patient_id and run.figures["by_status"].get("held", 0) >= 1
    client.post(f"{here}decide/?kind=hold&item=month&back=1")
    assert "Held by a person" not in text_of(client, here)
    again = worked(world.practice, kind="close", reason="test")
    assert again.figures["claims_new"] == 1
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(verb=Verb.DECIDED, patient_id=world.ariana.pk)
        assert [event.details["what"] for event in events.order_by("number")] == ["made", "taken back"]


@ONE_ENGINE
def test_a_release_lets_a_claim_go_that_needed_a_person(client_of, world) -> None:
    """In May: a release holds for the entries that were known on its day, and some of March came late."""
    in_may = date(2026, 5, 20)
    worked(world.practice, today=in_may)
    with world.inside(world.practice):
        item = (
            MonthItem.objects.of(world.practice)
            .filter(can_be_released=True, holds=True)
            .order_by("item")
            .first()
        )
    assert item is not None
    with time_machine.travel("2026-05-20T18:00:00Z", tick=True):
        address = f"/months/2026-03/patients/{item.patient_id}/decide/?kind=release&item={item.item}"
        client_of(MemberRole.BILLING).post(address, {"reason": "seen"})
    with world.inside(world.practice):
        made = MonthDecision.objects.of(world.practice).get(patient_id=item.patient_id)
        assert (made.decision, made.decided_on) == ("release", in_may)
    worked(world.practice, today=in_may)
    with world.inside(world.practice):
        assert not MonthItem.objects.of(world.practice).filter(
            patient_id=item.patient_id, item=item.item, holds=True
        )


@ONE_ENGINE
def test_each_sees_the_months_of_their_own_patients(client_of, world) -> None:
    worked(world.practice)
    everybody = text_of(client_of(MemberRole.BILLING), "/months/2026-03/patients/")
    mine = text_of(client_of(MemberRole.BHCM), "/months/2026-03/patients/")
    with world.inside(world.practice):
        total = PatientMonth.objects.of(world.practice).count()
    assert everybody.count("row-link") == total
    assert 0 < mine.count("row-link") <= total
    assert "$" in everybody and "$" not in mine.partition("<main")[2]


@ONE_ENGINE
def test_the_lists_are_filtered_and_name_their_filters(client_of, world) -> None:
    worked(world.practice)
    client = client_of(MemberRole.BILLING)
    assert "filter-status" in text_of(client, "/months/2026-03/patients/?status=claim")
    with world.inside(world.practice):
        ready = PatientMonth.objects.of(world.practice).filter(status="claim").count()
    assert text_of(client, "/months/2026-03/patients/?status=claim").count("row-link") == ready
    assert text_of(client, "/months/2026-03/patients/?status=nonsense&page=9x").count("row-link") > 0
    for look in ("near", "consent", "scale", "patient_review", "short", "nonsense"):
        assert client.get(f"/months/2026-03/at-risk/?look={look}").status_code == 200
    assert client.get("/months/2026-03/exceptions/?owner=bhcm&page=99").status_code == 200
    assert client.get("/months/2026-03/eligibility/").status_code == 200
    assert client.get("/months/2026-13/").status_code == 404


@ONE_ENGINE
def test_a_month_without_anything_and_a_practice_that_is_not_set_up(client_of, world) -> None:
    client = client_of(MemberRole.BILLING, "far-creek")
    assert client.get("/months/").status_code == 200
    assert client.get("/months/2026-03/").status_code == 200
    failed = worked(world.neighbour, kind="forecast")
    assert failed.state == "failed" and "practice" in failed.problem
    assert "failed" in text_of(client, "/months/2026-03/")


@ONE_ENGINE
def test_the_reports_are_handed_out_and_told_to_the_trail(client_of, world) -> None:
    run = worked(world.practice, kind="close", forms=["charges"])
    client = recently_proven(client_of(MemberRole.BILLING))
    page = text_of(client, f"/months/runs/{run.pk}/")
    assert "worklist.csv" in page and "charges-" in page and ".837" not in page
    answer = client.get(f"/months/runs/{run.pk}/files/worklist.csv")
    assert answer.status_code == 200 and answer.content.startswith(b"patient_month_id,")
    assert client.get(f"/months/runs/{run.pk}/files/../settings.py").status_code in (301, 404)
    assert client_of(MemberRole.BHCM).get(f"/months/runs/{run.pk}/files/worklist.csv").status_code == 403
    with world.inside(world.practice):
        assert (
            AuditEvent.objects.of(world.practice).filter(verb=Verb.EXPORTED, object_type="run report").count()
            == 1
        )


def test_a_close_freezes_everybody_first(world) -> None:
    worked(world.practice, kind="close")
    with world.inside(world.practice):
        with_entries = (
            Contact.objects.of(world.practice).filter(started_at__month=3).values("patient").distinct()
        )
        frozen = FrozenMonth.objects.of(world.practice).filter(
            month_index=MARCH.index, patient__in=with_entries
        )
        assert frozen.count() == with_entries.count()


@ONE_ENGINE
def test_nothing_is_late_in_a_month_that_is_handed_over(world_with_books, client_of) -> None:
    from cocm.server.months.board import DONE, Board

    world = world_with_books
    with world.inside(world.actor(MemberRole.BILLING)):
        board = Board(world.actor(MemberRole.BILLING), Month(2026, 1), date(2026, 12, 1))
        states = {step.key: step.state for step in board.steps}
        assert states["submit"] == DONE and states["sign"] != DONE
        assert not any(step.is_late for step in board.steps)
