"""Set-up."""

from django.apps import AppConfig


class SetupConfig(AppConfig):
    name = "cocm.server.setup"
    label = "setup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from cocm.server.setup.grants import after_migrating

        post_migrate.connect(after_migrating, sender=self, dispatch_uid="cocm.setup.grants")
