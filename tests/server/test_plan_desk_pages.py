"""The plan's desk: who opens it, the queue, a decision, records, correction in bulk, tables, cases, reports."""

import io
import zipfile
import zlib
from datetime import date
from uuid import UUID

import pytest
from databases import ONE_ENGINE
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from people_rows import recently_proven
from runs_rows import worked_all

from cocm.plan.decision import Answer
from cocm.plandesk.case_file import root_of
from cocm.plandesk.desk_tables import kept_claims
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import User
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.plandesk import tables as plan_tables
from cocm.server.plandesk.desk import open_desk
from cocm.server.plandesk.models import CaseEntry, PlanReport, PlanTable, ProviderCase
from cocm.server.plandesk.today import day_items
from cocm.server.plandesk.watching import watch_folders
from cocm.server.plandesk.words import waits_text
from cocm.server.runs.models import RunInput
from cocm.x12 import read_835

PLAN = "sierra-crest"
PLAN_PEOPLE = (MemberRole.PLAN_REVIEWER, MemberRole.PLAN_ANALYST, MemberRole.PROVIDER_LIAISON)


@pytest.fixture
def plan(world_with_books):
    return world_with_books.plan


@pytest.fixture
def reviewer(client_of, world_with_books):
    return client_of(MemberRole.PLAN_REVIEWER, PLAN)


def claims(world, answer: Answer) -> list[str]:
    """The claims that stand with an answer."""
    with world.inside(world.plan), open_desk(world.plan) as desk:
        found = [one for one in kept_claims(desk.state) if not one.is_taken_back and one.answer is answer]
        return [root_of(one.claim_number) for one in found]


def trace_of(world, root: str) -> dict:
    with world.inside(world.plan), open_desk(world.plan) as desk:
        return desk.file.trace(desk.file.find(root))


def misrouted(world) -> str:
    """A claim that was refused for its diagnosis."""
    for root in claims(world, Answer.DENIED):
        if "mistake_route_by_diagnosis" in str(trace_of(world, root)):
            return root
    raise AssertionError("the demonstration has one")


def test_each_role_of_a_plan_opens_its_own_pages_and_nobody_else_any(client_of, world_with_books) -> None:
    world = world_with_books
    claim = claims(world, Answer.PAID)[0]
    with world.inside(world.plan):
        case = ProviderCase.objects.of(world.plan).first()
    addresses = {
        "/plan/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        "/plan/claims/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        f"/plan/claim/{claim}/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        "/plan/files/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        "/plan/bulk/": {MemberRole.PLAN_REVIEWER},
        "/plan/benefits/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        "/plan/sample/": {MemberRole.PLAN_REVIEWER},
        f"/plan/cases/{case.pk}/": {MemberRole.PLAN_REVIEWER, MemberRole.PROVIDER_LIAISON},
        "/plan/reports/": {MemberRole.PLAN_REVIEWER, MemberRole.PLAN_ANALYST},
        "/plan/tables/": {MemberRole.PLAN_REVIEWER},
        "/rules/": set(PLAN_PEOPLE),
        "/caseload/": set(),
        f"/caseload/{world.ariana.pk}/": set(),
    }
    for role in PLAN_PEOPLE:
        client = client_of(role, PLAN)
        for address, roles in addresses.items():
            assert client.get(address).status_code == (200 if role in roles else 403), (role, address)
    for role in (MemberRole.BHCM, MemberRole.BILLING, MemberRole.MANAGER):
        client = client_of(role)
        for address in addresses:
            if address.startswith("/plan"):
                assert client.get(address).status_code == 403, (role, address)
    assert Client().get("/plan/")["Location"].startswith("/account/login/")


