"""The site as a WSGI application, for `cocm serve` and any other server."""

import atexit
import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
application = get_wsgi_application()


def warm_up() -> None:
    """Load addresses, views and rules before the first person asks, who would wait for them."""
    from django.urls import get_resolver

    from cocm.server.rules_in_force import site_rulebook
    from cocm.server.today.sources import sources

    get_resolver().url_patterns  # noqa: B018  # reading it imports every view
    sources()
    site_rulebook()


def keep_still() -> None:
    """Leave what was loaded out of the search for garbage, and search less often: a request makes little of it."""
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
    gc.set_threshold(20_000, 20, 50)


warm_up()
keep_still()
