"""Set-up."""

from django.apps import AppConfig, apps


class SetupConfig(AppConfig):
    name = "cocm.server.setup"
    label = "setup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from cocm.server.setup.grants import after_migrating

        # told once, when all tables stand; apps without models, like this one, are not told
        post_migrate.connect(
            after_migrating, sender=apps.get_app_config("accounts"), dispatch_uid="cocm.setup.grants"
        )