def test_another_plan_and_a_practices_reviewer_find_nothing_of_it(client_of, world_with_books) -> None:
    world = world_with_books
    claim = claims(world, Answer.PAID)[0]
    with world.inside(world.plan):
        case = ProviderCase.objects.of(world.plan).first()
    other = organization_add(key="coast", kind="health_plan", name="Coast Plan", time_zone="America/New_York")
    user = User.objects.create_user("reviewer@coast.example", full_name="Coast Reviewer")
    with world.inside(other):
        member_add(actor=other, user=user, role=MemberRole.PLAN_REVIEWER)
    stranger = Client()
    stranger.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"tables first" in stranger.get("/plan/").content
    assert "Ariana" not in stranger.get(f"/plan/claim/{claim}/").content.decode().title()
    assert stranger.get(f"/plan/cases/{case.pk}/").status_code == 404
    assert b"No case." in stranger.get("/plan/cases/").content
    at_a_practice = client_of(MemberRole.PLAN_REVIEWER, "far-creek")
    for address in ("/plan/", f"/plan/claim/{claim}/", f"/plan/cases/{case.pk}/", "/plan/tables/"):
        assert at_a_practice.get(address).status_code == 404
    assert client_of(MemberRole.ADMINISTRATOR).get("/plan/tables/")["Location"] == "/"


def test_the_queue_goes_by_the_clock_and_leaves_an_event(reviewer, plan, world_with_books) -> None:
    page = reviewer.get("/plan/").content.decode()
    waiting = claims(world_with_books, Answer.PENDED)
    assert waiting and all(root in page for root in waiting)
    assert "records asked for that no rule asks for" in page
    with world_with_books.inside(plan):
        seen = AuditEvent.objects.of(plan).filter(verb=Verb.PATIENTS_SEEN).latest("number")
        assert seen.details["claims"] == len(waiting)


def test_a_claim_shows_checklist_trace_and_links_to_the_rules(reviewer, world_with_books) -> None:
    root = misrouted(world_with_books)
    page = reviewer.get(f"/plan/claim/{root}/").content.decode()
    assert "Right benefit" in page and "CO-109" in page and "today it would be" in page
    assert "/rules/rule/claim.benefit_side/?payer=" in page
    assert reviewer.get("/plan/claim/P-NONE/").status_code == 404
    assert reviewer.get("/plan/claims/?q=" + root).content.decode().count("row-link") == 1
    assert reviewer.get("/plan/claims/?answer=denied&page=99").status_code == 200


def test_a_wrongful_denial_is_corrected_with_letters_and_a_remittance(
    reviewer, plan, world_with_books
) -> None:
    root = misrouted(world_with_books)
    answer = reviewer.post(
        f"/plan/claim/{root}/decide/", {"action": "readjudicate", "note": "It is medical."}
    )
    assert answer.status_code == 302, answer.content.decode()
    trace = trace_of(world_with_books, root)
    assert trace["answer"] == "paid" and trace["review"]["reviewer"] == "Demo Plan reviewer"
    with world_with_books.inside(plan), open_desk(plan) as desk:
        claim = desk.file.find(root)
        files = desk.state.batch_files(claim.batch_sha256)
    letters = [name for name in files if name.startswith("letter-")]
    assert any("member" in name for name in letters) and any("provider" in name for name in letters)
    (payment,) = read_835(files["remittance.835"])
    assert [one.status_code for one in payment.claims] == ["22", "1"]
    assert payment.paid_amount_cents > 0
    again = {"action": "readjudicate", "note": ""}
    assert b"Decided so before" in reviewer.post(f"/plan/claim/{root}/decide/", again, follow=True).content
    name = next(name for name in letters if "member-en" in name)
    address = reverse("plandesk:answer", args=[claim.batch_sha256, name])
    assert reviewer.get(address).status_code == 302  # who it is, once more
    recently_proven(reviewer)
    letter = reviewer.get(address)
    assert letter.content.startswith(b"%PDF") and "attachment" in letter["Content-Disposition"]
    with world_with_books.inside(plan):
        assert AuditEvent.objects.of(plan).filter(verb=Verb.EXPORTED, object_type="plan_answer").exists()


