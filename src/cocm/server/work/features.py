"""What removes or shortens work: an edit of the rulebook, or a page of this site, as a link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.server.look.html import joined, safe
from cocm.server.rulebook.links import label_of, why_url

PAGES_OF_COMMANDS: Final = {
    "cocm explain": ("Denial explained", "denials:worklist"),
    "cocm worklist": ("Denials", "denials:worklist"),
    "cocm status": ("Files in", "claims:files"),
    "cocm check": ("Edits before sending", "claims:list"),
    "cocm letter": ("Letters", "denials:worklist"),
    "cocm packet": ("Packets", "denials:requests"),
    "cocm close": ("Month close", "months:list"),
    "cocm codes": ("Codes proposed", "months:list"),
    "cocm serve": ("Caseload", "registry:caseload"),
    "cocm post": ("Posting", "money:posting"),
    "cocm benefits": ("Eligibility", "claims:eligibility"),
}
"""The command named in the rulebook's table: the page of this site that does the same."""


def removed_by(names: Iterable[str]) -> SafeString:
    """Each edit or page, linked where it has a page of its own."""
    parts = [_one(name) for name in names]
    return joined('<span class="tags work-removed">', *parts, "</span>") if parts else joined("")


def _one(name: str) -> str:
    if name in PAGES_OF_COMMANDS:
        label, url_name = PAGES_OF_COMMANDS[name]
        return _link(label, _address(url_name))
    address = _edit_address(name)
    return _link(label_of(name) if address else name, address)


def _link(label: str, href: str) -> str:
    words = safe(label)
    return (
        f'<a class="tag tag-neutral" href="{escape(href)}">{words}</a>'
        if href
        else f'<span class="tag tag-neutral">{words}</span>'
    )


def _address(url_name: str) -> str:
    try:
        return reverse(url_name) if url_name else ""
    except NoReverseMatch:  # an area that this site does not serve
        return ""


def _edit_address(edit_id: str) -> str:
    try:
        return why_url(edit_id)
    except NoReverseMatch:
        return ""
