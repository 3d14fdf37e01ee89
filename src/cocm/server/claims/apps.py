"""The app's name for Django."""

from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "cocm.server.claims"
    label = "claims_desk"
    default_auto_field = "django.db.models.BigAutoField"
