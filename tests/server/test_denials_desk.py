"""Denials on pages: the worklist, packets and letters, the liaison's log, candidate rules; each click counts once."""

from __future__ import annotations

import io
import sys
import zlib
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
import time_machine
from desk_rows import arianas_claim
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from runs_rows import worked_all

from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.denials.candidates import tried
from cocm.server.denials.liaison import broken_entry, case_log, cases, entry_add
from cocm.server.denials.models import CandidateDecision, LiaisonEntry, Sending
from cocm.server.denials.packets import packet_preview
from cocm.server.denials.services import document_add
from cocm.server.open_books import open_books_of
from cocm.server.today.sources import day_of
from cocm.server.work.models import WorkEntry

sys.path.append(str(Path(__file__).parents[1] / "remits"))
from remittance_maker import Decided, Line, remittance  # found by the path above

NOW = "2026-05-21T17:00:00Z"
TODAY = date(2026, 5, 21)


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def billing(client_of):
    return client_of(MemberRole.BILLING)


@contextmanager
def books_of(world, *, to_write: bool = False):
    actor = world.practice
    with world.inside(actor), open_books_of(actor, today=TODAY, to_write=to_write) as books:
        yield books


def post(world, content: bytes) -> None:
    """A remittance comes in."""
    from cocm.receivables.post import post_stream

    with books_of(world, to_write=True) as books:
        post_stream(books, "told.835", io.BytesIO(content))
        books.state.commit()


def events_of(world, claim_id: str) -> list[str]:
    from cocm.receivables.timelines import standings

    with books_of(world) as books:
        return [entry.event.kind.value for entry in next(standings(books, claim_id)).timeline.entries]


def address(world, tail: str = "", claim_id: str = "") -> str:
    return f"/denials/{world.ariana.pk}/{claim_id or arianas_claim(world)}/{tail}"


def sending(**changed: str) -> dict[str, str]:
    return {
        "way": "fax", "sent_on": "2026-05-21", "reference": "R-1", "confirmation": "fax 4411", "work_minutes": "",
        "once": "form-1",
    } | changed  # fmt: skip


def test_the_worklist_has_the_money_and_the_owner(world_with_books, world, billing):
    claim_id = arianas_claim(world)
    page = billing.get("/denials/").content.decode()
    assert claim_id in page and "Davis, Ariana" in page and "Records wanted" in page
    owner = world.user(MemberRole.BILLING)
    assert billing.post(address(world, "owner/"), {"owner": str(owner.pk)}).status_code == 302
    assert claim_id in billing.get("/denials/?owner=mine").content.decode()
    assert claim_id not in billing.get("/denials/?owner=nobody").content.decode()
    stranger = world.user(MemberRole.BHCM)
    billing.post(address(world, "owner/"), {"owner": str(stranger.pk)})
    assert claim_id in billing.get("/denials/?owner=mine").content.decode()  # only billing works on claims


def test_a_manager_sees_the_list_without_names_outside_the_care_team(world_with_books, world, client_of):
    page = client_of(MemberRole.MANAGER).get("/denials/").content.decode()
    assert arianas_claim(world) in page and "Davis" not in page


def test_a_claims_page_cites_the_rule_that_speaks_against_the_denial(world_with_books, world, billing):
    claim_id = arianas_claim(world)
    line = Line("99493", 20_000, (("CO", "109", 20_000),), ("N418",))
    post(
        world,
        remittance(Decided(claim_id, (line,), status="4", day=date(2026, 3, 31)), day=date(2026, 5, 20)),
    )
    page = billing.get(address(world)).content.decode()
    assert "Sent to the behavioral administrator because of the diagnosis" in page
    assert "CO-109" in page and "claim.benefit_side" in page and "payer.behavioral_administrator" in page
    assert "Draft the letter" in page


def test_a_packet_is_sent_once_and_kept_as_it_went(world_with_books, world, billing):
    claim_id = arianas_claim(world)
    assert claim_id in billing.get("/denials/requests/").content.decode()
    for _ in range(2):
        answer = billing.post(address(world, "packet/"), sending())
        assert answer.status_code == 302
    with world.inside(world.practice):
        (sent,) = Sending.objects.of(world.practice)
        (work,) = WorkEntry.objects.of(world.practice)
        assert (sent.way, sent.confirmation, sent.ending) == ("fax", "fax 4411", "pdf")
        assert (work.task, work.is_default, work.subject_id) == ("collect_records", True, claim_id)
        with pytest.raises(DatabaseError), transaction.atomic():
            Sending.objects.of(world.practice).update(confirmation="other")
        events = AuditEvent.objects.of(world.practice).filter(object_type="packet sent")
        assert events.get().patient_id == world.ariana.pk
    assert events_of(world, claim_id).count("records_sent") == 1
    assert claim_id not in billing.get("/denials/requests/").content.decode().partition("Answered")[0]
    page = billing.get(address(world)).content.decode()
    assert "fax 4411" in page


