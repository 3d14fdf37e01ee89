"""The practice's claim files go to the plan's desk, and the plan's remittances come back and are posted.

Everything goes through the pages that people use, both of Ariana's months, and the money is the same on both sides.
"""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from people_rows import recently_proven
from server_world import MONTH, MONTHS, PLAN

from cocm.close.request import CloseRequest
from cocm.close.run import close_month
from cocm.plan.mistakes import Mistake
from cocm.plandesk.case_file import root_of
from cocm.server.access.permissions import MemberRole
from cocm.server.books.port import practice_books
from cocm.server.plandesk.deciding import claims_take_in
from cocm.server.plandesk.desk import open_desk
from cocm.server.plandesk.tables import tables_save
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import ClaimHistoryLine
from cocm.server.setup.demo_books import ChosenMistakes
from cocm.server.setup.demo_plan import plan_tables, sent_files
from cocm.store.remittances import Remittances
from cocm.store.timelines import timelines_of

SENT_ON = timedelta(days=2)
STORY = [MONTH.plus(-1), MONTH]


@pytest.fixture
def biller(client_of):
    return recently_proven(client_of(MemberRole.BILLING))


@pytest.fixture
def reviewer(client_of):
    return recently_proven(client_of(MemberRole.PLAN_REVIEWER, PLAN))


def close_months(world) -> None:
    """The practice's three months, closed into its books."""
    with world.inside(world.practice), practice_books(world.practice, to_write=True) as state:
        port = PracticePort(world.practice)
        # what the list of earlier claims tells of these months makes way for the books
        ClaimHistoryLine.objects.of(world.practice).filter(service_date__gte=date(2026, 1, 1)).delete()
        with tempfile.TemporaryDirectory() as name:
            for place in range(MONTHS):
                month = MONTH.plus(1 - MONTHS + place)
                folder = Path(name)
                out = folder / str(month)
                close_month(
                    CloseRequest(folder, month, out, month.last_day + SENT_ON, None, workers=1),
                    tables=port,
                    state=state,
                )
        state.commit()


def of_ariana(world):
    """Her claims at the practice, each with the events of its life and what was paid."""
    with world.inside(world.practice), practice_books(world.practice) as state:
        remittances = Remittances(state)
        return [
            (
                rows.claim.claim_id,
                [entry.event.kind.value for entry in timelines_of(remittances, rows)[-1].entries],
            )
            for rows in remittances.accounts()
            if rows.claim.patient_id == "P000001"
        ]


def at_the_plan(world, claim_id: str):
    """Her claim at the plan: its number, its answer, what was paid."""
    with world.inside(world.plan), open_desk(world.plan) as desk:
        claim = desk.file.find(claim_id)
        trace = desk.file.trace(claim)
        return root_of(claim.claim_number), trace["answer"], trace["paid_amount_cents"], claim.batch_sha256


def brought_back(reviewer, biller, sha256: str) -> None:
    """The plan's remittance is taken along by the reviewer and brought in by the biller."""
    remittance = reviewer.get(reverse("plandesk:answer", args=[sha256, "remittance.835"]))
    assert remittance.status_code == 200
    upload = {"files": [SimpleUploadedFile(f"{sha256[:8]}.835", remittance.content)]}
    answer = biller.post("/claims/files/", upload, follow=True)
    assert answer.status_code == 200, answer.content.decode()


def test_both_of_arianas_months_go_to_the_plan_and_are_paid_and_posted(world, biller, reviewer) -> None:
    close_months(world)
    with world.inside(world.practice):
        files, pack_id = sent_files(world.practice, STORY)
        with practice_books(world.practice) as state:
            numbers = [made.control_number for month in STORY for made in state.interchanges(month)]
    sent = {one.month: one for one in files}
    # the biller takes the claim files along: the very bytes that the books sent
    taken = {biller.get(reverse("claims:batch_file", args=[number])).content for number in numbers}
    assert {one.content for one in files} <= taken
    # the plan's administrator has brought its tables in
    with world.inside(world.plan):
        tables_save(actor=world.plan, uploaded=plan_tables(files, pack_id))
    # month 1: the plan errs, refuses the claim for its diagnosis, and a person sets it right
    first, second = (sent[month].story_claims[0] for month in STORY)
    erring = ChosenMistakes({}, 0, {first: Mistake.ROUTE_BY_DIAGNOSIS, second: Mistake.ASK_FOR_RECORDS})
    with world.inside(world.plan):
        for month in STORY:
            day = sent[month].day
            claims_take_in(
                actor=world.plan,
                content=sent[month].content,
                received_date=day,
                as_of_date=day + timedelta(days=15),
                erring=erring,
            )
    again = {"file": SimpleUploadedFile("again.837", sent[STORY[0]].content), "received": "2026-04-02"}
    assert b"taken in before" in reviewer.post("/plan/files/take-in/", again, follow=True).content
    root, answer, paid, batch = at_the_plan(world, first)
    assert (answer, paid) == ("denied", 0)
    brought_back(reviewer, biller, batch)
    assert of_ariana(world)[0] == (first, ["sent", "denied"])
    assert reviewer.post(f"/plan/claim/{root}/decide/", {"action": "readjudicate"}).status_code == 302
    _, answer, paid_first, batch = at_the_plan(world, first)
    assert answer == "paid" and paid_first > 0
    brought_back(reviewer, biller, batch)
    assert of_ariana(world)[0][1][-1] == "paid"
    # month 2: the claim waits for records that no rule asks for; they come, are read, and it is paid
    root, answer, _, _ = at_the_plan(world, second)
    assert answer == "pended"
    records = {"files": [SimpleUploadedFile("month.txt", b"Minutes: 80")], "received": str(date(2026, 5, 4))}
    assert reviewer.post(f"/plan/claim/{root}/records/", records).status_code == 302
    decided = reviewer.post(f"/plan/claim/{root}/decide/", {"action": "accept", "minutes": "80"})
    assert decided.status_code == 302, decided.content.decode()
    _, answer, paid_second, batch = at_the_plan(world, second)
    assert answer == "paid"
    brought_back(reviewer, biller, batch)
    lives = dict(of_ariana(world))
    assert lives[first][-1] == lives[second][-1] == "paid"
    # to the cent: what the plan's books say was paid stands in the practice's
    for claim_id, cents in ((first, paid_first), (second, paid_second)):
        page = biller.get(reverse("claims:claim", args=[world.ariana.pk, claim_id])).content.decode()
        assert f"{cents // 100}.{cents % 100:02d}" in page
    # the same remittance again is known and posted once
    before = of_ariana(world)
    brought_back(reviewer, biller, batch)
    assert of_ariana(world) == before
