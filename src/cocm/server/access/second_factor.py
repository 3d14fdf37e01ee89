"""Who must sign in with a second factor, and whether the time to set one up is over."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_PERMISSIONS, SEES_PATIENTS


def second_factor_is_required(actor: Actor, *, organization_asks: bool) -> bool:
    """In production for every role that sees patients; else, and for other roles, where the organization says so."""
    if organization_asks:
        return True
    sees_patients = actor.role is not None and bool(ROLE_PERMISSIONS[actor.role] & SEES_PATIENTS)
    return bool(settings.MFA_IS_REQUIRED_FOR_PATIENTS) and sees_patients


def second_factor_is_due(request: HttpRequest, actor: Actor) -> bool:
    """Whether the person must set up a second factor before anything else. Needs `actor_of(request)` before."""
    user = request.user
    organization_asks = getattr(request, "organization_requires_second_factor", False)
    if not second_factor_is_required(actor, organization_asks=organization_asks):
        return False
    if user.created_at + timedelta(days=settings.MFA_GRACE_DAYS) > timezone.now():
        return False
    if settings.SSO_HAS_SECOND_FACTOR and any(
        entry.get("method") == "socialaccount" for entry in get_authentication_records(request, user)
    ):
        return False
    return not is_mfa_enabled(user)
