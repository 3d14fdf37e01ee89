"""Sign-off: one's own entries, as they were seen; what changes afterwards shows."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from months_rows import MARCH

from cocm.care.records import Activity
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import StaffMember
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.services import contact_add
from cocm.server.months.models import SignOff
from cocm.server.months.sign_offs import (
    NotAsShown,
    first_broken_sign_off,
    sign_off,
    sign_sheet,
    signers,
    unsigned_months,
)


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel("2026-04-06T18:00:00Z", tick=True):
        yield


@pytest.fixture
def bhcm(world):
    """Ariana's care manager, inside a transaction in her name."""
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        yield actor


def member(actor) -> StaffMember:
    return StaffMember.objects.of(actor).get(pk=actor.staff_member_id)


def sheet(actor) -> dict[str, str]:
    rows = sign_sheet(actor=actor, staff_member=member(actor), month=MARCH)
    return {row.own.key: row.own.digest for row in rows if not row.is_signed}


def add_entry(actor, patient) -> None:
    contact_add(
        actor=actor,
        patient=patient,
        staff_member=member(actor),
        started_at=datetime(2026, 3, 30, 17, 0, tzinfo=UTC),
        service_seconds=600,
        activity=Activity.FOLLOW_UP,
    )


def test_a_person_signs_what_they_saw_and_is_done(bhcm) -> None:
    shown = sheet(bhcm)
    assert shown
    row = sign_off(actor=bhcm, month=MARCH, shown=shown)
    assert {key: told[0] for key, told in row.seen.items()} == shown
    [me] = [one for one in signers(actor=bhcm, month=MARCH) if one.staff_member.pk == bhcm.staff_member_id]
    assert me.is_done and me.changed == 0
    assert sheet(bhcm) == {}
    assert unsigned_months(actor=bhcm, months=[MARCH]) == []
    event = AuditEvent.objects.of(bhcm).get(verb=Verb.SIGNED)
    assert event.object_id == "2026-03"


def test_an_entry_after_the_signature_shows_and_is_signed_anew(bhcm, world) -> None:
    sign_off(actor=bhcm, month=MARCH, shown=sheet(bhcm))
    add_entry(bhcm, world.ariana)
    [me] = [one for one in signers(actor=bhcm, month=MARCH) if one.staff_member.pk == bhcm.staff_member_id]
    assert (me.changed, me.is_done) == (1, False)
    again = sheet(bhcm)
    assert set(again) == {str(world.ariana.pk)}
    assert unsigned_months(actor=bhcm, months=[MARCH]) == [(MARCH, 1)]
    second = sign_off(actor=bhcm, month=MARCH, shown=again)
    assert second.number == 2
    assert first_broken_sign_off(actor=bhcm, staff_member=member(bhcm)) is None


def test_what_was_not_seen_is_not_signed(bhcm, world) -> None:
    shown = sheet(bhcm)
    add_entry(bhcm, world.ariana)
    with pytest.raises(NotAsShown):
        sign_off(actor=bhcm, month=MARCH, shown=shown)
    with pytest.raises(NotAsShown):
        sign_off(actor=bhcm, month=MARCH, shown={"nobody": "0" * 64})
    with pytest.raises(ValueError, match="choose"):
        sign_off(actor=bhcm, month=MARCH, shown={})
    assert not SignOff.objects.of(bhcm).exists()


def test_a_month_that_runs_is_not_signed(bhcm) -> None:
    with pytest.raises(ValueError, match="not over"):
        sign_off(actor=bhcm, month=MARCH.plus(1), shown={"x": "y"})


def test_billing_signs_nothing(world) -> None:
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor), pytest.raises(PermissionDenied):
        sign_off(actor=actor, month=MARCH, shown={"x": "y"})


def test_a_signature_is_never_changed(bhcm) -> None:
    row = sign_off(actor=bhcm, month=MARCH, shown=sheet(bhcm))
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()


@pytest.mark.live
def test_a_tampered_signature_is_found(world, behind_its_back) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        sign_off(actor=actor, month=MARCH, shown=sheet(actor))
    behind_its_back("UPDATE months_signoff SET month_index = month_index + 1")
    with world.inside(actor):
        broken = first_broken_sign_off(actor=actor, staff_member=member(actor))
    assert broken is not None and broken.number == 1


def test_the_consultant_signs_the_reviews(world) -> None:
    actor = world.actor(MemberRole.PSYCHIATRIC_CONSULTANT)
    with world.inside(actor):
        rows = sign_sheet(actor=actor, staff_member=member(actor), month=MARCH)
        assert sum(row.own.reviews for row in rows) > 0
        sign_off(actor=actor, month=MARCH, shown=sheet(actor))
        assert sheet(actor) == {}


def test_the_page_signs_what_is_ticked(client_of, world) -> None:
    client = client_of(MemberRole.BHCM)
    page = client.get("/months/2026-03/sign/").content.decode()
    assert page.count("Not signed") > 1
    key = str(world.ariana.pk)
    digest = page.partition(f"{key}:")[2].partition('"')[0]
    answer = client.post("/months/2026-03/sign/", {"row": [f"{key}:{digest}"]}, follow=True)
    assert "Signed for 1 line" in answer.content.decode()
    answer = client.post("/months/2026-03/sign/", {}, follow=True)
    assert "Choose whose month" in answer.content.decode()
    answer = client.post("/months/2026-03/sign/", {"row": [f"{key}:{'0' * 64}"]}, follow=True)
    assert "changed after this page" in answer.content.decode()
