"""Tokens of links: made once, shown once, kept as a hash. A token names its organization: PostgreSQL asks."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from uuid import UUID

SECRET_BYTES = 32
_LENGTH = 64


def new_token(organization_id: UUID) -> str:
    """A token that nobody guesses: the organization's opaque id and 256 random bits."""
    return base64.urlsafe_b64encode(organization_id.bytes + secrets.token_bytes(SECRET_BYTES)).decode()


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def organization_of(token: str) -> UUID | None:
    """The organization that a token names; None where it is no token."""
    if len(token) != _LENGTH:
        return None
    try:
        given = base64.b64decode(token, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return UUID(bytes=given[:16])
