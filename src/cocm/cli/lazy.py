"""A group of commands whose modules are imported when they are called, so that the command line starts fast."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from cocm.basics.collector import collector_paused


class LazyGroup(click.Group):
    """A group that knows its commands by name and one-line help, and imports `PREFIX + name` for the one called.

    The module's `command` is the command; a dash in a name is an underscore in its module's.
    """

    def __init__(
        self, *arguments: Any, help_by_name: Mapping[str, str], module_prefix: str, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._help_by_name = help_by_name
        self._module_prefix = module_prefix

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._help_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._help_by_name:
            return None
        with collector_paused():
            command = import_module(self._module_prefix + cmd_name.replace("-", "_")).command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(self._help_by_name.items()))
