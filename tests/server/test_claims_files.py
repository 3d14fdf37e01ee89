"""Payers' files: recognised by what they hold, taken in once, and refused without losing the others."""

from __future__ import annotations

from datetime import date

import pytest
from claims_rows import claims_of, eligibility_answer, last_claim_of_ariana, rejection, remittance
from django.core.files.uploadedfile import SimpleUploadedFile

from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimState
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.claims.eligibility import ask
from cocm.server.claims.listing import claim_rows
from cocm.server.claims.models import Arrival, EligibilityAnswer, ReceivedFile
from cocm.server.claims.receiving import Incoming, receive
from cocm.server.claims.watching import watch_folders
from cocm.server.work.models import WorkEntry

MARCH = Month(2026, 3)
TODAY = date(2026, 5, 22)
GARBAGE = {
    "empty.835": b"  \n",
    "letter.txt": b"Dear colleague, the patient Ariana Davis ...",
    "picture.835": bytes(range(256)) * 20,
    "cut.835": b"ISA*00*          *00*          *ZZ*PAYER1         *ZZ*SUB001         *2605",
    "not-it.835": b"ISA*00*          *00*          *ZZ*PAYER1         *ZZ*SUB001         *260521*0815*^*00501*"
    b"000000001*0*P*:~GS*PO*A*B*20260521*0815*1*X*004010~ST*850*0001~BEG*00~SE*3*0001~GE*1*1~IEA*1*000000001~",
}


def bring(client, *files: tuple[str, bytes]):
    """Upload files as somebody at the page."""
    uploads = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post("/claims/files/", {"files": uploads})


def files_of(world):
    with world.inside(world.practice):
        return {
            one.file_name: one for one in ReceivedFile.objects.of(world.practice).filter(arrival="upload")
        }


def state_of(world, claim_id: str) -> ClaimState:
    with world.inside(world.practice):
        rows = claim_rows(actor=world.practice, today=TODAY)
    return next(row.state for row in rows if row.claim_id == claim_id)


def test_a_remittance_is_posted_once(world_with_books, client_of):
    world, client = world_with_books, client_of(MemberRole.BILLING)
    claim = last_claim_of_ariana(world)
    content = remittance(world, claim)
    answer = bring(client, ("paid.835", content))
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Taken in" in page and claim.claim_id in page
    assert state_of(world, claim.claim_id) is ClaimState.PAID
    again = bring(client, ("the-same-by-another-name.835", content))
    assert again["Location"] == answer["Location"]
    assert "was taken in before" in client.get(again["Location"]).content.decode()
    assert list(files_of(world)) == ["paid.835"]


def test_what_was_rejected_unmatched_or_does_not_add_up_waits_to_be_seen(world_with_books, client_of):
    world, client = world_with_books, client_of(MemberRole.BILLING)
    claim = last_claim_of_ariana(world)
    (other,) = claims_of(world, Month(2026, 2))
    bring(
        client,
        ("refused.277", rejection(world, claim)),
        ("strange.835", remittance(world, other, number="NOT-OURS-1")),
        ("short.835", remittance(world, claim, paid_more_cents=700)),
    )
    found = files_of(world)
    assert all(one.needs_look for one in found.values())
    assert found["refused.277"].figures["rejected"] == [claim.claim_id]
    assert len(found["strange.835"].figures["unmatched"]) == 1
    assert not found["short.835"].figures["payments"][0]["is_reconciled"]
    page = client.get(f"/claims/files/{found['short.835'].pk}/").content.decode()
    assert "$7.00 is not explained" in page and "BPR02" in page
    assert "Find the claim" in client.get(f"/claims/files/{found['strange.835'].pk}/").content.decode()
    assert "files to look at" in client.get("/").content.decode()
    client.post(f"/claims/files/{found['refused.277'].pk}/looked/")
    assert not files_of(world)["refused.277"].needs_look


