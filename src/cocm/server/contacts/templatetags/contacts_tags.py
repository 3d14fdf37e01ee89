"""A person's open work for the start page, and clocks.

{% load contacts_tags %}{% open_work %}     timers, drafts, patients covered; nothing where there is nothing
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone

from cocm.server.access.permissions import Permission
from cocm.server.contacts.drafts import drafts_of
from cocm.server.contacts.entries import covered_by_me, notes_for_me
from cocm.server.contacts.timers import reading, timers_of

register = template.Library()
DRAFTS_SHOWN = 10


@register.inclusion_tag("contacts/_open_work.html", takes_context=True)
def open_work(context: template.Context) -> dict[str, Any]:
    """What the acting person has begun and not recorded, and whom they cover."""
    actor = context.get("actor")
    if actor is None or not actor.may(Permission.MINUTES_RECORD):
        return {}
    now = timezone.now()
    members = covered_by_me(actor=actor)
    notes = notes_for_me(actor=actor, patients=[member.episode.patient_id for member in members])
    return {
        "timers": [{"timer": timer, "said": reading(timer, now)} for timer in timers_of(actor=actor)],
        "drafts": list(drafts_of(actor=actor)[:DRAFTS_SHOWN]),
        "covered": [
            {
                "member": member,
                "patient": member.episode.patient,
                "notes": notes.get(member.episode.patient_id, []),
            }
            for member in members
        ],
    }


@register.filter
def clock(seconds: int) -> str:
    """Seconds as a clock: 0:07, 12:30, 1:02:30."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


@register.filter
def site_time(moment: datetime) -> str:
    """A moment that is told by a site's clock already: day and time."""
    return f"{moment:%Y-%m-%d %H:%M}"
