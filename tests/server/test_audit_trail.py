"""The trail is only added to, hangs together, and says where it was tampered with."""

import pytest
from django.db import DatabaseError, connection, transaction

from cocm.server.audit.models import AuditEvent, AuditHead
from cocm.server.audit.selectors import first_broken_event
from cocm.server.audit.trail import gathered, record, seen
from cocm.server.audit.verbs import SENTENCES, Verb


def add(world, count: int) -> None:
    for number in range(count):
        record(world.practice, Verb.CHANGED, object_type="thing", object_id=number)


def test_a_sound_trail_is_sound(world) -> None:
    with world.inside(world.practice):
        add(world, 5)
        assert first_broken_event(actor=world.practice) is None


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE audit_auditevent SET reason = 'other' WHERE object_id = '2'", "not what was written"),
        ("DELETE FROM audit_auditevent WHERE object_id = '2'", "is missing"),
        ("DELETE FROM audit_auditevent WHERE object_id = '4'", "is missing"),
        ("UPDATE audit_auditevent SET number = number + 100 WHERE object_id = '4'", "is missing"),
    ],
)
@pytest.mark.live
def test_the_first_broken_event_is_named(world, behind_its_back, statement, where) -> None:
    with world.inside(world.practice):
        add(world, 5)
    behind_its_back(statement)
    with world.inside(world.practice):
        broken = first_broken_event(actor=world.practice)
        assert broken is not None and where in broken.what


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditevent SET reason = 'x'", "DELETE FROM audit_auditevent"]
)
@pytest.mark.usefixtures("database")
def test_the_database_refuses_to_change_or_delete_an_event(world, statement) -> None:
    with world.inside(world.practice):
        add(world, 1)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_row_refuses_to_be_saved_again(world) -> None:
    with world.inside(world.practice):
        add(world, 1)
        event = AuditEvent.objects.of(world.practice).last()
        with pytest.raises(TypeError, match="never changed"):
            event.save()
        with pytest.raises(TypeError, match="never deleted"):
            event.delete()


def test_an_error_leaves_no_event_of_what_did_not_happen(world) -> None:
    with world.inside(world.practice):
        before = AuditHead.objects.of(world.practice).get().last_number
        with pytest.raises(RuntimeError), gathered(world.practice):
            record(world.practice, Verb.CHANGED, object_type="thing", object_id=1)
            raise RuntimeError
        assert AuditHead.objects.of(world.practice).get().last_number == before


def test_patients_that_a_page_read_are_named_without_being_asked_for(world) -> None:
    with world.inside(world.practice):
        with gathered(world.practice):
            seen([world.ariana.pk])
        event = AuditEvent.objects.of(world.practice).order_by("number").last()
        assert event.verb == Verb.PATIENTS_SEEN
        assert event.details == {"patients": [str(world.ariana.pk)]}


def test_each_verb_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Verb)
