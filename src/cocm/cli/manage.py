"""`cocm manage`: the server's own commands."""

from __future__ import annotations

import click


@click.command(
    context_settings={
        "ignore_unknown_options": True,
        "allow_extra_args": True,
        "help_option_names": ["-h", "--help"],
    }
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run one of the server's or Django's commands, with the site's settings from the environment.

    \b
    Example:
      cocm manage new_secret_key
      cocm manage migrate
      COCM_DEMO=1 cocm manage load_demo
      cocm manage help
    """
    from cocm.server.manage import run

    run(arguments or ("help",))
