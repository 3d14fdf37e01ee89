"""The site as a WSGI application, for `cocm serve` and any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
application = get_wsgi_application()
