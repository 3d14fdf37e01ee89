"""Accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "cocm.server.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cocm.server.accounts import signals

        signals.connect()