def test_the_attachment_takes_one_number_a_sending(world_with_books, world, billing):
    for once in ("form-1", "form-1", "form-2"):
        billing.post(address(world, "packet/"), sending(way="275", once=once, work_minutes="7"))
    with world.inside(world.practice):
        assert Sending.objects.of(world.practice).filter(ending="275").count() == 2
        assert [one.minutes for one in WorkEntry.objects.of(world.practice)] == [7, 7]


def test_an_attachment_goes_into_the_payers_folder_once(
    world_with_books, world, billing, settings, tmp_path
) -> None:
    """It lies there as it was kept; where the folder cannot be written, nothing is recorded."""
    settings.EXCHANGE_FOLDERS = {"north-valley": tmp_path / "away"}
    page = billing.post(address(world, "packet/"), sending(way="275", once="form-0"))
    assert page.status_code == 422 and b"folder cannot be written" in page.content
    (tmp_path / "away").mkdir()
    for _ in range(2):
        assert billing.post(address(world, "packet/"), sending(way="275", confirmation="")).status_code == 302
    with world.inside(world.practice):
        kept = Sending.objects.of(world.practice).get(ending="275")
    [file] = (tmp_path / "away" / "out").iterdir()
    assert file.read_bytes() == zlib.decompress(bytes(kept.content))
    assert "folder" in kept.confirmation and file.suffix == ".275"
    assert "exchange folder" in billing.get(address(world, "packet/")).content.decode()


def test_a_packet_holds_what_was_chosen_and_never_a_psychotherapy_note(world_with_books, world, billing):
    claim_id, actor = arianas_claim(world), world.actor(MemberRole.BILLING)
    texts = {"care_plan": b"Plan", "consent": b"Consent", "psychotherapy_note": b"Private"}
    with world.inside(actor):
        made = {
            kind: document_add(
                actor=actor, patient=world.ariana, service_date=date(2026, 3, 2), kind=kind, title=kind, content=text
            )[0]
            for kind, text in texts.items()
        }  # fmt: skip
    assert (
        billing.post(
            address(world, "packet/documents/"), {"documents": [str(made["care_plan"].pk)]}
        ).status_code
        == 302
    )
    with world.inside(actor):
        preview = packet_preview(actor=actor, today=TODAY, patient=world.ariana, claim_id=claim_id)
    assert [kind.kind for _, kind in preview.made.content.documents] == ["care_plan"]
    assert b"Private" not in preview.made.pdf
    page = billing.get(address(world, "packet/")).content.decode()
    assert "psychotherapy_note" in page or "never leaves the chart" in page


@pytest.mark.parametrize(
    ("content", "words"), [(b"", "empty"), (b"\x00\x01", "a PDF, or plain text"), (b"x" * (10 * 1024**2 + 1), "larger")]
)  # fmt: skip
def test_a_file_that_no_packet_can_hold_is_refused(world, content, words):
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor), pytest.raises(ValidationError, match=words):
        document_add(
            actor=actor, patient=world.ariana, service_date=TODAY, kind="consent", title="C", content=content
        )


def test_an_appeal_is_completed_sent_once_and_counted_by_level(world_with_books, world, billing):
    claim_id = arianas_claim(world)
    line = Line("99493", 20_000, (("CO", "50", 20_000),))
    post(
        world,
        remittance(Decided(claim_id, (line,), status="4", day=date(2026, 3, 31)), day=date(2026, 5, 20)),
    )
    letter = address(world, "letters/corrected_claim/")
    assert "[NOT ON FILE: correction]" in billing.get(letter).content.decode()
    assert billing.post(letter, {"fact_correction": "place of service 11"}).status_code == 302
    assert "place of service 11" in billing.get(letter).content.decode()
    for once in ("a", "a", "b"):
        form = sending(way="mail", once=once)
        assert billing.post(address(world, "letters/appeal/send/"), form).status_code == 302
    with world.inside(world.practice):
        levels = Sending.objects.of(world.practice).order_by("level").values_list("level", flat=True)
        assert list(levels) == [1, 2]
    assert "appealed" in events_of(world, claim_id)


