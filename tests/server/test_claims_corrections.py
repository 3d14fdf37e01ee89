"""Sending again and taking back: as the core allows, once, and for nobody else's patients; batches leave once."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from claims_rows import claims_of, last_claim_of_ariana, remittance
from django.db import connections

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.claims.lifecycle import ClaimState
from cocm.server.access.permissions import MemberRole
from cocm.server.books.port import practice_books
from cocm.server.claims.exchange import batches, put_into_folder
from cocm.server.claims.listing import claim_rows
from cocm.server.claims.models import Arrival, Handover
from cocm.server.claims.receiving import Incoming, receive
from cocm.server.claims.sending import look_again, send_again, take_back
from cocm.server.registry.models import Patient
from cocm.server.work.models import WorkEntry

MARCH, FEBRUARY = Month(2026, 3), Month(2026, 2)
TODAY = date(2026, 5, 22)


def billing(world):
    return world.actor(MemberRole.BILLING)


def take_in(world, *contents: bytes) -> None:
    actor = billing(world)
    with world.inside(actor):
        files = [Incoming(f"{number}.x12", content) for number, content in enumerate(contents)]
        for arrived in receive(actor=actor, files=files, arrival=Arrival.UPLOAD, today=TODAY):
            assert arrived.file.is_taken, arrived.file.refusal


def batches_total(world) -> int:
    with world.inside(world.practice), practice_books(world.practice) as books:
        return len(books.interchanges())


def patient_of(world, claim) -> Patient:
    return world.patient(claim.patient_id)


def again(world, claim):
    patient = patient_of(world, claim)
    with world.inside(world.practice):
        return look_again(actor=billing(world), patient=patient, claim=claim, today=TODAY)


def send(world, claim, digest: str):
    actor, patient = billing(world), patient_of(world, claim)
    with world.inside(actor):
        return send_again(actor=actor, patient=patient, claim_id=claim.claim_id, digest=digest, today=TODAY)


def rejected_claim(world):
    """A claim of March that its payer refused before any decision."""
    with world.inside(world.practice):
        rows = claim_rows(actor=world.practice, today=TODAY)
    row = next(row for row in rows if row.state is ClaimState.REJECTED)
    (claim,) = claims_of(world, row.month, row.patient_id)
    return claim


def change_diagnoses(world) -> None:
    """A coder takes Ariana's second diagnosis out."""
    from cocm.server.registry.models import Diagnosis

    with world.inside(world.practice):
        found = (
            Diagnosis.objects.of(world.practice).filter(episode__patient=world.ariana).order_by("position")
        )
        found.last().delete()


def test_a_rejected_claim_goes_again_as_an_original_once(world_with_books, client_of):
    world = world_with_books
    claim = rejected_claim(world)
    before = batches_total(world)
    client = client_of(MemberRole.BILLING)
    chart = f"/claims/{patient_of(world, claim).pk}/{claim.claim_id}"
    address = f"{chart}/again/"
    page = client.get(address).content.decode()
    assert "as a new original" in page
    digest = again(world, claim).digest
    assert client.post(address, {"digest": digest})["Location"] == "/claims/batches/"
    assert batches_total(world) == before + 1
    (new,) = claims_of(world, Month.from_index(claim.month_index), claim.patient_id)
    assert (new.sequence, new.frequency_code) == (claim.sequence + 1, "1")
    client.post(address, {"digest": digest})
    assert batches_total(world) == before + 1
    with world.inside(world.practice):
        (worked,) = WorkEntry.objects.of(world.practice).filter(task="correct_and_resend")
        assert (worked.subject_id, worked.is_default) == (claim.claim_id, True)
    assert "A later claim took this" in client.get(f"{chart}/").content.decode()


