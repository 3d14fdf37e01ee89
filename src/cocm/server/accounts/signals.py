"""Signing in and out leaves an event at every organization the person is a member of."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db import transaction

from cocm.server.access.actor import enter_organization
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.requests import current_request_id


def connect() -> None:
    """Called when the site starts."""
    user_logged_in.connect(_signed_in, dispatch_uid="cocm.accounts.signed_in")
    user_logged_out.connect(_signed_out, dispatch_uid="cocm.accounts.signed_out")


def _signed_in(user: Any, **_: Any) -> None:
    _record(user, Verb.SIGNED_IN)


def _signed_out(user: Any, **_: Any) -> None:
    if user is not None:
        _record(user, Verb.SIGNED_OUT)


def _record(user: Any, verb: Verb) -> None:
    from cocm.server.accounts.selectors import memberships_of  # models need the apps loaded

    with transaction.atomic():
        enter_organization(None, user.pk)
        for membership in memberships_of(user):
            enter_organization(membership.organization_id, user.pk)
            actor = membership.as_actor(current_request_id())
            record(actor, verb, object_type="user", object_id=user.pk)
        enter_organization(None, user.pk)  # the rest of the request speaks for none of them
