"""The minutes ledger: entries are added, corrected by new ones, chained, and frozen with their month."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied

from cocm.basics.months import Month
from cocm.care.records import Activity
from cocm.server.access.permissions import MemberRole
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.clocks import month_of
from cocm.server.contacts.models import Contact, ContactHead
from cocm.server.contacts.selectors import first_broken_contact
from cocm.server.contacts.services import (
    MonthFrozen,
    contact_add,
    contact_correct,
    month_freeze,
    month_reopen,
)
from cocm.server.practice_port import PracticePort

APRIL = Month(2026, 4)


def add(world, actor, started_at=datetime(2026, 4, 3, 17, 0, tzinfo=UTC), seconds=1200):
    from cocm.server.accounts.models import StaffMember

    return contact_add(
        actor=actor,
        patient=world.ariana,
        staff_member=StaffMember.objects.get(pk=actor.staff_member_id),
        started_at=started_at,
        service_seconds=seconds,
        activity=Activity.FOLLOW_UP,
    )


def test_an_entry_is_counted_by_the_core(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        add(world, actor)
        [case] = PracticePort(actor).case_files([world.ariana.pk], APRIL)
        added = [contact for contact in case.contacts if contact.service_date in APRIL]
        assert [contact.service_seconds for contact in added] == [1200]
        assert first_broken_contact(actor=actor, patient=world.ariana) is None
        event = AuditEvent.objects.of(actor).get(verb=Verb.ADDED, object_type="contact")
        assert event.patient_id == world.ariana.pk


def test_a_correction_is_a_new_entry_with_its_reason(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        contact = add(world, actor)
        corrected = contact_correct(actor=actor, contact=contact, reason="wrong length", service_seconds=900)
        assert corrected.corrects_contact_id == contact.contact_id
        assert Contact.objects.of(actor).filter(pk=contact.pk, service_seconds=1200).exists()
        with pytest.raises(ValueError, match="corrected already"):
            contact_correct(actor=actor, contact=contact, reason="again", service_seconds=60)
        with pytest.raises(ValueError, match="reason"):
            contact_correct(actor=actor, contact=corrected, reason=" ", service_seconds=60)


def test_a_frozen_month_takes_no_entry_and_no_correction(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        contact = add(world, actor)
        billing = world.actor(MemberRole.BILLING)
        month_freeze(actor=billing, patient=world.ariana, month=APRIL)
        month_freeze(actor=billing, patient=world.ariana, month=APRIL)  # a second click changes nothing
        with pytest.raises(PermissionDenied):
            month_freeze(actor=actor, patient=world.ariana, month=APRIL)
        assert AuditEvent.objects.of(actor).filter(verb=Verb.FROZEN).count() == 1
        with pytest.raises(MonthFrozen):
            add(world, actor, datetime(2026, 4, 20, 17, 0, tzinfo=UTC))
        with pytest.raises(MonthFrozen):
            contact_correct(
                actor=actor, contact=contact, reason="moved", started_at=datetime(2026, 5, 1, tzinfo=UTC)
            )
        add(world, actor, datetime(2026, 5, 2, 17, 0, tzinfo=UTC))


def test_the_month_of_an_entry_is_by_the_sites_clock(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        late_evening_in_california = datetime(2026, 5, 1, 6, 30, tzinfo=UTC)
        assert month_of(actor, world.ariana, late_evening_in_california) == APRIL


def test_another_organizations_patient_has_no_ledger_here(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    neighbour = world.actor(MemberRole.BHCM, "far-creek")
    with world.inside(actor), pytest.raises(ValueError, match="another organization"):
        contact_add(
            actor=neighbour,
            patient=world.ariana,
            staff_member=None,
            started_at=datetime(2026, 4, 3, tzinfo=UTC),
            service_seconds=60,
            activity=Activity.FOLLOW_UP,
        )


def test_a_frozen_month_opens_with_a_reason_and_is_frozen_again(world) -> None:
    actor, billing = world.actor(MemberRole.BHCM), world.actor(MemberRole.BILLING)
    with world.inside(actor):
        contact = add(world, actor)
        with pytest.raises(ValueError, match="not frozen"):
            month_reopen(actor=billing, patient=world.ariana, month=APRIL, reason="too early")
        month_freeze(actor=billing, patient=world.ariana, month=APRIL)
        with pytest.raises(ValueError, match="reason"):
            month_reopen(actor=billing, patient=world.ariana, month=APRIL, reason="  ")
        with pytest.raises(PermissionDenied):
            month_reopen(actor=actor, patient=world.ariana, month=APRIL, reason="my own")
        month_reopen(actor=billing, patient=world.ariana, month=APRIL, reason="A call was forgotten")
        with pytest.raises(ValueError, match="not frozen"):
            month_reopen(actor=billing, patient=world.ariana, month=APRIL, reason="twice")
        contact_correct(actor=actor, contact=contact, reason="wrong length", service_seconds=900)
        month_freeze(actor=billing, patient=world.ariana, month=APRIL)
        with pytest.raises(MonthFrozen, match="2026-04"):
            add(world, actor)
        month_reopen(actor=billing, patient=world.ariana, month=APRIL, reason="Once more")
        add(world, actor)
        assert AuditEvent.objects.of(actor).filter(verb=Verb.REOPENED).count() == 2


def test_entries_taken_from_the_end_of_a_ledger_are_missed(world) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        add(world, actor)
        ContactHead.objects.of(actor).filter(patient=world.ariana).update(last_number=999)
        assert "missing" in first_broken_contact(actor=actor, patient=world.ariana).what


@pytest.mark.parametrize(
    "changed", [{"note_text": "other"}, {"with_whom": "family"}, {"attempts": 2}, {"timer_seconds": 0}]
)
def test_a_changed_note_breaks_the_chain(world, changed) -> None:
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        contact = add(world, actor)
        before = contact.content()
        for name, value in changed.items():
            setattr(contact, name, value)
        assert contact.content() != before
