"""The rulebook's pages."""

from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "cocm.server.rulebook"
    label = "rulebook_pages"
    default_auto_field = "django.db.models.BigAutoField"
