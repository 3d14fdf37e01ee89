"""The Django application of the look."""

from __future__ import annotations

from django.apps import AppConfig


class LookConfig(AppConfig):
    """Components and page frame; no models."""

    name = "cocm.server.look"
    label = "look"
    verbose_name = "Look"
