"""Each safety alert, whoever raised it and on whichever page, gets its course and its timer when it is saved."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save


def connect() -> None:
    """Listen; called when the apps are ready."""
    from cocm.server.registry.models import Alert

    post_save.connect(_alert_saved, sender=Alert, dispatch_uid="measures Alert")


def _alert_saved(instance: Any, created: bool, **_: Any) -> None:
    from cocm.server.measures.alerts import course_made
    from cocm.server.registry.models import Alert

    if created and instance.kind == Alert.Kind.SAFETY and instance.closed_at is None:
        course_made(instance)
