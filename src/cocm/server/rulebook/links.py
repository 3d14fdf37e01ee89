"""Addresses of rules and edits that last: what every finding on every page links to as its "why".

    rule_url("limit.addon_units", pack_id="medicare", on=month.last_day)
    edit_url(finding.edit_id, pack_id=claim.pack_id, on=claim.service_date)
    why_url(one_id, ...)    # whichever of the two the id is; "" where it is neither

`on` is the date of service, `known_on` the day on which it was decided: the page then shows what was known by then.
"""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from cocm.edits.discovery import find_edit
from cocm.server.rules_in_force import rulebook


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
