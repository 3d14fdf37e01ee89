"""Rows of Ariana's that tests of measures and guardians need."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

PHQ_9 = dict.fromkeys("123456789", 1)


def a_response(world: Any, *, item_9: int = 0, patient: Any = None) -> Any:
    """A PHQ-9 of Ariana's, item by item."""
    return saved_phq_9(world, item_9=item_9, patient=patient).response


def saved_phq_9(world: Any, *, item_9: int = 0, patient: Any = None) -> Any:
    """What became of it: response and alert."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.measures.answers import response_add
    from cocm.server.measures.models import FilledBy

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        return response_add(
            actor=actor,
            patient=patient or world.ariana,
            instrument_id="phq-9",
            answers=PHQ_9 | {"9": item_9, "difficulty": 1},
            taken_on=date(2026, 3, 20),
            language="en",
            filled_by=FilledBy.STAFF,
        )


def an_alert(world: Any) -> Any:
    """An open safety alert of Ariana's."""
    return saved_phq_9(world, item_9=2).alert


def a_link(world: Any, **options: Any) -> Any:
    """A link of Ariana's that is out."""
    return link_and_token(world, **options)[0]


def link_and_token(world: Any, *, patient: Any = None, **options: Any) -> Any:
    """The same with its token."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.measures.links import link_make
    from cocm.server.measures.models import MeasureLink

    actor = world.actor(MemberRole.BHCM)
    values = {
        "instrument_ids": ["phq-9"],
        "language": "en",
        "way": MeasureLink.Way.LINK,
        "minutes": 3 * 24 * 60,
    } | options
    with world.inside(actor):
        return link_make(actor=actor, patient=patient or world.ariana, **values)


def a_guardian(world: Any, *, patient: Any = None, **options: Any) -> Any:
    """Somebody who cares for Ariana and may be told."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.guardians.services import guardian_add

    actor = world.actor(MemberRole.BHCM)
    values = {
        "full_name": "Rosa Vega",
        "relationship": "parent",
        "email": "rosa@private.example",
        "is_legal_guardian": True,
        "may_be_told": True,
    } | options
    with world.inside(actor):
        return guardian_add(actor=actor, patient=patient or world.ariana, **values)


def a_family_contact(world: Any, *, patient: Any = None) -> Any:
    """An entry of the ledger that was with family."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import StaffMember
    from cocm.server.contacts.services import contact_add

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        return contact_add(
            actor=actor,
            patient=patient or world.ariana,
            staff_member=StaffMember.objects.of(actor).get(pk=actor.staff_member_id),
            started_at=datetime(2026, 3, 12, 18, 0, tzinfo=UTC),
            service_seconds=600,
            activity="follow_up",
            modality="phone",
            with_whom="family",
        )
