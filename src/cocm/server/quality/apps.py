"""The app's name for Django."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "cocm.server.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"
