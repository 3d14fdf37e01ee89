"""Who read which value's source again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.rulebook.models import Reading
from cocm.server.rulebook.reading import holders
from cocm.server.rules_in_force import rulebook


@transaction.atomic
def reading_add(*, actor: Actor, pack_id: str, rule_id: str, effective_from: str, note: str = "") -> bool:
    """Write down that a value was read again today and stands; False for a value that does not exist."""
    actor.require(Permission.RULES_EDIT)
    book = rulebook()
    day = _day(effective_from)
    if day is None or rule_id not in book.rule_ids:
        return False
    found = any(
        row.effective_from == day
        for pack, holder in holders(book, rule_id)
        if pack == pack_id
        for row in holder.values
    )
    if not found:
        return False
    reading = Reading(
        organization_id=actor.organization_id,
        pack_id=pack_id,
        rule_id=rule_id,
        effective_from=day,
        read_on=timezone.localdate(),
        read_by_id=actor.user_id,
        note=note[:300],
    )
    reading.full_clean(exclude=("read_by",))
    reading.save(force_insert=True)
    record(
        actor,
        Verb.REVIEWED,
        object_type="rule_value",
        object_id=reading.pk,
        details={"rule": rule_id, "pack": pack_id},
    )
    return True


def _day(text: str):
    try:
        return parse_date(text)
    except (ValueError, ValidationError):
        return None
