"""How allauth behaves here: nobody signs up by themselves; people are invited, or known to the single sign-on."""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from typing import Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
DEVICE_COOKIE: Final = "device"
DEVICE_SECONDS: Final = 180 * 24 * 3600


class ClosedDoor(DefaultAccountAdapter):
    """No sign-up. Failed tries lock the device that makes them, not the person they are made on.

    A browser in which the person once signed in counts for itself, any other by its network address: whoever tries
    out passwords shuts the door before themselves, and the person's own browser stays open.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        login = str(credentials.get("email") or credentials.get("username") or "").lower()
        place = _known_device(request, login) or self.get_client_ip(request)
        return f"{login}:{place}"

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if not _known_device(request, user.email):
            response.set_cookie(
                DEVICE_COOKIE,
                signing.dumps([_digest(user.email), secrets.token_hex(8)], salt=DEVICE_COOKIE),
                max_age=DEVICE_SECONDS,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as problem:  # what smtplib raises; the page has done its work
            logger.error("an e-mail could not be sent (%s)", type(problem).__name__)


def _known_device(request: HttpRequest, login: str) -> str:
    """The name of the browser, where the person signed in with it before; else nothing."""
    try:
        person, device = signing.loads(
            request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=DEVICE_SECONDS
        )
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(device) if person == _digest(login) else ""


def _digest(login: str) -> str:
    return hashlib.sha256(login.lower().encode()).hexdigest()


class KnownPeopleOnly(DefaultSocialAccountAdapter):
    """A single sign-on opens the door for people who have a sign-in already, and makes none.

    The first time it knows them by an address that the provider itself has verified, later by its own subject.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def can_authenticate_by_email(self, login: Any, email: str) -> bool:
        told = login.account.extra_data
        told = told.get("userinfo") or told.get("id_token") or told
        return told.get("email_verified") in (True, "true") and super().can_authenticate_by_email(
            login, email
        )


class SecretsEncrypted(DefaultMFAAdapter):
    """Secrets of second factors stand encrypted in the database, under a key made of COCM_SECRET_KEY."""

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _fernet() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"cocm second factors {key}".encode()).digest()))
            for key in keys
        ]
    )
