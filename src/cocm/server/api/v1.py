"""Version 1 of the API, put together; its addresses as Django takes them."""

from __future__ import annotations

from typing import Any, Final

import orjson
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError
from ninja.errors import ValidationError as NotAsExpected
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from cocm import __version__
from cocm.basics.errors import CocmError
from cocm.server.access.needs import public
from cocm.server.api.guard import mounted
from cocm.server.api.kept_answers import HEADER, KEY_CHARACTERS_MAX
from cocm.server.api.problems import CONTENT_TYPE, Problem, invalid, not_found, of_pydantic
from cocm.server.api.routes import caseload, contacts, me, measures, reviews, rules
from cocm.server.api.scopes import Scope

PREFIX: Final = "api/v1/"
BAD_REQUEST: Final = 400
METHOD_NOT_ALLOWED: Final = 405
DESCRIPTION: Final = (
    "Contacts, measures, caseload and reviews of a practice, and the rulebook as a service. "
    "Send a token: `Authorization: Bearer cocm_…`. What is refused comes as `application/problem+json` (RFC 9457)."
)


class OrjsonRenderer(BaseRenderer):
    """Answers as JSON."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)


class JsonOnly(Parser):
    """Bodies as JSON; anything else is refused by name."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return orjson.loads(request.body)
        except orjson.JSONDecodeError:
            raise Problem(400, "json", "the body is no JSON") from None


api = NinjaAPI(
    title="OpenCoCM",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    renderer=OrjsonRenderer(),
    parser=JsonOnly(),
    openapi_extra={"info": {"license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}}},
)
for area in (me, caseload, contacts, measures, reviews, rules):
    api.add_router("", area.router)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem.response()


@api.exception_handler(NotAsExpected)
def _not_as_expected(request: HttpRequest, error: NotAsExpected) -> HttpResponse:
    return invalid(of_pydantic(error.errors)).response()


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return Problem(413, "too-large", "a request holds at most 5 MB; send fewer at a time").response()


@api.exception_handler(UnreadablePostError)
def _broken_off(request: HttpRequest, error: UnreadablePostError) -> HttpResponse:
    return Problem(400, "broken-off", "the request broke off before its end; send it once more").response()


@api.exception_handler(CocmError)
def _unusable(request: HttpRequest, error: CocmError) -> HttpResponse:
    return Problem(422, "unusable", str(error)).response()


@api.exception_handler(HttpError)
def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return Problem(error.status_code, "request", str(error)).response()


def openapi() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1), as the server gives it."""
    schema: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    schema["info"]["x-engine-version"] = __version__
    for operations in schema["paths"].values():
        for method, operation in operations.items():
            _describe_problems(operation["responses"])
            if method == "post" and operation.get("x-scope") in _WRITING:
                operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    return schema


_WRITING: Final = frozenset({Scope.CONTACTS_WRITE.value, Scope.MEASURES_WRITE.value})
_IDEMPOTENCY_KEY: Final = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_CHARACTERS_MAX, "pattern": "^[!-~]+$"},
    "description": (
        "A key of your making for this one request, such as a UUID: sent again with the same body it gives the same "
        "answer, for 24 hours."
    ),
}


def _describe_problems(responses: dict[Any, Any]) -> None:
    """Refusals come as problems, whatever the framework says; a method that is not answered is one."""
    for status in list(responses):
        if int(status) >= BAD_REQUEST:
            answer = responses[status]
            answer["content"] = {CONTENT_TYPE: next(iter(answer.get("content", {}).values()))}
    responses.setdefault(METHOD_NOT_ALLOWED, responses[BAD_REQUEST] | {"description": "Method Not Allowed"})


@public
def _nothing_here(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    return not_found().response()


def urlpatterns() -> list[URLPattern]:
    """The operations' addresses, each declared; what is nowhere is told as a problem."""
    patterns, _, _ = api.urls
    ours = [
        path(str(one.pattern), mounted(one.callback), name=one.name)
        for one in patterns
        if one.name != "api-root"
    ]
    return [*ours, re_path(r"^.*$", _nothing_here, name="nothing")]
