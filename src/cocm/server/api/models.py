"""Tokens, how often each was used, and answers that are kept to be given once more."""

from __future__ import annotations

from datetime import datetime

from django.db import models

from cocm.server.api.scopes import Scope
from cocm.server.records import OrganizationRow


class ApiToken(OrganizationRow):
    """A token with which a programme acts as a member. Its text is shown once; what is kept is its SHA-256.

    `last_characters` tell tokens apart on the page; `scopes` have blanks between them.
    """

    membership = models.ForeignKey("accounts.Membership", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    last_characters = models.CharField(max_length=4)
    scopes = models.CharField(max_length=400)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        "accounts.Membership", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    @property
    def scope_list(self) -> tuple[Scope, ...]:
        """The scopes that still exist."""
        known = set(Scope)
        return tuple(Scope(name) for name in self.scopes.split() if name in known)

    def state_on(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if now < self.expires_at else "expired"


class TokenUse(OrganizationRow):
    """How many requests of a token were let in within a stretch of time; processes take them in lots (`leases`)."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    window_started_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("token", "kind", "window_started_at"), name="token_use_one_a_window"
            ),
        )


class KeptAnswer(OrganizationRow):
    """The answer to a request with an idempotency key. The row is the lock under which its request is carried out."""

    membership = models.ForeignKey("accounts.Membership", on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("membership", "key"), name="kept_answer_one_a_key"),)
        indexes = (models.Index(fields=("membership", "made_at"), name="kept_answer_by_age"),)
