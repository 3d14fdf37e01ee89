"""The log tells ids, places and counts, and nothing that a person typed or that a record holds.

Django's own messages may quote a request's body, a cookie or a statement's values; exceptions quote what they met.
So every message is cut down to what can be no patient's: an exception is told by its class and places.
"""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Final

from cocm.server.requests import current_request_id

HIDDEN: Final = "[hidden]"
_QUOTED: Final = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_KEY_DETAIL: Final = re.compile(r"\(([^()\n]*)\)=\(([^()\n]*)\)")
_QUERY: Final = re.compile(r"\?[^\s\"']*")
_EMAIL: Final = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_DAY: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{2,4}\b")
_NINE_DIGITS: Final = re.compile(r"\b\d{3}-?\d{2}-?\d{4}\b|\b\d{7,}\b")


def scrubbed(text: str) -> str:
    """A message without quoted values, query strings, addresses of people, dates and long numbers."""
    for pattern in (_KEY_DETAIL, _QUOTED, _QUERY, _EMAIL, _DAY, _NINE_DIGITS):
        text = pattern.sub(HIDDEN, text)
    return text


class Scrub(logging.Filter):
    """Scrubs a record before a handler sees it: message, arguments, exception."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not getattr(record, "is_scrubbed", False):
            record.msg = scrubbed(_without_typed_path(record))
            record.args = ()
            if record.exc_info and record.exc_info[0] is not None:
                kind, _, trace = record.exc_info
                places = [
                    f"{frame.filename.rpartition('/site-packages/')[2].rpartition('/src/')[2]}:{frame.lineno}"
                    for frame in traceback.extract_tb(trace)[-6:]
                ]
                record.msg = f"{record.msg} ({kind.__name__} at {' < '.join(reversed(places))})"
            record.exc_info = record.exc_text = record.stack_info = None
            record.is_scrubbed = True
        return True


def _without_typed_path(record: logging.LogRecord) -> str:
    """The message with the pattern of the address in the place of the address, which somebody may have typed."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    if not path or path == "/":
        return message
    match = getattr(request, "resolver_match", None)
    return message.replace(path, f"/{match.route}" if match is not None else HIDDEN)


class LineFormatter(logging.Formatter):
    """One line an event: when (UTC), how grave, from where, which request, what."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        message = record.getMessage().replace("\n", " ")
        return f"{at} {record.levelname} {record.name} request={current_request_id() or '-'} {message}"
