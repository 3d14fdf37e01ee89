"""`cocm audit`: the server's trail."""

from __future__ import annotations

import json
import os
import sys

import click


@click.group()
def command() -> None:
    """The trail of who did what on the practice server.

    \b
    Example:
      cocm audit verify
    """


@command.command()
@click.option("--organization", default="", help="One organization's trail, by its key; all by default.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def verify(organization: str, as_json: bool) -> None:
    """Verify each organization's trail and name the first event that is missing or not what was written.

    Exit status 0: all are sound; 1: one is broken.

    \b
    Example:
      cocm audit verify
      cocm audit verify --organization north-valley --json
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cocm.server.settings")
    import django

    django.setup()
    from cocm.basics.errors import UnusableInput
    from cocm.server.audit.verification import verify_all

    trails = verify_all(organization)
    if organization and not trails:
        raise UnusableInput(f"--organization {organization}: there is no organization of this key")
    if as_json:
        answers = [
            {
                "organization": trail.organization_key,
                "events": trail.event_count,
                "is_sound": trail.broken is None,
                "broken_at": trail.broken.number if trail.broken else None,
                "what": trail.broken.what if trail.broken else "",
            }
            for trail in trails
        ]
        click.echo(json.dumps({"trails": answers}, indent=2))
    else:
        for trail in trails:
            click.echo(str(trail))
    if any(trail.broken is not None for trail in trails):
        sys.exit(1)
