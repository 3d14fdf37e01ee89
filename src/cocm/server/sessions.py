"""Sessions in the database that last on with their use, without a write for every click.

A session ends when nothing was asked for COCM_SESSION_MINUTES. To write that moment anew at each request would cost a
transaction a click; it is written once a thirtieth of that time has passed since it was written last. So a session ends
up to that much earlier, never later, and the page's own clock counts by `session_seconds_least`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

WRITES_IN_A_SESSION: Final = 30


class SessionStore(DatabaseStore):
    """A session that knows until when its row keeps it (SESSION_ENGINE)."""

    kept_until: datetime | None = None

    def _get_session_from_db(self) -> Any:
        row = super()._get_session_from_db()
        self.kept_until = row.expire_date if row is not None else None
        return row

    @classmethod
    def get_model_class(cls) -> Any:
        return DatabaseStore.get_model_class()

    def is_to_be_written(self) -> bool:
        """Whether so much of its time has passed that the moment of its end is written anew."""
        self.get("")  # reads the row, where nobody has yet
        return self.kept_until is not None and self.kept_until < timezone.now() + timedelta(
            seconds=session_seconds_least()
        )


class SessionsInUse(SessionMiddleware):
    """Django's own, which writes what changed, and here the moment of a session's end when it is time."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        session = getattr(request, "session", None)
        if session is not None and session.session_key and session.is_to_be_written():
            session.modified = True
        return super().process_response(request, response)


def session_seconds_least() -> int:
    """How long a session lasts at least after its last request."""
    age = int(settings.SESSION_COOKIE_AGE)
    return age - age // WRITES_IN_A_SESSION
