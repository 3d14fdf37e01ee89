"""What happens to every request: it gets an id, its view must have declared what it needs, its pages are not kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

REQUEST_ID_HEADER: Final = "X-Request-ID"
PERMISSIONS_POLICY: Final = "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"
_request_id: ContextVar[str] = ContextVar("request_id", default="")
GetResponse = Callable[[HttpRequest], HttpResponse]


def current_request_id() -> str:
    """The id of the request at hand, or nothing."""
    return _request_id.get()


class RequestIdMiddleware:
    """Gives each request an id of our own making, which stands in the log, in the trail and in the answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        from cocm.server.access.actor import enter_again, leave_organization  # it needs the settings

        token, before = _request_id.set(uuid.uuid4().hex), leave_organization()
        try:
            response = self.get_response(request)
            response[REQUEST_ID_HEADER] = _request_id.get()
            response["Permissions-Policy"] = PERMISSIONS_POLICY
            return response
        finally:
            _request_id.reset(token)
            enter_again(before)


class DeclaredNeedsMiddleware:
    """Refuses a view that declares nothing: forgetting `@needs` closes a page, it never opens one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        from cocm.server.access.needs import (  # they need the apps loaded
            needs_of,
            refusal_of_declared,
            refuse,
        )

        declared = needs_of(view, request.resolver_match)
        if declared is None:
            return refuse(request, 403)
        return refusal_of_declared(request, declared)


class PrivatePagesMiddleware:
    """No browser or proxy keeps a page of somebody who is signed in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response
