"""Django, set up for tests in a process that also runs the rest of the suite, which must not notice."""

from __future__ import annotations

import os
import time

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "cocm.server.settings",
    "COCM_DEMO": "1",
    "DATABASE_URL": "sqlite:///unused",
}

OTHERS_APPS = ("auth", "contenttypes", "sessions", "account", "mfa", "socialaccount", "django_tasks_database")


def set_up() -> None:
    """Load the site with the demonstration's settings; environment, clock and log stay as they were."""
    before = {name: os.environ.get(name) for name in (*SETTINGS, "TZ")}
    os.environ.update(SETTINGS)
    import django
    from django.conf import settings

    settings.LOGGING_CONFIG = None
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the real one is slow on purpose
    # other packages' tables are made as they are today, in a third of the time of their forty migrations
    settings.MIGRATION_MODULES = dict.fromkeys(OTHERS_APPS)
    django.setup()
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
    time.tzset()
