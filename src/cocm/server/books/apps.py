"""The app of the books."""

from __future__ import annotations

from django.apps import AppConfig


class BooksConfig(AppConfig):
    name = "cocm.server.books"
    label = "books"
    default_auto_field = "django.db.models.BigAutoField"
