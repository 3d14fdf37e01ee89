"""Set-up: what is missing, and the small tables row by row. Each part can be left and come back to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.rules.values import KNOWN
from cocm.server.access.actor import Actor
from cocm.server.access.needs import ORGANIZATION_IN_SESSION, needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models.organizations import OrganizationKind
from cocm.server.accounts.selectors import organization_of
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.rules_in_force import rulebook
from cocm.server.setup.checklist import Step, steps
from cocm.server.setup.contract_forms import (
    COMMON_ZONES,
    SECTIONS,
    Section,
    contract_form,
    label_of,
    own_rows,
    shown,
)
from cocm.server.setup.served import practices_served
from cocm.server.setup.writing import row_save, served_practice_add

LACKS_SHOWN_MAX = 8
NUMBERS = ("charge_amount", "rate_amount", "percent_of_medicare", "filing_limit_days")


@needs(Permission.PEOPLE_EDIT)
def start_page(request: HttpRequest) -> HttpResponse:
    """What is set up and what is missing."""
    actor = request.actor  # type: ignore[attr-defined]  # the guard has set it
    organization = organization_of(actor=actor)
    is_practice = organization.kind == OrganizationKind.PRACTICE
    found = steps(actor=actor) if is_practice else []
    context = {
        "organization": organization,
        "is_practice": is_practice,
        "steps": found,
        "table": _steps_table(found, actor),
        "missing": sum(not step.is_done for step in found),
        "sections": SECTIONS,
        "served": practices_served(actor=actor),
    }
    return TemplateResponse(request, "setup/start.html", context)


def _steps_table(found: list[Step], actor: Actor) -> Table:
    rows = []
    for step in found:
        if step.section != "patients":
            href = reverse("setup:section", args=[step.section])
        else:
            href = reverse("registry:new_patient" if actor.may(Permission.CHART_EDIT) else "setup:import")
        state = badge("done", "success", "check-circle") if step.is_done else badge("missing", "attention")
        lacks = "; ".join(step.missing[:LACKS_SHOWN_MAX]) + (
            " ..." if len(step.missing) > LACKS_SHOWN_MAX else ""
        )
        rows.append(Row((step.title, state, step.rows or "", lacks), href=href))
    rates = ("Contract rates", "", "", "May stay empty; payments are compared with them.")
    if found:
        rows.append(Row(rates, href=reverse("setup:section", args=["contract_rates"])))
    columns = [Column("Part"), Column("State"), Column("Rows", "number"), Column("What is missing")]
    return Table("Parts of set-up", columns, rows, key="steps", layout="cards", caption_hidden=True)


def _section(name: str) -> Section:
    section = SECTIONS.get(name)
    if section is None:
        raise Http404
    return section


@needs(Permission.PEOPLE_EDIT)
def section_page(request: HttpRequest, section: str) -> HttpResponse:
    """The rows of one table; the practice's one row is its form."""
    actor, asked = request.actor, _section(section)  # type: ignore[attr-defined]  # as above
    if asked.name == "practice":
        return HttpResponseRedirect(reverse("setup:row", kwargs={"section": "practice", "key": "own"}))
    columns = [Column(label_of(name), "number" if name in NUMBERS else "text") for name in asked.shown]
    rows = [
        Row(
            [shown(name, row[name]) for name in asked.shown],
            href=reverse("setup:row", kwargs={"section": asked.name, "key": key_of(asked, row)}),
        )
        for row in own_rows(actor, asked.name)
    ]
    table = Table(
        asked.title, columns, rows, key=asked.name, layout="cards", caption_hidden=True, empty="None yet."
    )
    return TemplateResponse(request, "setup/section.html", {"section": asked, "table": table})


def key_of(section: Section, row: dict[str, str]) -> str:
    """A row's key as it stands in an address."""
    return "~".join(row[name] for name in section.table.key)


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def row_page(request: HttpRequest, section: str, key: str = "") -> HttpResponse:
    """One row: a new one, or one that is there."""
    actor, asked = request.actor, _section(section)  # type: ignore[attr-defined]  # as above
    rows = own_rows(actor, asked.name)
    row: dict[str, str] | None = None
    if asked.name == "practice":
        row = rows[0]
    elif key:
        row = next((one for one in rows if key_of(asked, one) == key), None)
        if row is None:
            raise Http404
    given = request.POST if request.method == "POST" else None
    form: Any = contract_form(asked, actor)(given, actor=actor, row=row)
    back = reverse("setup:start") if asked.name == "practice" else reverse("setup:section", args=[asked.name])
    if given is not None and form.is_valid():
        try:
            row_save(actor=actor, section=asked, cells=form.cleaned_data, is_new=row is None)
            messages.success(request, f"{asked.one} saved.")
            return HttpResponseRedirect(back)
        except ValidationError as problem:
            form.add_error(None, problem)
    context = {
        "section": asked,
        "form": form,
        "back": back,
        "is_new": row is None,
        "packs": _packs() if asked.name == "payers" else [],
    }
    return TemplateResponse(request, "setup/row.html", context, status=422 if given is not None else 200)


def _packs() -> list[dict[str, Any]]:
    """Each pack of the rulebook with how sure it is and on which documents it stands."""
    book, today, found = rulebook(), timezone.localdate(), []
    for pack_id in book.payer_ids:
        profile, policy = book.profile(pack_id), book.pack(pack_id).on(today)
        values = [policy.value(rule_id) for rule_id in book.override_ids(pack_id) or book.rule_ids]
        known = [value for value in values if value.state == KNOWN]
        confidence: dict[str, int] = {}
        sources: dict[str, str] = {}
        for value in known:
            confidence[value.confidence.value] = confidence.get(value.confidence.value, 0) + 1
            if value.source is not None:
                sources[value.source.title] = value.source.url
        found.append(
            {
                "pack_id": pack_id,
                "profile": profile,
                "confidence": sorted(confidence.items()),
                "unknown": len(values) - len(known),
                "sources": sorted(sources.items())[:6],
                "sources_total": len(sources),
            }
        )
    return found


class ServedForm(forms.Form):
    """A practice that a service organization serves."""

    name = forms.CharField(label="Name", max_length=60)
    key = forms.SlugField(
        label="Short id",
        max_length=50,
        help_text="Part of every claim id; it never changes, such as north-valley.",
    )
    time_zone = forms.ChoiceField(label="Time zone", choices=[(zone, zone) for zone in COMMON_ZONES])


@needs(Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def served_new(request: HttpRequest) -> HttpResponse:
    """A service organization takes on a practice."""
    actor = request.actor  # type: ignore[attr-defined]  # as above
    if organization_of(actor=actor).kind != OrganizationKind.SERVICE:
        messages.error(request, "Only a service organization serves practices.")
        return HttpResponseRedirect(reverse("setup:start"))
    form = ServedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = served_practice_add(actor=actor, by=request.user, **form.cleaned_data)
            request.session[ORGANIZATION_IN_SESSION] = str(made.pk)
            return HttpResponseRedirect(reverse("setup:start"))
        except ValidationError as problem:
            form.add_error("key", problem.messages[0])
    return TemplateResponse(
        request, "setup/served_new.html", {"form": form}, status=422 if form.is_bound else 200
    )
