"""Registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "cocm.server.registry"
    label = "registry"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from cocm.server.database_url import connection_made

        connection_created.connect(connection_made, dispatch_uid="prepared statements")
