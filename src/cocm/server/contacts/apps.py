"""Contacts."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "cocm.server.contacts"
    label = "contacts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cocm.server.contacts import signals

        signals.connect()
