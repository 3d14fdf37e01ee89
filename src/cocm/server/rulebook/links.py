"""Addresses of rules and edits that last: what every finding on every page links to as its "why".

    rule_url("limit.addon_units", pack_id="medicare", on=month.last_day)
    edit_url(finding.edit_id, pack_id=claim.pack_id, on=claim.service_date)
    why_url(one_id, ...)    # whichever of the two the id is; "" where it is neither
    linked(text, ...)       # a text with the ids in it as links under their labels

`on` is the date of service, `known_on` the day on which it was decided: the page then shows what was known by then.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from cocm.edits.discovery import find_edit
from cocm.server.look.html import joined
from cocm.server.rules_in_force import rulebook

_CITED_ID: Final = re.compile(r"`?\b([a-z][a-z0-9_]*\.[a-z0-9_.]*[a-z0-9])`?")


def rule_url(rule_id: str, *, pack_id: str = "", on: date | None = None, known_on: date | None = None) -> str:
    """The page of a rule: its value for a payer on a date, who says so, and its history."""
    return _address("rulebook:rule", {"rule_id": rule_id}, pack_id, on, known_on)


def edit_url(edit_id: str, *, pack_id: str = "", on: date | None = None, known_on: date | None = None) -> str:
    """The page of an edit: what it looks at, when it trips, and the values that it enforces for a payer on a date."""
    return _address("rulebook:edit", {"edit_id": edit_id}, pack_id, on, known_on)


def why_url(one_id: str, *, pack_id: str = "", on: date | None = None, known_on: date | None = None) -> str:
    """The page of an edit or a rule by its id; nothing for an id that is neither."""
    if find_edit(one_id) is not None:
        return edit_url(one_id, pack_id=pack_id, on=on, known_on=known_on)
    if one_id in rulebook().rule_ids:
        return rule_url(one_id, pack_id=pack_id, on=on, known_on=known_on)
    return ""


def label_of(one_id: str) -> str:
    """What an edit or a rule is called; the id itself where it is neither."""
    found = find_edit(one_id)
    if found is not None:
        return found.edit.title
    return rulebook().rule(one_id).label if one_id in rulebook().rule_ids else one_id


def pack_label(pack_id: str) -> str:
    """Whose rules a pack holds; its id where there is no such pack any more."""
    book = rulebook()
    return book.profile(pack_id).label if pack_id in book.payer_ids else pack_id


def linked(text: str, *, pack_id: str = "", on: date | None = None) -> SafeString:
    """A text of the core in which ids of rules and edits are links under their labels."""
    parts, last = [], 0
    for found in _CITED_ID.finditer(text):
        one_id = found.group(1)
        address = why_url(one_id, pack_id=pack_id, on=on)
        if address:
            parts.append(escape(text[last : found.start()]))
            link = f'<a href="{escape(address)}" title="{escape(one_id)}">{escape(label_of(one_id))}</a>'
            is_in_sentence = text[found.end() :].lstrip()[:1].isalpha()
            parts.append(f"“{link}”" if is_in_sentence else link)
            last = found.end()
    parts.append(escape(text[last:]))
    return joined(*map(str, parts))


def _address(
    name: str, arguments: dict[str, str], pack_id: str, on: date | None, known_on: date | None
) -> str:
    asked = {
        "payer": pack_id,
        "on": on.isoformat() if on else "",
        "known": known_on.isoformat() if known_on else "",
    }
    query = urlencode({key: value for key, value in asked.items() if value})
    return reverse(name, kwargs=arguments) + (f"?{query}" if query else "")
