"""What the denials' pages do in the background: candidates for rules, tried on everything sent."""

from __future__ import annotations

from typing import Final

from cocm.server.access.permissions import Permission
from cocm.server.denials.candidates import RUN_KIND, try_decide, try_kept
from cocm.server.runs.kinds import Kind

KINDS: Final = (Kind(RUN_KIND, "The search for candidates", Permission.BILLING_VIEW, try_decide, try_kept),)
