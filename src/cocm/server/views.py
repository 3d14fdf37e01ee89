"""The choice of an organization, and the pages for what went wrong."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cocm.server.access.needs import ORGANIZATION_IN_SESSION, needs, public, refuse
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import memberships_of


@needs(Permission.OWN_ACCOUNT, methods=("POST",))
def choose_organization(request: HttpRequest) -> HttpResponse:
    """Act for another organization that the person is a member of."""
    chosen = request.POST.get("organization_id", "")
    if chosen not in {str(membership.organization_id) for membership in memberships_of(request.user)}:
        return refuse(request, 403)
    request.session[ORGANIZATION_IN_SESSION] = chosen
    return HttpResponseRedirect("/")


@needs(Permission.OWN_ACCOUNT)
def session_extend(request: HttpRequest) -> HttpResponse:
    """Nothing but a request, which keeps the session alive (the page's "stay signed in")."""
    return HttpResponse(status=204)


@public
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the site answers, for a load balancer; the database is asked too."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok\n", content_type="text/plain")


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Any) -> HttpResponse:
    return refuse(request, 403)


def not_found(request: HttpRequest, exception: Any) -> HttpResponse:
    return refuse(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
