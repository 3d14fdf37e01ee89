"""Looking after runs of months whose worker was lost."""

from __future__ import annotations

from cocm.server.months.models import MonthRun
from cocm.server.months.runs import run_refresh
from cocm.server.months.tasks import work_run
from cocm.server.runs import sweep as lost_runs


def sweep() -> int:
    """Take up again, or end, each run whose worker was lost; how many there were."""
    return lost_runs.sweep(MonthRun, work_run.module_path, run_refresh)
