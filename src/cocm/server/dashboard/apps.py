"""The app's name for Django."""

from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "cocm.server.dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"
