"""The app's name for Django."""

from django.apps import AppConfig


class CareplansConfig(AppConfig):
    name = "cocm.server.careplans"
    label = "careplans"
    default_auto_field = "django.db.models.BigAutoField"