def test_a_denial_needs_a_reason_that_the_facts_carry(reviewer, world_with_books) -> None:
    root = claims(world_with_books, Answer.PENDED)[0]
    page = reviewer.post(f"/plan/claim/{root}/decide/", {"action": "deny"})
    assert page.status_code == 422 and b"Choose the reason" in page.content
    page = reviewer.post(f"/plan/claim/{root}/decide/", {"action": "deny", "reason": "duplicate"})
    assert page.status_code == 422 and b"It cannot be decided so" in page.content
    page = reviewer.post(f"/plan/claim/{root}/decide/", {"action": "deny", "reason": "no_minutes_on_claim"})
    assert page.status_code == 422
    assert trace_of(world_with_books, root)["answer"] == "pended"
    done = reviewer.post(
        f"/plan/claim/{root}/decide/", {"action": "deny", "reason": "minutes.below_code", "minutes": "10"}
    )
    assert done.status_code == 302
    assert trace_of(world_with_books, root)["answer"] == "denied"


def test_records_come_in_and_the_claim_is_decided_again(reviewer, plan, world_with_books) -> None:
    root = claims(world_with_books, Answer.PENDED)[0]
    upload = {"files": [SimpleUploadedFile("notes.txt", b"80 minutes")], "received": "2026-05-20"}
    assert reviewer.post(f"/plan/claim/{root}/records/", upload).status_code == 302
    page = reviewer.get(f"/plan/claim/{root}/").content.decode()
    assert "notes.txt" in page and "not asked for" in page
    with world_with_books.inside(plan), open_desk(plan) as desk:
        (document,) = desk.file.documents[root]
    recently_proven(reviewer)
    address = reverse("plandesk:document", args=[root, document.sha256])
    assert reviewer.get(address).content == b"80 minutes"
    assert reviewer.get(reverse("plandesk:document", args=[root, "0" * 64])).status_code == 404
    found = reviewer.post(f"/plan/claim/{root}/decide/", {"action": "accept", "minutes": "80"})
    assert found.status_code == 302
    assert trace_of(world_with_books, root)["answer"] == "paid"


def test_a_claim_file_is_taken_in_once(reviewer, plan, world_with_books) -> None:
    with world_with_books.inside(plan), open_desk(plan) as desk:
        sha256, packed = desk.state.connection.execute(
            "SELECT sha256, zlib_bytes FROM batch_input"
        ).fetchone()
    before = len(claims(world_with_books, Answer.PAID))
    upload = {"file": SimpleUploadedFile("march.837", zlib.decompress(packed)), "received": "2026-05-20"}
    answer = reviewer.post("/plan/files/take-in/", upload, follow=True)
    assert (
        b"taken in before" in answer.content and sha256[:12].encode() in answer.request["PATH_INFO"].encode()
    )
    assert len(claims(world_with_books, Answer.PAID)) == before
    wrong = {"file": SimpleUploadedFile("x.837", b"not a claim"), "received": "2026-05-20"}
    answer = reviewer.post("/plan/files/take-in/", wrong, follow=True)
    assert answer.status_code == 200 and b"cocm-desk" not in answer.content


def test_a_wrongful_rule_is_corrected_in_bulk_after_a_preview(reviewer, world_with_books) -> None:
    asked = {"rule": "mistake_route_by_diagnosis", "from_date": "2026-01-01", "to_date": "2026-12-31"}
    wrong = misrouted(world_with_books)
    page = reviewer.get("/plan/bulk/", asked).content.decode()
    assert wrong in page and "Correct " in page
    assert trace_of(world_with_books, wrong)["answer"] == "denied"  # a preview keeps nothing
    answer = reviewer.post("/plan/bulk/", asked | {"note": "Medical benefit."}, follow=True)
    assert "Corrected in bulk" in answer.content.decode()
    assert trace_of(world_with_books, wrong)["answer"] == "paid"
    assert reviewer.get("/plan/bulk/", asked | {"to_date": "2025-01-01"}).status_code == 422
    assert reviewer.get("/plan/bulk/", asked | {"rule": "nothing"}).status_code == 422