@pytest.mark.parametrize("name", GARBAGE)
def test_a_file_that_is_none_is_refused_and_the_next_one_taken(name, world_with_books, client_of):
    world, client = world_with_books, client_of(MemberRole.BILLING)
    bring(client, (name, GARBAGE[name]), ("refused.277", rejection(world, last_claim_of_ariana(world))))
    found = files_of(world)
    assert found[name].state == "refused" and found[name].refusal and found[name].content == b""
    assert found["refused.277"].state == "taken"
    page = client.get(f"/claims/files/{found[name].pk}/").content.decode()
    assert "Refused" in page and "Ariana" not in page
    with world.inside(world.practice):
        told = list(AuditEvent.objects.of(world.practice).filter(object_type="payer_file").values("details"))
    assert "Ariana" not in str(told)


def test_our_own_batch_and_mixed_files_are_refused_with_the_reason(world_with_books, client_of):
    world, client = world_with_books, client_of(MemberRole.BILLING)
    from cocm.server.books.port import practice_books

    with world.inside(world.practice), practice_books(world.practice) as books:
        own = b"".join(books.interchange_bytes(1))
    claim = last_claim_of_ariana(world)
    mixed = rejection(world, claim) + remittance(world, claim)
    bring(client, ("ours.837", own), ("mixed.x12", mixed))
    found = files_of(world)
    assert "a file of ours" in found["ours.837"].refusal
    assert "one file a kind" in found["mixed.x12"].refusal
    assert state_of(world, claim.claim_id) is ClaimState.RECORDS_REQUESTED


def test_a_file_above_the_limit_is_refused(world_with_books, client_of, settings):
    settings.UPLOAD_MEGABYTES = 0
    client = client_of(MemberRole.BILLING)
    assert client.post("/claims/files/", {}).status_code == 422
    bring(client, ("large.835", b"ISA" * 10))
    assert "COCM_UPLOAD_MEGABYTES" in files_of(world_with_books)["large.835"].refusal


def test_the_neighbours_file_says_nothing_of_our_claims(world_with_books, client_of):
    world = world_with_books
    claim = last_claim_of_ariana(world)
    answer = bring(client_of(MemberRole.BILLING, "far-creek"), ("paid.835", remittance(world, claim)))
    assert answer.status_code == 302
    assert state_of(world, claim.claim_id) is ClaimState.RECORDS_REQUESTED
    with world.inside(world.neighbour):
        (file,) = ReceivedFile.objects.of(world.neighbour)
    assert client_of(MemberRole.BILLING).get(f"/claims/files/{file.pk}/").status_code == 404


def test_a_manager_sees_files_and_brings_none_in(world_with_books, client_of):
    client = client_of(MemberRole.MANAGER)
    assert "Bring in" not in client.get("/claims/files/").content.decode()
    assert bring(client, ("a.835", b"ISA")).status_code == 403


def test_a_folder_is_watched_each_file_once(world_with_books, tmp_path, settings):
    world = world_with_books
    settings.EXCHANGE_FOLDERS = {"north-valley": tmp_path}
    inbox = tmp_path / "in"
    inbox.mkdir()
    claim = last_claim_of_ariana(world)
    content = remittance(world, claim)
    (inbox / "a.835").write_bytes(content)
    (inbox / "b-again.835").write_bytes(content)
    (inbox / "c.txt").write_bytes(b"no interchange")
    (inbox / ".d.835.part").write_bytes(content[:50])
    assert dict(watch_folders(today=TODAY).files) == {"taken": 1, "known": 1, "refused": 1}
    assert sorted(path.name for path in (inbox / "taken").iterdir()) == ["a.835", "b-again.835"]
    assert [path.name for path in (inbox / "refused").iterdir()] == ["c.txt"]
    assert (inbox / ".d.835.part").exists()
    assert state_of(world, claim.claim_id) is ClaimState.PAID
    assert not watch_folders(today=TODAY).files


