"""COCM_EMAIL_URL to Django's settings of a mail server."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import unquote, urlsplit

from cocm.basics.errors import UnusableInput

TIMEOUT_SECONDS: Final = 10
_PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")


class EmailUrlError(UnusableInput):
    """A COCM_EMAIL_URL that cannot be used. The message does not repeat it: it may hold a password."""


def email_settings(url: str) -> dict[str, Any]:
    """Django's settings for a mail server: `smtp://` (STARTTLS), `smtps://` (TLS), `smtp+plain://` (this machine only).

    An empty address sends nothing. Raises `EmailUrlError`.
    """
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise EmailUrlError("COCM_EMAIL_URL: expected smtp://user:password@host:587") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise EmailUrlError(
            f"COCM_EMAIL_URL: expected one of {', '.join(_PORTS)} and a host, as in smtp://user:password@host:587"
        )
    if parts.scheme == "smtp+plain" and parts.hostname not in _LOCAL:
        raise EmailUrlError(
            "COCM_EMAIL_URL: smtp+plain is for this machine's own mail server; use smtp or smtps"
        )
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": TIMEOUT_SECONDS,
    }