def test_benefits_and_sample_tell_what_the_core_finds(reviewer) -> None:
    assert b"1 difference" in reviewer.get("/plan/benefits/").content
    drawn = {"from_date": "2026-01-01", "to_date": "2026-12-31", "size": "3", "seed": "7"}
    first = reviewer.get("/plan/sample/", drawn).content
    assert b"paid months" in first and b"Seed 7" in first
    assert reviewer.get("/plan/sample/", drawn | {"size": "0"}).status_code == 422


def test_tables_are_looked_at_row_by_row_before_they_are_taken(client_of, plan, world_with_books) -> None:
    keeper = Client()
    keeper.force_login(
        User.objects.get(email="plan-administrator@demo.example"),
        "allauth.account.auth_backends.AuthenticationBackend",
    )
    with world_with_books.inside(plan):
        held = plan_tables.contents(actor=plan)
    fees = b"hcpcs_code,place,effective_from,effective_to,amount\n99492,all,2026-01-01,,abc\n"
    page = keeper.post("/plan/tables/", {"files": [SimpleUploadedFile("fees.csv", fees)]})
    assert page.status_code == 422 and b"amount" in page.content
    page = keeper.post("/plan/tables/", {"files": [SimpleUploadedFile("prices.csv", fees)]})
    assert page.status_code == 422 and b"no table of a plan" in page.content
    other = held["plan"].replace(b"SANDBOX-", b"OTHER-", 1)
    page = keeper.post("/plan/tables/", {"files": [SimpleUploadedFile("plan.csv", other)]})
    assert page.status_code == 422 and b"the books are kept under it" in page.content
    good = SimpleUploadedFile("fees.csv", fees.replace(b"abc", b"150.00"))
    assert keeper.post("/plan/tables/", {"files": [good]}).status_code == 302
    with world_with_books.inside(plan):
        assert PlanTable.objects.of(plan).filter(name="fees").count() == 2
        assert plan_tables.reading_of(actor=plan).book.fees["99492"][0].amount_cents == 15_000
    assert b"99492" in keeper.get("/plan/tables/fees/").content
    empty = keeper.get("/plan/tables/empty/")
    assert "members.csv" in zipfile.ZipFile(io.BytesIO(empty.content)).namelist()


def test_a_case_keeps_every_word_and_shares_what_is_to_be_shared(client_of, plan, world_with_books) -> None:
    liaison = client_of(MemberRole.PROVIDER_LIAISON, PLAN)
    new = {"provider_name": "North Valley", "subject": "Add-on refused", "text": "Why was it refused?"}
    answer = liaison.post("/plan/cases/new/", new)
    address = answer["Location"]
    entry = {"kind": "note", "text": "Ask the desk.", "state": "open", "reason": ""}
    assert liaison.post(address, entry).status_code == 302
    entry = {
        "kind": "sent",
        "text": "It was ours to pay.",
        "state": "answered",
        "reason": "behavioral_diagnosis",
    }
    assert liaison.post(address, entry).status_code == 302
    page = liaison.get(address).content.decode()
    assert "Ask the desk." in page and "Answered" in page
    recently_proven(liaison)
    shared = liaison.get(address + "log/").content.decode()
    assert (
        "It was ours to pay." in shared and "Ask the desk." not in shared and "behavioral diagnosis" in shared
    )
    with world_with_books.inside(plan):
        case = ProviderCase.objects.of(plan).get(pk=UUID(address.split("/")[3]))
        assert case.state == "answered" and CaseEntry.objects.of(plan).filter(case=case).count() == 3
    assert liaison.post("/plan/cases/new/", {"subject": "x"}).status_code == 422
    assert liaison.post("/plan/cases/new/", new | {"claim_number": "P/1"}).status_code == 422


