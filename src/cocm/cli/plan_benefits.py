"""`cocm plan benefits`: the plan's benefit tables."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "check": "Whether the model costs a member the same whichever system takes the claim in.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.plan_benefits_")
def command() -> None:
    """Check the plan's benefit tables.

    \b
    Example:
      cocm plan benefits check --plan my-plan/
    """
