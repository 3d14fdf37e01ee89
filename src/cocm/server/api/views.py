"""The page of one's tokens; the API's description for people and for programmes."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

import orjson
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cocm.server.access.needs import needs, public
from cocm.server.access.permissions import Permission
from cocm.server.api.description import sections
from cocm.server.api.forms import TokenForm
from cocm.server.api.models import ApiToken
from cocm.server.api.tokens import token_make, token_revoke, tokens_of
from cocm.server.api.v1 import openapi
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table

STATE_TONES: Final = {"active": "success", "expired": "neutral", "revoked": "neutral"}


@needs(Permission.API_TOKENS)
def tokens_page(request: HttpRequest) -> HttpResponse:
    """One's tokens; everybody's for those who see to people."""
    now = timezone.now()
    everybodys = request.actor.may(Permission.PEOPLE_EDIT)
    columns = [
        Column("Name"),
        *([Column("Member")] if everybodys else []),
        Column("Opens"),
        Column("Ends with"),
        Column("Made", "date"),
        Column("Expires", "date"),
        Column("Last used"),
        Column("State"),
    ]
    rows = [_row(token, now, everybodys) for token in tokens_of(actor=request.actor)]
    table = Table(
        "API tokens",
        columns,
        rows,
        key="tokens",
        layout="cards",
        caption_hidden=True,
        empty="No tokens yet.",
    )
    return TemplateResponse(request, "api/tokens.html", {"table": table})


def _row(token: ApiToken, now: datetime, everybodys: bool) -> Row:
    state = token.state_on(now)
    cells: list[Any] = [token.name]
    if everybodys:
        cells.append(token.membership.user.full_name)
    cells += [
        ", ".join(token.scopes.split()),
        f"…{token.last_characters}",
        f"{timezone.localtime(token.made_at):%Y-%m-%d}",
        f"{timezone.localtime(token.expires_at):%Y-%m-%d}",
        f"{timezone.localtime(token.last_used_at):%Y-%m-%d %H:%M}" if token.last_used_at else "never",
        badge(state.capitalize(), STATE_TONES[state]),
    ]
    href = reverse("tokens:revoke", kwargs={"token_id": token.pk}) if state == "active" else ""
    return Row(tuple(cells), href=href)


@needs(Permission.API_TOKENS, methods=("GET", "POST"), is_guarded_anew=True)
def new_page(request: HttpRequest) -> HttpResponse:
    """Make a token. Its text is in the answer and nowhere else."""
    form = TokenForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            token, text = token_make(
                actor=request.actor,
                name=form.cleaned_data["name"],
                scopes=form.scopes,
                days=form.cleaned_data["days"],
            )
            return TemplateResponse(request, "api/made.html", {"token": token, "text": text})
        except ValidationError as refusal:
            texts = refusal.message_dict if hasattr(refusal, "error_dict") else {None: refusal.messages}
            for name, found in texts.items():
                form.add_error(name if name in form.fields else None, found)
    return TemplateResponse(request, "api/new.html", {"form": form}, status=422 if form.errors else 200)


@needs(Permission.API_TOKENS, methods=("GET", "POST"))
def revoke_page(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """End a token, after a question."""
    back = reverse("tokens:tokens")
    token = tokens_of(actor=request.actor).filter(pk=token_id).first()
    if token is None:
        messages.error(request, "You have no such token.")
        return HttpResponseRedirect(back)
    if request.method == "POST":
        token_revoke(actor=request.actor, token=token)
        messages.success(request, f"Revoked: {token.name}. It opens nothing any more.")
        return HttpResponseRedirect(back)
    context = {
        "href": request.path, "label": "Revoke", "question": f"Revoke the token {token.name}?", "tone": "danger",
        "detail": "Whatever uses it is refused from now on.", "key": "revoke", "back_href": back,
    }  # fmt: skip
    return TemplateResponse(request, "look/confirm_page.html", context)


@public
@require_safe
def openapi_json(request: HttpRequest) -> HttpResponse:
    """The API's description for programmes (OpenAPI 3.1)."""
    return HttpResponse(_description(), content_type="application/json")


@cache
def _description() -> bytes:
    return orjson.dumps(openapi(), option=orjson.OPT_NON_STR_KEYS)  # statuses are numbers


@public
@require_safe
def docs_page(request: HttpRequest) -> HttpResponse:
    """The API's description for people, made of the same."""
    return TemplateResponse(request, "api/docs.html", {"sections": _sections()})


@cache
def _sections() -> Any:
    return sections(openapi())
