"""What a view needs, declared on the view; and the one place where it is enforced.

    @needs(Permission.CHART_VIEW, patient="patient_id")
    def chart_page(request, patient_id): ...

The guard runs inside the request's transaction: it finds the acting person, tells PostgreSQL the organization, checks
the permission, opens the chart (`request.chart`), runs and renders the view, and writes the trail's events last, so
that the lock on the trail is held for a moment only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse
from django.urls import ResolverMatch
from django.utils import timezone

from cocm.server.access.actor import Actor, enter_organization
from cocm.server.access.permissions import Permission
from cocm.server.access.second_factor import second_factor_is_due
from cocm.server.access.throttle import is_exhausted
from cocm.server.access.throttle_limits import Limit
from cocm.server.audit.trail import gathered, record
from cocm.server.audit.verbs import Verb
from cocm.server.requests import current_request_id
from cocm.server.transactions import in_page_transaction

ORGANIZATION_IN_SESSION: Final = "organization_id"


class Audience(StrEnum):
    """Whom a view lets in, before any permission."""

    PUBLIC = "everyone"
    SIGNED_IN = "whoever is signed in"
    MEMBERS = "members with a permission"
    TOKEN = "programmes with a token (`api.guard` asks for it)"
    CLOSED = "nobody; the address is not offered"


@dataclass(frozen=True, slots=True)
class Needs:
    """A view's declaration. `patient` names the argument that holds the patient's id, where there is one.

    `also`: a second permission that is wanted as well.
    `is_guarded_anew`: the person proves once more who it is, unless that was minutes ago (exports).
    `limit`: how often a person may ask for it (`access.throttle`); of a page that also answers GET, posts count.
    """

    audience: Audience
    permission: Permission | None = None
    patient: str = ""
    methods: tuple[str, ...] = ("GET",)
    is_guarded_anew: bool = False
    limit: Limit | None = None
    also: Permission | None = None

    def open_to(self, may: Callable[[Permission], bool]) -> bool:
        """Whether somebody has every permission that the view needs; `may` answers for one."""
        return all(may(wanted) for wanted in (self.permission, self.also) if wanted is not None)


def needs(
    permission: Permission,
    *,
    patient: str = "",
    methods: tuple[str, ...] = ("GET",),
    is_guarded_anew: bool = False,
    limit: Limit | None = None,
    also: Permission | None = None,
) -> Callable[..., Any]:
    """Declare that a view is for members with a permission. The view finds `request.actor` and `request.chart`.

    `methods` are those it answers (HEAD goes with GET). With `patient`, the chart must be open to the person: another
    organization's patient does not exist (404), one outside the care team is refused with the way to break the glass.
    With `is_guarded_anew` the person gives password, code or passkey once more first and comes back to the page; take
    it for whatever hands patients' data out as a file, and let such a page answer GET. `also` is a second permission.
    """
    limit = limit or (Limit.EXPORT if is_guarded_anew else None)
    declared = Needs(Audience.MEMBERS, permission, patient, methods, is_guarded_anew, limit, also)

    def declare(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            return _guarded(declared, view, request, args, kwargs)

        guarded.needs = declared  # type: ignore[attr-defined]  # what the middleware and the tests look for
        return transaction.non_atomic_requests(guarded)  # it has a transaction of its own: `transactions`

    return declare


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """Declare that a view is for everyone: it must show nothing that belongs to anybody."""
    view.needs = Needs(Audience.PUBLIC)  # type: ignore[attr-defined]  # as in `needs`
    return view


def needs_of(view: Callable[..., Any], match: ResolverMatch | None) -> Needs | None:
    """What a view declares, or what `declared` says of another package's view; None: nothing."""
    from cocm.server.access.declared import OTHERS_VIEWS

    own: Needs | None = getattr(view, "needs", None)
    if own is not None or match is None:
        return own
    audience = OTHERS_VIEWS.get(match.view_name)
    return None if audience is None else Needs(audience, methods=("GET", "POST"))


def refusal_of_declared(request: HttpRequest, declared: Needs) -> HttpResponse | None:
    """What a view of another package answers instead of itself; None where it may run. Our own guard themselves."""
    if declared.audience is Audience.CLOSED:
        return refuse(request, 404)
    if declared.audience is Audience.SIGNED_IN and not request.user.is_authenticated:
        return to_sign_in(request)
    return None


