"""The app's name for Django."""

from django.apps import AppConfig


class GuardiansConfig(AppConfig):
    name = "cocm.server.guardians"
    label = "guardians"