def test_eligibility_is_asked_answered_and_told(world_with_books, client_of):
    world = world_with_books
    billing = world.actor(MemberRole.BILLING)
    with world.inside(billing):
        request = ask(actor=billing, month=MARCH, payer_id="SIERRA-CREST", today=date(2026, 2, 27))
        assert request.patient_count == request.questions.count() > 0
        answer = eligibility_answer(request.content, carved_out=True)
        (arrived,) = receive(
            actor=billing, files=[Incoming("yes.271", answer)], arrival=Arrival.UPLOAD, today=TODAY
        )
    figures = arrived.file.figures
    assert figures["people"] == figures["matched"] == request.patient_count
    page = client_of(MemberRole.BHCM).get(f"/claims/{world.ariana.pk}/cost-share/2026-03/").content.decode()
    assert "Medical: the payer" in page and "CALM MIND BEHAVIORAL" in page and "$25.00" in page
    address = f"/claims/{world.ariana.pk}/cost-share/2026-03/"
    client = client_of(MemberRole.BHCM)
    assert client.post(address, {"told_on": "2026-02-28", "way": "telephone"}).status_code == 302
    assert "Record as told" not in client.get(address).content.decode()
    assert client.post(address, {"told_on": "2026-02-28", "way": "telephone"}).status_code == 422
    with world.inside(world.practice):
        assert (
            AuditEvent.objects.of(world.practice).filter(verb="told", patient_id=world.ariana.pk).count() == 1
        )
    listed = client_of(MemberRole.BILLING).get("/claims/eligibility/?month=2026-03").content.decode()
    assert "Whole month" in listed and "2026-02-28" in listed


def test_an_answer_about_somebody_unknown_is_told_and_changes_nothing(world_with_books):
    world = world_with_books
    billing = world.actor(MemberRole.BILLING)
    with world.inside(billing):
        request = ask(actor=billing, month=MARCH, payer_id="SIERRA-CREST", today=date(2026, 2, 27))
        request.questions.all().delete()
        content = eligibility_answer(request.content.replace(b"*MI*SC", b"*MI*XX"))
        (arrived,) = receive(
            actor=billing, files=[Incoming("who.271", content)], arrival=Arrival.UPLOAD, today=TODAY
        )
        assert arrived.file.needs_look
        assert arrived.file.figures["matched"] == 0
        assert len(arrived.file.figures["unknown_patients"]) == request.patient_count
        assert not EligibilityAnswer.objects.of(billing).exists()


def test_the_cost_share_was_told_is_on_the_consent(world_with_books, client_of):
    world = world_with_books
    billing = world.actor(MemberRole.BILLING)
    from cocm.server.registry.models import Consent

    with world.inside(billing):
        Consent.objects.of(billing).filter(episode__patient=world.ariana).update(cost_share_explained="no")
        request = ask(actor=billing, month=MARCH, payer_id="SIERRA-CREST", today=date(2026, 2, 27))
        content = eligibility_answer(request.content)
        receive(actor=billing, files=[Incoming("yes.271", content)], arrival=Arrival.UPLOAD, today=TODAY)
    address = f"/claims/{world.ariana.pk}/cost-share/2026-03/"
    assert (
        client_of(MemberRole.BILLING).post(address, {"told_on": "2026-02-28", "way": "letter"}).status_code
        == 403
    )
    client_of(MemberRole.BHCM).post(address, {"told_on": "2026-02-28", "way": "letter"})
    with world.inside(world.practice):
        told = (
            Consent.objects.of(world.practice).filter(episode__patient=world.ariana).order_by("recorded_at")
        )
        assert [one.cost_share_explained for one in told] == ["no", "yes"]
        assert told.last().given == "yes"
        tasks = WorkEntry.objects.of(world.practice).values_list("task", flat=True)
        assert {"check_eligibility", "explain_share"} <= set(tasks)
