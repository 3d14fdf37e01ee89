"""What goes wrong, as `application/problem+json` (RFC 9457): what happened, at which field, what was expected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import orjson
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.exceptions import ValidationError as Refused
from django.http import HttpResponse

CONTENT_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:cocm:problem:"


@dataclass(slots=True)
class Problem(Exception):
    """A refusal. `name` tells kinds of problem apart; `errors` are fields with what was expected there."""

    status: int
    name: str
    detail: str
    errors: list[dict[str, str]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = {
            "type": f"{TYPE_PREFIX}{self.name}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        return body | self.more

    def response(self) -> HttpResponse:
        """The answer."""
        answer = HttpResponse(orjson.dumps(self.as_json()), status=self.status, content_type=CONTENT_TYPE)
        for header, value in self.headers.items():
            answer[header] = value
        return answer


def unauthorized(detail: str = "send a token: Authorization: Bearer cocm_…") -> Problem:
    """Nobody is known by this request."""
    return Problem(401, "token", detail, headers={"WWW-Authenticate": 'Bearer realm="cocm"'})


def not_found() -> Problem:
    """There is nothing here, or nothing of this organization's."""
    return Problem(404, "not-found", "there is nothing at this address")


def invalid(errors: Iterable[Mapping[str, str]], detail: str = "the request is not as expected") -> Problem:
    """Fields that are not what they should be."""
    return Problem(422, "invalid", detail, errors=[dict(error) for error in errors])


def fault(field_name: str, expected: str) -> dict[str, str]:
    """One field, and what was expected there."""
    return {"field": field_name, "expected": expected}


def of_refusal(refusal: Refused) -> Problem:
    """A service's refusal of values, by field."""
    if hasattr(refusal, "error_dict"):
        return invalid(
            fault("" if name == NON_FIELD_ERRORS else name, text)
            for name, texts in refusal.message_dict.items()
            for text in texts
        )
    return invalid([], "; ".join(refusal.messages))


# -- what pydantic says, in our words ----------------------------------------------------------------------------------

_EXPECTED: Final = {
    "missing": "a value: the field is required",
    "extra_forbidden": "no such field: take it out",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "date_type": "a day as YYYY-MM-DD",
    "date_parsing": "a day as YYYY-MM-DD",
    "date_from_datetime_parsing": "a day as YYYY-MM-DD",
    "date_from_datetime_inexact": "a day as YYYY-MM-DD",
    "datetime_type": "a moment such as 2026-03-02T14:05:00-08:00",
    "datetime_parsing": "a moment such as 2026-03-02T14:05:00-08:00",
    "datetime_from_date_parsing": "a moment such as 2026-03-02T14:05:00-08:00",
    "timezone_aware": "a moment with its offset, such as 2026-03-02T14:05:00-08:00",
    "uuid_type": "an id (UUID)",
    "uuid_parsing": "an id (UUID)",
    "decimal_type": 'an amount in dollars, as a text such as "152.40"',
    "decimal_parsing": 'an amount in dollars, as a text such as "152.40"',
}
_WITH_LIMITS: Final = {
    "enum": "one of {expected}",
    "literal_error": "one of {expected}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "a text of the form {pattern}",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entries",
    "greater_than_equal": "a number from {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "a number up to {le}",
    "less_than": "a number below {lt}",
    "decimal_max_places": "at most {decimal_places} digits after the point",
    "decimal_max_digits": "at most {max_digits} digits",
    "decimal_whole_digits": "at most {whole_digits} digits before the point",
}
_NOT_FIELDS: Final = frozenset({"body", "query", "path", "header", "function-after", "function-before"})


def of_pydantic(errors: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Each error as its field and what was expected; what was sent is never repeated."""
    found = []
    for error in errors:
        kind, context = str(error.get("type", "")), error.get("ctx", {})
        if kind in _WITH_LIMITS:
            expected = _WITH_LIMITS[kind].format_map(_Shown(context))
        elif kind == "value_error":
            expected = str(context.get("error", "another value"))
        else:
            expected = _EXPECTED.get(kind, "another value")
        found.append(fault(_place(error.get("loc", ())), expected))
    return found


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "the limit"


def _place(location: Iterable[object]) -> str:
    """`items.0.minutes`: the way to the field, without the framework's own names."""
    parts = [str(part) for part in location]
    if parts and parts[0] in _NOT_FIELDS:
        parts = parts[1:]
    if parts and parts[0] in ("data", "filters"):  # what the operations call their body and address
        parts = parts[1:]
    return ".".join(parts)
