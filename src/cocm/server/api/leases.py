"""How often a token may ask: counted in the database for all processes together, taken from there in lots.

A process takes leave for a lot of requests at once, so that most requests write nothing. At most one lot a process
goes unused in a stretch of time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Final
from uuid import UUID

from django.db.models import F

from cocm.server.access.throttle_limits import Allowance
from cocm.server.api.models import ApiToken, TokenUse
from cocm.server.api.problems import Problem

LOTS: Final = 30
"""Into how many lots an allowance is cut."""
_LEFT_MAX: Final = 10_000
_USED_EVERY: Final = timedelta(minutes=1)
_left: dict[tuple[UUID, str, int], int] = {}
_lock = Lock()


def take(token: ApiToken, kind: str, allowance: Allowance, now: datetime) -> None:
    """Take one request from a token's allowance of a kind. Raises `Problem` (429) where none is left.

    Runs in the transaction in which the token was looked up, and notes there when the token was used last.
    """
    window = int(now.timestamp()) // allowance.seconds
    key = (token.pk, kind, window)
    with _lock:
        left = _left.get(key, 0)
        if left:
            _left[key] = left - 1
            return
    lot = max(1, allowance.requests_max // LOTS)
    start = datetime.fromtimestamp(window * allowance.seconds, tz=UTC)
    if not _leased(token, kind, start, lot, allowance.requests_max):
        wait = allowance.seconds - int(now.timestamp()) % allowance.seconds
        raise Problem(
            429,
            "too-often",
            f"more than {allowance.requests_max} requests in {allowance.seconds} seconds; wait {wait} seconds",
            headers={"Retry-After": str(wait)},
        )
    if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
        ApiToken.objects.filter(pk=token.pk, organization_id=token.organization_id).update(last_used_at=now)
    with _lock:
        if len(_left) > _LEFT_MAX:
            _left.clear()
        _left[key] = _left.get(key, 0) + lot - 1


def _leased(token: ApiToken, kind: str, start: datetime, lot: int, requests_max: int) -> bool:
    uses = TokenUse.objects.filter(organization_id=token.organization_id, token=token, kind=kind)
    here = uses.filter(window_started_at=start)
    if here.filter(count__lte=requests_max - lot).update(count=F("count") + lot):
        return True
    if not here.exists():
        uses.filter(window_started_at__lt=start).delete()
        made = TokenUse(
            organization_id=token.organization_id, token=token, kind=kind, window_started_at=start, count=0
        )
        TokenUse.objects.bulk_create([made], ignore_conflicts=True)
    # once more also where the row was there: another may have made it since we looked
    return bool(here.filter(count__lte=requests_max - lot).update(count=F("count") + lot))
