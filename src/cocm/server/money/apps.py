"""The app's name for Django."""

from django.apps import AppConfig


class MoneyConfig(AppConfig):
    name = "cocm.server.money"
    label = "money"
