"""The app's name for Django."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "cocm.server.work"
    label = "work"
