"""Tokens: made and revoked by people, found by programmes' requests.

A token's text names its organization (an opaque id), so that on PostgreSQL the organization's wall stands before
anything is looked up. The secret part has 256 random bits: its plain SHA-256 is enough to keep.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.rules import Rulebook
from cocm.server.access.actor import Actor, enter_again, enter_organization, leave_organization
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Membership
from cocm.server.api.leases import take
from cocm.server.api.models import ApiToken
from cocm.server.api.problems import Problem, unauthorized
from cocm.server.api.scopes import RECORDS_ALLOWANCE, RULES_ALLOWANCE, Scope, is_of_rules, scopes_open_to
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.records import OrganizationRows
from cocm.server.requests import current_request_id
from cocm.server.rules_in_force import rulebook

DAYS_MAX: Final = 366
TOKENS_MAX: Final = 50
"""Active tokens of one person at one organization."""
_FORM: Final = re.compile(r"cocm_([0-9a-f]{32})_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the token, and the member as whom it acts. `rulebook` is the organization's, for the rules' scopes."""

    token_id: UUID
    name: str
    actor: Actor
    scopes: frozenset[Scope]
    expires_at: datetime
    organization: str
    time_zone: str
    rulebook: Rulebook | None = None


@transaction.atomic
def token_make(
    *, actor: Actor, name: str, scopes: Iterable[Scope], days: int, now: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token of the acting person, and its text, which is nowhere else. Raises Django's `ValidationError`."""
    actor.require(Permission.API_TOKENS)
    now = now or timezone.now()
    given = sorted(set(scopes))
    if not given:
        raise ValidationError({"scopes": "choose what the token is for"})
    if not set(given) <= set(scopes_open_to(actor)):
        raise ValidationError({"scopes": "a token cannot do what its maker may not"})
    if not 1 <= days <= DAYS_MAX:
        raise ValidationError({"days": f"from 1 to {DAYS_MAX} days"})
    mine = ApiToken.objects.of(actor).filter(
        membership_id=actor.membership_id, revoked_at__isnull=True, expires_at__gt=now
    )
    if mine.count() >= TOKENS_MAX:
        raise ValidationError(f"you have {TOKENS_MAX} tokens already; revoke one first")
    text = f"cocm_{actor.organization_id.hex}_{secrets.token_urlsafe(32)}"
    token = ApiToken(
        organization_id=actor.organization_id,
        membership_id=actor.membership_id,
        name=name.strip(),
        token_hash=hash_of(text),
        last_characters=text[-4:],
        scopes=" ".join(given),
        made_at=now,
        expires_at=now + timedelta(days=days),
    )
    token.full_clean(exclude=("organization", "membership", "revoked_by"))
    token.save(force_insert=True)
    record(
        actor,
        Verb.ADDED,
        object_type="api_token",
        object_id=token.pk,
        details={"scopes": [str(scope) for scope in given], "days": days},
    )
    return token, text


@transaction.atomic
def token_revoke(*, actor: Actor, token: ApiToken) -> None:
    """End a token, at once. One's own, or anybody's for those who see to people."""
    actor.require(Permission.API_TOKENS)
    token = tokens_of(actor=actor).select_for_update(of=("self",)).get(pk=token.pk)
    if token.revoked_at is not None:
        return
    token.revoked_at, token.revoked_by_id = timezone.now(), actor.membership_id
    token.save(update_fields=("revoked_at", "revoked_by"))
    record(
        actor,
        Verb.REMOVED,
        object_type="api_token",
        object_id=token.pk,
        details={"membership": str(token.membership_id)},
    )


def tokens_of(*, actor: Actor) -> OrganizationRows:
    """One's own tokens, the last first; for those who see to people, everybody's."""
    found = ApiToken.objects.of(actor).select_related("membership__user").order_by("-made_at", "pk")
    if actor.may(Permission.PEOPLE_EDIT):
        return found
    return found.filter(membership_id=actor.membership_id)


def caller_of(text: str, scope: Scope | None) -> Caller:
    """Whom a token's text speaks for; one request is taken from its allowance, in a transaction of its own.

    Without a scope any token will do. Raises `Problem`: 401 for a token that is not known or not good any more, 403
    without the scope, 429 too often.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise unauthorized()
    organization_id = UUID(found[1])
    now = timezone.now()
    with _speaking_for(organization_id):
        named = ApiToken.objects.filter(organization_id=organization_id, token_hash=hash_of(text))
        found_tokens = list(named.select_related("membership__user", "membership__organization")[:1])
        if not found_tokens:
            raise unauthorized("this token is not known; make one on the page API tokens")
        [token] = found_tokens
        member: Membership = token.membership
        if not (member.is_active and member.user.is_active):
            raise unauthorized("the person who made this token is no member any more")
        if token.state_on(now) != "active":
            raise unauthorized(f"this token is {token.state_on(now)}; make another on the page API tokens")
        if scope is not None and scope not in token.scope_list:
            raise Problem(403, "scope", f"this token does not have the scope {scope}", more={"scope": scope})
        is_rules = scope is not None and is_of_rules(scope)
        take(
            token, "rules" if is_rules else "records", RULES_ALLOWANCE if is_rules else RECORDS_ALLOWANCE, now
        )
        rules = rulebook() if is_rules else None
    actor = member.as_actor(current_request_id(), token_id=token.pk)
    return Caller(
        token.pk,
        token.name,
        actor,
        frozenset(token.scope_list),
        token.expires_at,
        member.organization.name,
        member.organization.time_zone,
        rules,
    )


@contextmanager
def _speaking_for(organization_id: UUID) -> Iterator[None]:
    """A transaction within an organization's wall, before it is known who asks."""
    before = leave_organization()
    try:
        with transaction.atomic():
            enter_organization(organization_id, None)
            yield
    finally:
        enter_again(before)


def hash_of(text: str) -> str:
    """What is kept of a token's text."""
    return hashlib.sha256(text.encode()).hexdigest()
