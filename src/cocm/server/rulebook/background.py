"""What the rulebook's pages do in the background: the preview of a draft of own rules."""

from __future__ import annotations

from typing import Final

from cocm.server.access.permissions import Permission
from cocm.server.rulebook.versions import RUN_KIND, preview_decide, preview_kept
from cocm.server.runs.kinds import Kind

KINDS: Final = (Kind(RUN_KIND, "The preview", Permission.RULES_EDIT, preview_decide, preview_kept),)