def test_my_day_tells_what_waits(client_of, plan, world_with_books) -> None:
    actor = world_with_books.actor(MemberRole.PLAN_REVIEWER, PLAN)
    with world_with_books.inside(actor):
        items = list(day_items(actor, date(2026, 5, 20)))
    assert any("to decide" in one.title for one in items)
    assert any(one.title.startswith("Case 1") for one in items)
    assert list(day_items(world_with_books.actor(MemberRole.BILLING), date(2026, 5, 20))) == []


def test_lines_that_wait_for_the_same_are_told_together() -> None:
    assert (
        waits_text(("line 1: records", "line 2: records", "member unknown"))
        == "Records (lines 1, 2); member unknown"
    )


def test_the_audit_finds_the_plans_own_mistakes(client_of, plan, world_with_books) -> None:
    analyst = client_of(MemberRole.PLAN_ANALYST, PLAN)
    for _ in range(2):  # a second click asks for nothing more
        page = analyst.post("/plan/reports/new/", {"kind": "audit"}, follow=True).content.decode()
        assert "The report waits its turn" in page
    assert worked_all(plan) == ["done"]
    with world_with_books.inside(plan):
        report = PlanReport.objects.of(plan).get()
        assert report.summary["members_harmed"] >= 1 and report.made_by is not None
    page = analyst.get(reverse("plandesk:report", args=[report.pk])).content.decode()
    assert "The plan erred" in page and "findings.csv" in page, page
    recently_proven(analyst)
    findings = analyst.get(reverse("plandesk:report_file", args=[report.pk, "findings.csv"]))
    assert b"cause_id" in findings.content.partition(b"\n")[0]
    wrong = {"kind": "audit", "files": SimpleUploadedFile("claims.csv", b"a,b\n1,2\n")}
    analyst.post("/plan/reports/new/", wrong)
    worked_all(plan)
    page = analyst.get("/plan/reports/").content
    assert b"fit no layout" in page and b"cocm-report" not in page
    with world_with_books.inside(plan):
        assert not RunInput.objects.exists()


@ONE_ENGINE
@pytest.mark.parametrize("kind", ["data_request", "scorecards", "policy", "performance", "sb1320"])
def test_the_other_reports_are_made_of_the_plans_books(kind, client_of, plan, world_with_books) -> None:
    analyst = client_of(MemberRole.PLAN_ANALYST, PLAN)
    analyst.post("/plan/reports/new/", {"kind": kind})
    assert worked_all(plan) == ["done"]
    with world_with_books.inside(plan):
        report = PlanReport.objects.of(plan).get()
    page = analyst.get(reverse("plandesk:report", args=[report.pk])).content.decode()
    assert ".html" in page, page
    assert b"Make it" in analyst.get("/plan/reports/").content


def test_a_shared_folder_is_read_and_answered(plan, world_with_books, tmp_path, settings) -> None:
    settings.EXCHANGE_FOLDERS = {PLAN: tmp_path}
    inbox = tmp_path / "in"
    inbox.mkdir()
    with world_with_books.inside(plan), open_desk(plan) as desk:
        (packed,) = desk.state.connection.execute("SELECT zlib_bytes FROM batch_input").fetchone()
    (inbox / "claims.837").write_bytes(zlib.decompress(packed))
    (inbox / "other.txt").write_bytes(b"no claim")
    (inbox / "half.part").write_bytes(b"ISA")
    assert watch_folders(today=date(2026, 6, 1)) == {"known": 1, "refused": 1}
    assert sorted(one.name for one in inbox.iterdir()) == ["half.part", "refused", "taken"]
    written = sorted(one.name.partition("-")[2] for one in (tmp_path / "out").iterdir())
    assert "remittance.835" in written and "trace.json" not in written
    assert watch_folders(today=date(2026, 6, 1)) == {}
