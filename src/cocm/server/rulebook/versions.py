"""Versions of an organization's own rules: which is in force."""

from __future__ import annotations

import json
from uuid import UUID

from cocm.server.rulebook.models import OwnRules, VersionState


def content_in_force(organization_id: UUID | str) -> str | None:
    """The rules in force of an organization as JSON; None where it has none."""
    found = OwnRules.objects.filter(organization_id=organization_id, state=VersionState.IN_FORCE)
    content = found.values_list("content", flat=True).first()
    return None if content is None else json.dumps(content, sort_keys=True, ensure_ascii=False)
