"""The background tasks. Their arguments are ids: what a task's row holds is nobody's secret."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task


@task()
def work_run(organization_id: str, run_id: str, attempt: int) -> str:
    """Work a run of a month; how it ended."""
    from cocm.server.months.work import work  # Django's apps are loaded by now

    return work(UUID(organization_id), UUID(run_id), attempt)
