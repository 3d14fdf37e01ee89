"""The background task. Its arguments are ids: what a task's row holds is nobody's secret."""

from __future__ import annotations

from uuid import UUID

from django_tasks import task


@task()
def work_background(organization_id: str, run_id: str, attempt: int) -> str:
    """Work a background run; how it ended."""
    from cocm.server.runs.background import background_work  # Django's apps are loaded by now

    return background_work(UUID(organization_id), UUID(run_id), attempt)
