"""Around every operation: the token and its scope, the organization's transaction with its trail, and refusals.

    @router.get("/contacts", **needs_scope(Scope.CONTACTS_READ), ...)
    @in_organization
    def contacts(request, ...): ...      # request.actor, as on a page

What touches patients' records runs `in_organization`: one transaction in which PostgreSQL knows the organization and
whose events are written last. The rules as a service open none: nothing is read from the database but the token.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as Refused
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja import Status
from ninja.security import HttpBearer

from cocm.basics.errors import CocmError
from cocm.server.access.actor import acting_for
from cocm.server.access.charts import ChartClosed, ChartNotFound, open_chart
from cocm.server.access.needs import Audience, Needs
from cocm.server.api.kept_answers import once
from cocm.server.api.problems import Problem, not_found, of_refusal, unauthorized
from cocm.server.api.scopes import SCOPES, Scope
from cocm.server.api.tokens import caller_of
from cocm.server.audit.trail import gathered, record
from cocm.server.audit.verbs import Verb
from cocm.server.contacts.services import MonthFrozen
from cocm.server.contacts.timers import NotStaff
from cocm.server.registry.models import Patient
from cocm.server.transactions import in_page_transaction

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_log = logging.getLogger(__name__)


class Token(HttpBearer):
    """`Authorization: Bearer cocm_…` with a scope."""

    def __init__(self, scope: Scope | None) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> Any:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise unauthorized()
        return self.authenticate(request, text.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        caller = caller_of(token, self.scope)
        request.caller = caller  # type: ignore[attr-defined]  # a request carries what its guard found
        request.actor = caller.actor  # type: ignore[attr-defined]  # as above
        request.scope = self.scope  # type: ignore[attr-defined]  # as above
        return caller


def needs_scope(scope: Scope) -> dict[str, Any]:
    """The token that an operation asks for, and how its description names it."""
    return {"auth": Token(scope), "openapi_extra": {"x-scope": scope.value}}


def any_token() -> dict[str, Any]:
    """A token with whatever scopes."""
    return {"auth": Token(None), "openapi_extra": {"x-scope": ""}}


class _Refusal(Exception):
    """Undoes the transaction of a request that is refused; its event is written afterwards."""

    def __init__(self, problem: Problem, patient_id: UUID | None = None) -> None:
        self.problem, self.patient_id = problem, patient_id


def in_organization(operation: Callable[..., Any]) -> Callable[..., Any]:
    """Run an operation in the organization's transaction, with its trail. Errors undo everything."""

    @wraps(operation)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        caller = request.caller
        permission = SCOPES[request.scope].permission

        def carried_out() -> Any:
            with acting_for(caller.actor), gathered(caller.actor), timezone.override(caller.time_zone):
                if permission is not None and not caller.actor.may(permission):
                    raise _Refusal(Problem(403, "permission", f"the role may not {permission}"))
                return operation(request, *args, **kwargs)

        try:
            return in_page_transaction(request, carried_out)
        except _Refusal as refused:
            with acting_for(caller.actor):
                page = request.resolver_match.view_name if request.resolver_match else ""
                record(
                    caller.actor,
                    Verb.REFUSED,
                    object_type="page",
                    object_id=page,
                    patient_id=refused.patient_id,
                )
            raise refused.problem from None
        except PermissionDenied as denied:
            raise Problem(403, "permission", str(denied)) from None
        except Refused as refusal:
            raise of_refusal(refusal) from None
        except MonthFrozen as frozen:
            raise Problem(409, "month-frozen", str(frozen), more={"month": str(frozen.month)}) from None
        except NotStaff as refusal:
            raise Problem(403, "not-staff", str(refusal)) from None

    # the framework reads the operation's own annotations, which this module's names would not resolve
    guarded.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
    return guarded


def chart_of(request: HttpRequest, patient_id: UUID) -> Patient:
    """The patient whose chart the request opens, with its event; as pages do it. Raises a refusal."""
    match = request.resolver_match
    try:
        return open_chart(request.actor, patient_id, page=match.view_name if match else "")
    except ChartNotFound:
        raise not_found() from None
    except ChartClosed:
        problem = Problem(403, "chart-closed", "this patient is not in the care of the token's member")
        raise _Refusal(problem, patient_id) from None


def written(request: HttpRequest, do: Callable[[], Any], response: HttpResponse) -> Status:
    """Carry out a writing operation once for its idempotency key; `do` gives the answer as plain values."""
    status, answer, was_kept = once(request, request.caller, lambda: (201, do()))
    if was_kept:
        response["Idempotency-Replayed"] = "true"
    return Status(status, answer)


def mounted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the API as Django calls it: declared, outside the site's own transaction, refusing in JSON."""

    @csrf_exempt  # no cookie is looked at: a token is sent by no browser on its own
    @wraps(view)
    def declared(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = view(request, *args, **kwargs)
        except Problem as problem:
            return problem.response()
        except CocmError as problem:
            return Problem(422, "unusable", str(problem)).response()
        except Exception:  # the answer tells nothing, the log tells where
            _log.exception("an operation of the API failed")
            return Problem(500, "error", "something went wrong here; nothing was stored").response()
        if answer.status_code == 405:
            allowed = answer.headers.get("Allow", "")
            return Problem(
                405, "method", f"this address answers {allowed}", headers={"Allow": allowed}
            ).response()
        return answer

    declared.needs = Needs(Audience.TOKEN, methods=METHODS)  # type: ignore[attr-defined]  # what the middleware looks for
    return transaction.non_atomic_requests(declared)
