"""Measures."""

from django.apps import AppConfig


class MeasuresConfig(AppConfig):
    name = "cocm.server.measures"
    label = "measures"

    def ready(self) -> None:
        from cocm.server.measures import signals

        signals.connect()
