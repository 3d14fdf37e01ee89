"""What every template may know about the acting person."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from cocm.server.access.permissions import ROLE_WORDS, Permission


def actor(request: HttpRequest) -> dict[str, Any]:
    """`actor` (None on pages for everyone), `may.CHART_EDIT` and the like, `role_words`, `is_demo`."""
    found = getattr(request, "actor", None)
    return {
        "actor": found,
        "may": {permission.name: found is not None and found.may(permission) for permission in Permission},
        "role_words": ROLE_WORDS.get(found.role, "") if found is not None else "",
        "is_demo": settings.IS_DEMO,
    }