def test_a_claim_that_is_with_the_payer_is_never_sent_again(world_with_books, client_of):
    world = world_with_books
    claim = last_claim_of_ariana(world)
    assert again(world, claim).is_unchanged
    change_diagnoses(world)
    found = again(world, claim)
    assert not found.may_go and found.decision.held
    assert send(world, claim, found.decision.claim_content_hash) is None
    page = (
        client_of(MemberRole.BILLING)
        .get(f"/claims/{world.ariana.pk}/{claim.claim_id}/again/")
        .content.decode()
    )
    assert "It may not go out as things stand" in page


def test_a_decided_claim_is_replaced_under_the_payers_number(world_with_books):
    world = world_with_books
    claim = last_claim_of_ariana(world)
    take_in(world, remittance(world, claim))
    change_diagnoses(world)
    found = again(world, claim)
    assert found.is_replacement
    with pytest.raises(UnusableInput, match="changed since"):
        send(world, claim, "another content")
    assert send(world, claim, found.digest).claim_count == 1
    (new,) = claims_of(world, MARCH)
    assert new.frequency_code == "7"
    assert send(world, new, found.digest) is None


def test_a_claim_is_taken_back_once(world_with_books, client_of):
    world = world_with_books
    claim = last_claim_of_ariana(world)
    take_in(world, remittance(world, claim))
    client = client_of(MemberRole.BILLING)
    address = f"/claims/{world.ariana.pk}/{claim.claim_id}/void/"
    assert client.post(address, {"payer_number": "", "reason": "sent in error"}).status_code == 422
    body = {"payer_number": "ICN1", "reason": "sent in error"}
    assert client.post(address, body)["Location"] == "/claims/batches/"
    (void,) = claims_of(world, MARCH)
    assert void.frequency_code == "8"
    answer = client.post(address, body)
    assert answer.status_code == 422 and "voided" in answer.content.decode()
    actor = billing(world)
    with world.inside(actor), pytest.raises(UnusableInput):
        take_back(
            actor=actor,
            patient=world.ariana,
            claim_id=claim.claim_id,
            payer_number="ICN1",
            reason="again",
            today=TODAY,
        )


def test_another_patients_claim_is_not_reached_through_ones_own(world_with_books, client_of):
    world = world_with_books
    claim = last_claim_of_ariana(world)
    client = client_of(MemberRole.BILLING)
    with world.inside(world.practice):
        other = Patient.objects.of(world.practice).exclude(pk=world.ariana.pk)[0]
    for page in ("", "edits/", "x12/", "again/", "void/"):
        assert client.get(f"/claims/{other.pk}/{claim.claim_id}/{page}").status_code == 404
    with world.inside(world.practice), pytest.raises(UnusableInput):
        send_again(actor=billing(world), patient=other, claim_id=claim.claim_id, digest="", today=TODAY)


def test_a_manager_looks_and_sends_nothing(world_with_books):
    world = world_with_books
    from django.core.exceptions import PermissionDenied

    claim = last_claim_of_ariana(world)
    manager = world.actor(MemberRole.MANAGER)
    with world.inside(manager), pytest.raises(PermissionDenied):
        send_again(actor=manager, patient=world.ariana, claim_id=claim.claim_id, digest="", today=TODAY)


def test_a_batch_is_put_into_its_folder_once_and_whole(world_with_books, tmp_path, settings):
    world, actor = world_with_books, billing(world_with_books)
    with world.inside(actor), pytest.raises(UnusableInput, match="no folder"):
        put_into_folder(actor=actor, control_number=1)
    settings.EXCHANGE_FOLDERS = {"north-valley": tmp_path, "north-valley/MEDICARE": tmp_path / "medicare"}
    (tmp_path / "medicare").mkdir()
    with world.inside(actor):
        for one in batches(actor=actor):
            put_into_folder(actor=actor, control_number=one.written.control_number)
        with pytest.raises(UnusableInput, match="sent once"):
            put_into_folder(actor=actor, control_number=1)
        found = batches(actor=actor)
        assert all(one.put_at is not None and not one.waits for one in found)
        for one in found:
            folder = tmp_path / "medicare" if one.written.payer_id == "MEDICARE" else tmp_path
            assert (folder / "out" / one.written.file_name).stat().st_size == one.written.byte_count
    assert not list(tmp_path.rglob("*.part"))


