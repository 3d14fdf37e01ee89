"""What the plan's desk does in the background: its reports."""

from __future__ import annotations

from typing import Final

from cocm.server.access.permissions import Permission
from cocm.server.plandesk.reports import RUN_KIND, report_decide, report_kept
from cocm.server.runs.kinds import Kind

KINDS: Final = (Kind(RUN_KIND, "The report", Permission.PLAN_FIGURES, report_decide, report_kept),)
