"""The choice of a theme, kept in a cookie: works without a script."""

from __future__ import annotations

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.utils.http import url_has_allowed_host_and_scheme

from cocm.server.look.shell import THEME_COOKIE, THEMES

YEAR_SECONDS = 365 * 24 * 3600


def choose_theme(request: HttpRequest) -> HttpResponse:
    """Keep the posted theme and go back to `next`, where that is an address of ours. Open to everyone: no data."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    theme = request.POST.get("theme", "")
    if theme not in {value for value, _, _ in THEMES}:
        return HttpResponseBadRequest("there is no such theme", content_type="text/plain")
    following = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(
        following, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        following = "/"
    response = HttpResponseRedirect(following)
    response.set_cookie(
        THEME_COOKIE,
        theme,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=bool(getattr(settings, "SESSION_COOKIE_SECURE", False)),
    )
    return response