def test_the_liaisons_log_is_only_added_to(world, billing):
    from cocm.server.accounts.models import PayerProduct

    with world.inside(world.practice):
        payer = PayerProduct.objects.of(world.practice).order_by("payer_id")[0]
    form = {
        "payer": str(payer.pk), "title": "Misrouted", "happened_on": "2026-05-20", "kind": "call",
        "said": "They will reprocess.", "promised_on": "2026-05-21", "once": "new-1",
    }  # fmt: skip
    for _ in range(2):
        assert billing.post("/denials/liaison/new/", form).status_code == 302
    with world.inside(world.practice):
        (log,) = cases(actor=world.practice)
        assert len(log.entries) == 1 and log.promise is not None
    page = f"/denials/liaison/cases/{log.case.pk}/"
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        titles = [item.title for items in day_of(actor=actor, today=TODAY).items.values() for item in items]
    assert "Misrouted" in titles
    entry = {"happened_on": "2026-05-21", "kind": "promise_kept", "said": "Paid.", "once": "e-2"}
    for _ in range(2):
        assert billing.post(page, entry).status_code == 302
    assert (
        billing.post(page, entry | {"kind": "outcome", "said": "Solved.", "once": "e-3"}).status_code == 302
    )
    assert billing.post(page, entry | {"kind": "call", "said": "More.", "once": "e-4"}).status_code == 422
    with world.inside(world.practice):
        log = case_log(actor=world.practice, case_id=log.case.pk)
        assert [one.kind for one in log.entries] == ["call", "promise_kept", "outcome"]
        assert log.is_closed and log.promise is None and broken_entry(log) is None
        with pytest.raises(DatabaseError), transaction.atomic():
            LiaisonEntry.objects.of(world.practice).update(said="other")
        assert WorkEntry.objects.of(world.practice).filter(task="call_about_route").count() == 1


def test_another_plans_contact_is_refused(world):
    from desk_rows import a_liaison_case, a_plan_contact

    case, contact = a_liaison_case(world), a_plan_contact(world)
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        other = type(contact.payer).objects.of(actor).order_by("-payer_id")[0]
        contact.payer = other
        contact.save()
        with pytest.raises(ValidationError, match="another plan's"):
            entry_add(
                actor=actor, case_id=case.pk, happened_on=TODAY, kind="call", said="x", once_key="k", contact=contact
            )  # fmt: skip


def test_a_candidate_is_accepted_into_the_draft_once_and_by_a_manager(
    world_with_books, world, billing, client_of
):
    from cocm.server.rulebook.models import OwnRules
    from cocm.server.rulebook.terms import Terms

    claim_id = arianas_claim(world)
    line = Line("99493", 20_000, (("CO", "58", 20_000),), ("M77",))
    post(
        world,
        remittance(Decided(claim_id, (line,), status="4", day=date(2026, 3, 31)), day=date(2026, 5, 20)),
    )
    assert b"Not looked for yet" in billing.get("/denials/candidates/").content
    page = billing.post("/denials/candidates/try/", follow=True).content
    assert b"waits its turn" in page and b"Look for candidates" not in page
    assert worked_all(world.practice) == ["done"]
    with world.inside(world.practice):
        last = tried(actor=world.practice)
    assert not last.is_behind
    one = next(item for item in last.offered if item.rule_id == "claim.places_refused")
    assert one.label in billing.get("/denials/candidates/").content.decode()
    page = f"/denials/candidates/{one.candidate_id}/"
    form = {"verdict": "accept", "value": one.value}
    assert billing.post(page, form).status_code == 403
    manager = client_of(MemberRole.MANAGER)
    assert manager.post(page, form | {"value": "another"}).status_code == 422
    for _ in range(2):
        assert manager.post(page, form).status_code == 302
    with world.inside(world.practice):
        decision = CandidateDecision.objects.of(world.practice).get()
        draft = OwnRules.objects.of(world.practice).get()
        assert (decision.verdict, draft.state) == ("accepted", "draft")
        (term,) = Terms.from_plain(draft.content).terms
        assert (term.rule_id, term.value) == ("claim.places_refused", one.value.strip("[]{}"))
        assert AuditEvent.objects.of(world.practice).filter(object_type="rule candidate").count() == 1


def test_my_day_tells_the_records_request(world_with_books, world):
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        day = day_of(actor=actor, today=date(2026, 5, 21))
    lines = [item for items in day.items.values() for item in items]
    assert any("after the claim" in item.title or item.title == "Davis, Ariana, 2026-03" for item in lines)
