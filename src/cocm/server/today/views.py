"""My day: the start page of every role."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from cocm.rules.care_flags import FlagKind
from cocm.server.access.actor import Actor
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import memberships_of
from cocm.server.navigation import starts_of
from cocm.server.registry.overview import caseload_overview
from cocm.server.today.items import DayGroup
from cocm.server.today.reminders import reminders_set, wants_reminders
from cocm.server.today.sources import Day, day_of

LINES_SHOWN: Final = 6
"""Of one heading, as long as all headings are shown; one by itself is shown whole."""


@needs(Permission.OWN_ACCOUNT)
def my_day(request: HttpRequest) -> HttpResponse:
    """What waits for the person today, by heading; where they begin when nothing does."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]  # the guard has set it
    day = day_of(actor=actor, today=today)
    wanted = next((group for group in day.items if group.key == request.GET.get("only", "")), None)
    groups = [
        _group(day, group, today, is_whole=wanted is not None)
        for group in day.items
        if wanted in (None, group)
    ]
    context = {
        "today": today,
        "day": day,
        "groups": groups,
        "wanted": wanted.value if wanted else "",
        "overdue": sum(
            item.count for items in day.items.values() for item in items if item.is_overdue(today)
        ),
        "overview": _overview(actor, today) if wanted is None else [],
        "starts": starts_of(actor),
        "memberships": memberships_of(request.user),
        "is_reminded": wants_reminders(actor=actor),
    }
    return TemplateResponse(request, "today/my_day.html", context)


_COUNTED: Final = (
    FlagKind.SAFETY,
    FlagKind.NO_CONTACT,
    FlagKind.NO_SCORE,
    FlagKind.REVIEW_DUE,
    FlagKind.NOT_IMPROVED_NO_CONSULT,
    FlagKind.MONTH_AT_RISK,
)


def _overview(actor: Actor, today: date) -> list[dict[str, Any]]:
    """For who sees the practice's figures: how many are in care, and how many wait for what."""
    if not actor.may(Permission.FIGURES_VIEW) or actor.may(Permission.PLAN_DESK):
        return []
    found = caseload_overview(actor=actor, today=today)
    tiles = [
        {
            "label": "In care",
            "value": found.in_care,
            "tone": "",
            "href": "",
            "definition": "Open episodes today",
        }
    ]
    for kind in _COUNTED:
        rule, count = found.rules[kind], found.flagged.get(kind, 0)
        tone = str(rule.tone.value) if count else ""
        tiles.append({"label": rule.label, "value": count, "tone": tone, "href": "", "definition": rule.rule})
    return tiles


def _group(day: Day, group: DayGroup, today: Any, *, is_whole: bool) -> dict[str, Any]:
    items = day.items[group]
    shown = items if is_whole or len(items) <= LINES_SHOWN + 1 else items[:LINES_SHOWN]
    return {
        "key": group.key,
        "label": group.value,
        "count": day.count(group),
        "items": [(item, item.is_overdue(today)) for item in shown],
        "more": len(items) - len(shown),
        "tone": "danger" if any(item.tone == "danger" for item in items) else "",
    }


@needs(Permission.OWN_ACCOUNT, methods=("POST",))
def reminders_page(request: HttpRequest) -> HttpResponse:
    """Turn one's own reminders by e-mail on or off."""
    is_wanted = request.POST.get("wanted") == "yes"
    reminders_set(actor=request.actor, is_wanted=is_wanted)  # type: ignore[attr-defined]  # as above
    messages.success(
        request, "You get an e-mail a day when something waits." if is_wanted else "No more e-mails."
    )
    return HttpResponseRedirect(reverse("home"))
