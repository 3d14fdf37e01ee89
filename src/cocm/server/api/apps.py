from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The JSON API, its tokens, and the rules as a service."""

    name = "cocm.server.api"
    label = "api"
