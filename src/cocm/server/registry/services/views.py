"""Writing the views that a person keeps."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.registry.models import SavedView

VIEWS_MAX: Final = 20
KEPT: Final = (
    "flag",
    "status",
    "bhcm",
    "consultant",
    "practitioner",
    "site",
    "payer",
    "sort",
    "columns",
    "rows",
)
"""The words of an address that a view keeps; none of them can name a patient."""


@transaction.atomic
def view_save(*, actor: Actor, name: str, query: str, is_default: bool) -> SavedView:
    """Keep a choice of filters and order under a name; the same name again replaces it."""
    actor.require(Permission.CASELOAD_VIEW)
    given = QueryDict(query)
    kept = QueryDict(mutable=True)
    for word in KEPT:
        if given.get(word):
            kept[word] = given[word]
    mine = SavedView.objects.of(actor).filter(user_id=actor.user_id)
    if mine.exclude(name=name).count() >= VIEWS_MAX:
        raise ValidationError({"name": f"there are {VIEWS_MAX} views already; remove one first"})
    if is_default:
        mine.update(is_default=False)
    view, _ = SavedView.objects.of(actor).update_or_create(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        name=name,
        defaults={"query": kept.urlencode(), "is_default": is_default},
    )
    record(actor, Verb.CHANGED, object_type="savedview", object_id=view.pk)
    return view


@transaction.atomic
def view_remove(*, actor: Actor, view_id: UUID) -> None:
    """Forget a view of one's own."""
    actor.require(Permission.CASELOAD_VIEW)
    view = SavedView.objects.of(actor).filter(user_id=actor.user_id, pk=view_id).first()
    if view is not None:
        record(actor, Verb.REMOVED, object_type="savedview", object_id=view.pk)
        view.delete()
