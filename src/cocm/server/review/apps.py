"""The app's name for Django."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "cocm.server.review"
    label = "review"
    default_auto_field = "django.db.models.BigAutoField"
