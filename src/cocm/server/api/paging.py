"""Pages by cursor: where the last page ended, so that rows that come meanwhile neither repeat nor are missed."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from cocm.server.api.problems import fault, invalid
from cocm.server.records import OrganizationRows

PAGE_MAX: Final = 200
PAGE_USUAL: Final = 50


def page_of(
    rows: OrganizationRows, *, cursor: str, limit: int, moment: str = ""
) -> tuple[list[Any], str | None]:
    """The rows after a cursor in the order of a moment (where there is one) and the id; the next cursor."""
    order = (moment, "pk") if moment else ("pk",)
    if cursor:
        at, pk = _read(cursor, with_moment=bool(moment))
        after = Q(pk__gt=pk)
        if moment:
            after = Q(**{f"{moment}__gt": at}) | (Q(**{moment: at}) & after)
        rows = rows.filter(after)
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _written(getattr(last, moment) if moment else None, last.pk)


def _written(at: datetime | None, pk: UUID) -> str:
    text = f"{at.isoformat() if at else ''}|{pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, *, with_moment: bool) -> tuple[datetime | None, UUID]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        moment, _, pk = text.partition("|")
        at = datetime.fromisoformat(moment) if moment else None
        if with_moment != (at is not None) or (at is not None and at.tzinfo is None):
            raise ValueError
        return at, UUID(pk)
    except (ValueError, binascii.Error):
        raise invalid([fault("cursor", "the `next_cursor` of the page before, as it was given")]) from None