def test_a_folder_that_cannot_be_written_records_nothing(world_with_books, tmp_path, settings):
    world, actor = world_with_books, billing(world_with_books)
    settings.EXCHANGE_FOLDERS = {"north-valley": tmp_path / "missing"}
    with world.inside(actor):
        with pytest.raises(UnusableInput, match="cannot be written"), world.inside(actor):
            put_into_folder(actor=actor, control_number=1)
        assert not Handover.objects.of(actor).filter(way="folder").exists()


def test_a_batch_is_downloaded_by_who_proves_who_they_are(world_with_books, client_of):
    client = client_of(MemberRole.BILLING)
    assert client.get("/claims/batches/1/file/").status_code == 302
    assert client_of(MemberRole.BILLING, "far-creek").post("/claims/batches/1/put/").status_code in (302, 404)
    assert client_of(MemberRole.BHCM).get("/claims/batches/1/file/").status_code == 403


def test_the_list_is_narrowed_and_cut_into_pages(world_with_books, client_of):
    world = world_with_books
    client = client_of(MemberRole.BILLING)
    with world.inside(world.practice):
        rows = claim_rows(actor=world.practice, today=TODAY)
    page = client.get("/claims/?month=2026-02&sort=-open").content.decode()
    assert all((row.claim_id in page) == (row.month == FEBRUARY) for row in rows)
    page = client.get("/claims/?state=rejected").content.decode()
    assert all((row.claim_id in page) == (row.state.value == "rejected") for row in rows)
    claim = last_claim_of_ariana(world)
    page = client.get(f"/claims/?find={claim.claim_id.lower()}").content.decode()
    assert sum(row.claim_id in page for row in rows) == 1
    assert client.get("/claims/?page=99999&month=nonsense&sort=%3Cscript%3E").status_code == 200
    assert "No claim like this" in client.get("/claims/?find=C-NONE").content.decode()


def test_the_claim_file_tells_its_life_edits_and_segments(world_with_books, client_of):
    world = world_with_books
    client = client_of(MemberRole.BILLING)
    (first,) = claims_of(world, FEBRUARY)
    page = client.get(f"/claims/{world.ariana.pk}/{first.claim_id}/").content.decode()
    for words in ("Taken up with the plan", "CO-109", "N418", "PR-3", "92 minutes counted", "Paid"):
        assert words in page
    second = last_claim_of_ariana(world)
    page = client.get(f"/claims/{world.ariana.pk}/{second.claim_id}/").content.decode()
    assert "Compared with the month before" in page and "Records asked for" in page
    page = client.get(f"/claims/{world.ariana.pk}/{second.claim_id}/edits/").content.decode()
    assert "Passes" in page and "Does not apply" in page and "Because" in page
    only = client.get(f"/claims/{world.ariana.pk}/{second.claim_id}/edits/?verdict=pass").content.decode()
    assert only.count("<li class") < page.count("<li class")
    page = client.get(f"/claims/{world.ariana.pk}/{second.claim_id}/x12/").content.decode()
    assert f"CLM*{second.claim_id}" in page and "SV1*HC:99493" in page and page.count("CLM*") == 1


@pytest.mark.live
@pytest.mark.once
def test_two_clicks_at_once_send_one_claim(world_with_books):
    world = world_with_books
    claim = rejected_claim(world)
    found = again(world, claim)
    before = batches_total(world)
    written: list[object] = []

    def click() -> None:
        try:
            written.append(send(world, claim, found.digest))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in written if one is not None]) == 1
    assert len(written) == 3
    assert batches_total(world) == before + 1
