"""The app's name for Django."""

from django.apps import AppConfig


class DenialsConfig(AppConfig):
    name = "cocm.server.denials"
    label = "denials"
