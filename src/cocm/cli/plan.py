"""`cocm plan`: the health plan's side, by the same rulebook as the practice's."""

from __future__ import annotations

from typing import Final

import click

from cocm.cli.lazy import LazyGroup

COMMANDS: Final = {
    "adjudicate": "Decide an 837P: acknowledgments, 835, what waits, what goes on, and why.",
    "policy": "Policy pages for providers and reviewers, made of the rules that decide claims.",
    "template": "Write an empty plan folder to fill in.",
}


@click.group(cls=LazyGroup, help_by_name=COMMANDS, module_prefix="cocm.cli.plan_")
def command() -> None:
    """Route and decide claims as a health plan, by the rulebook that practices check them with.

    \b
    Example:
      cocm plan template my-plan/
      cocm plan adjudicate march.837 --plan my-plan/ --out answers/
    """
