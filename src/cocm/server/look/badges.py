"""Badges, and flags that tell their reason to keyboard, pointer and screen reader alike."""

from __future__ import annotations

from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from cocm.server.look.html import icon, joined, safe

TONES: Final = ("neutral", "info", "success", "attention", "danger")
TONE_ICONS: Final = {
    "neutral": "info-circle",
    "info": "info-circle",
    "success": "check-circle",
    "attention": "exclamation-triangle",
    "danger": "exclamation-octagon",
}


def checked_tone(tone: str) -> str:
    """The tone itself; raises ValueError for one that has no style."""
    if tone not in TONES:
        raise ValueError(f"the tone {tone!r} is not known; use one of {', '.join(TONES)}")
    return tone


def badge(text: object, tone: str = "neutral", icon_name: str = "") -> SafeString:
    """A word in a coloured frame, begun large. Colour is never the only sign: the word says it."""
    sign = icon(icon_name) if icon_name else ""
    return joined(f'<span class="tag tag-{checked_tone(tone)}">{sign}{_begun_large(text)}</span>')


def _begun_large(text: object) -> str:
    return safe(text if isinstance(text, SafeString) else capfirst(text))


def flag(text: object, reason: object, *, key: str, tone: str = "attention") -> SafeString:
    """A badge that opens its reason: by click, Enter or Space without any script, on hover with it.

    `key` names it within the page (for example `p17-safety`), since the reason needs an id of its own.
    """
    name = escape(key)
    return joined(
        f'<button type="button" class="tag tag-{checked_tone(tone)} flag" popovertarget="why-{name}"'
        f' aria-describedby="why-{name}">{icon(TONE_ICONS[tone])}{safe(text)}</button>'
        f'<span popover id="why-{name}" class="reason" role="note">{safe(reason)}</span>'
    )
