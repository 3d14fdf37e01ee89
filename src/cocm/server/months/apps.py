"""The app's name for Django."""

from django.apps import AppConfig


class MonthsConfig(AppConfig):
    name = "cocm.server.months"
    label = "months"
    default_auto_field = "django.db.models.BigAutoField"
