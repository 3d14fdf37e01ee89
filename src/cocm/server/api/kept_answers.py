"""Idempotency keys: the same key with the same request gets the same answer, whoever comes first.

The key's row is written in the transaction of the request itself. A second request with the key waits for the first
one at the unique row; where the first one failed, nothing of it is left and the key is free again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone

from cocm.server.api.models import KeptAnswer
from cocm.server.api.problems import Problem, fault, invalid
from cocm.server.api.tokens import Caller

HEADER: Final = "Idempotency-Key"
KEPT: Final = timedelta(hours=24)
KEY_CHARACTERS_MAX: Final = 200


def once(request: HttpRequest, caller: Caller, do: Callable[[], tuple[int, Any]]) -> tuple[int, Any, bool]:
    """Do it, or give the answer that the key got before. The status, the answer, whether it was kept.

    Runs in the request's transaction. Raises `Problem`: 422 for a key that belongs to another request.
    """
    key = request.headers.get(HEADER, "")
    if not key:
        return (*do(), False)
    if len(key) > KEY_CHARACTERS_MAX or not all("!" <= character <= "~" for character in key):
        raise invalid([fault(HEADER, f"up to {KEY_CHARACTERS_MAX} plain characters, such as a UUID")])
    now = timezone.now()
    kept_ones = KeptAnswer.objects.of(caller.actor)
    kept_ones.filter(made_at__lt=now - KEPT).delete()  # everybody's: what is kept holds patients' data
    mine = kept_ones.filter(membership_id=caller.actor.membership_id)
    asked = _hash(request)
    KeptAnswer.objects.bulk_create(
        [
            KeptAnswer(
                organization_id=caller.actor.organization_id,
                membership_id=caller.actor.membership_id,
                key=key,
                request_hash=asked,
                made_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    kept = mine.select_for_update().get(key=key)
    if kept.request_hash != asked:
        raise Problem(
            422,
            "key-used",
            f"this {HEADER} belongs to another request of yours; take a new key for a new request",
        )
    if kept.status:
        return kept.status, kept.answer, True
    status, answer = do()
    kept.status, kept.answer = status, answer
    kept.save(update_fields=("status", "answer"))
    return status, answer, False


def _hash(request: HttpRequest) -> str:
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    digest.update(request.body)
    return digest.hexdigest()
