"""`cocm manage`: the site's own commands (migrate, load_demo, new_secret_key ...)."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence

from cocm.server.environment import SECRET_KEY_LENGTH_MIN

AS_OWNER = ("migrate",)
"""Commands that make or change tables: on PostgreSQL they sign in as the tables' owner, where one is named."""


def run(arguments: Sequence[str]) -> None:
    """Run one of Django's or our commands. Raises what it raises; Django prints usage errors by itself and exits."""
    if list(arguments) == ["new_secret_key"]:  # needed before there are settings
        print(secrets.token_urlsafe(SECRET_KEY_LENGTH_MIN))
        return
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
    if arguments and arguments[0] in AS_OWNER:
        os.environ["COCM_AS_OWNER"] = "1"
    from django.core.management import execute_from_command_line

    execute_from_command_line(["cocm manage", *arguments])


if __name__ == "__main__":
    run(sys.argv[1:])