def _guarded(
    declared: Needs,
    view: Callable[..., Any],
    request: HttpRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    allowed = declared.methods + (("HEAD",) if "GET" in declared.methods else ())
    if request.method not in allowed:
        return HttpResponseNotAllowed(allowed)
    if not request.user.is_authenticated:
        return to_sign_in(request)
    return in_page_transaction(request, lambda: _for_member(declared, view, request, args, kwargs))


def _for_member(
    declared: Needs,
    view: Callable[..., Any],
    request: HttpRequest,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    actor = actor_of(request)
    if actor is None:
        return refuse(request, 403, "no_organization")
    if second_factor_is_due(request, actor):
        return to_second_factor(request)
    request.actor = actor  # type: ignore[attr-defined]  # a request carries what its guard found
    with gathered(actor), timezone.override(request.time_zone):
        return _permitted(declared, view, request, actor, args, kwargs)


def _permitted(
    declared: Needs,
    view: Callable[..., Any],
    request: HttpRequest,
    actor: Actor,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> HttpResponse:
    refusal = refusal_of(declared, request, actor, kwargs)
    if refusal is None:
        refusal = _held_back(declared, request, actor)
    return shown(view, request, args, kwargs) if refusal is None else refusal


def refusal_of(
    declared: Needs, request: HttpRequest, actor: Actor, kwargs: dict[str, Any]
) -> HttpResponse | None:
    """What a member is answered whose role or care team does not open the page; None where it is open.

    With None, `request.chart` is the chart that the page is about. Nothing else decides who may see a page: the tests
    ask this for every role and address, and that every page is reached through it.
    """
    from cocm.server.access.charts import ChartClosed, ChartNotFound, open_chart

    assert declared.permission is not None
    page = _page_name(request)
    if not declared.open_to(actor.may):
        record(actor, Verb.REFUSED, object_type="page", object_id=page)
        return refuse(request, 403)
    if declared.patient:
        patient_id = kwargs[declared.patient]
        try:
            request.chart = open_chart(actor, patient_id, page=page)  # type: ignore[attr-defined]  # as above
        except ChartNotFound:
            return refuse(request, 404)
        except ChartClosed:
            record(actor, Verb.REFUSED, object_type="page", object_id=page, patient_id=patient_id)
            return refuse(request, 403, "chart_closed", patient_id=patient_id)
    return None


def _held_back(declared: Needs, request: HttpRequest, actor: Actor) -> HttpResponse | None:
    """What a member is answered to whom the page is open, but not before a proof of who it is, or not so often."""
    from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required

    if declared.is_guarded_anew:
        raise_if_reauthentication_required(request, app="cocm")
    if declared.limit and _counts(declared, request) and is_exhausted(actor, declared.limit):
        details = {"limit": str(declared.limit)}
        record(actor, Verb.REFUSED, object_type="page", object_id=_page_name(request), details=details)
        return refuse(request, 429)
    return None


def _page_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def shown(
    view: Callable[..., Any], request: HttpRequest, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponse:
    """The page itself: the one place where a view that declares its needs is called (the tests hold it to that)."""
    response: HttpResponse = view(request, *args, **kwargs)
    if isinstance(response, TemplateResponse):
        response.render()  # inside the transaction: a template's queries belong to it
    return response


def _counts(declared: Needs, request: HttpRequest) -> bool:
    """Whether this request counts against the limit: showing an empty form does not."""
    return request.method == "POST" or "POST" not in declared.methods


def actor_of(request: HttpRequest) -> Actor | None:
    """The acting person at the organization chosen in the session, else at the first; tells PostgreSQL as well."""
    from cocm.server.accounts.selectors import membership_for

    user = request.user
    chosen = request.session.get(ORGANIZATION_IN_SESSION)
    enter_organization(chosen, user.pk)
    membership = membership_for(user, chosen)
    if membership is None:
        return None
    if str(membership.organization_id) != chosen:
        request.session[ORGANIZATION_IN_SESSION] = str(membership.organization_id)
        enter_organization(membership.organization_id, user.pk)
    request.organization_requires_second_factor = membership.organization.requires_second_factor  # type: ignore[attr-defined]  # as below
    request.organization_name = membership.organization.name  # type: ignore[attr-defined]  # for the page's frame
    request.time_zone = membership.organization.time_zone  # type: ignore[attr-defined]  # days and times are the practice's
    return membership.as_actor(current_request_id())


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """The way to the sign-in: a page is led there, a partial leads its page there, a programme is told 401."""
    address = resolve_url("account_login")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=401)
        # the page's own address, not the partial's
        back = request.headers.get("HX-Current-URL", "")
        path = "/" + back.partition("://")[2].partition("/")[2] if "://" in back else "/"
        response["HX-Redirect"] = f"{address}?next={quote(path)}"
        return response
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": "sign in first"}, status=401)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/", address)


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """The way to the second factor, for somebody who must have one and has none."""
    address = resolve_url("mfa_index")
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=403)
        response["HX-Redirect"] = address
        return response
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": "set up a second factor first"}, status=403)
    messages.warning(request, "Set up a second factor first: an authenticator app or a passkey.")
    return HttpResponseRedirect(address)


def refuse(request: HttpRequest, status: int, why: str = "", **context: Any) -> HttpResponse:
    """A refusal as page, partial or JSON; it tells nothing about what was asked for."""
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": "not found" if status == 404 else "not allowed"}, status=status)
    return render(request, f"{status}.html", {"why": why, **context}, status=status)
