"""The app's name for Django."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "cocm.server.runs"
    label = "runs"
