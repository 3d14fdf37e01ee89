"""The background job that looks into the folders; how often, the installation's own timer says."""

from __future__ import annotations

from django_tasks import task


@task()
def look_into_folders() -> dict[str, int]:
    """Look once; the files by what became of them."""
    from django.utils import timezone

    from cocm.server.claims.watching import watch_folders  # Django's apps are loaded by now

    return dict(watch_folders(today=timezone.localdate()).files)
