"""The app's name for Django."""

from django.apps import AppConfig


class TodayConfig(AppConfig):
    name = "cocm.server.today"
    label = "today"
