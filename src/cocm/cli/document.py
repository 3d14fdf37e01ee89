"""The generated pages of the documentation: commands, rules, edits and tables, each from the thing itself."""

from __future__ import annotations

import click

from cocm.cli import COMMANDS, cli
from cocm.edits.document import edits_page
from cocm.intake.document import tables_page
from cocm.marts.document import marts_page
from cocm.rules.denial_document import denials_page
from cocm.rules.document import rules_page
from cocm.rules.reference_document import reference_page
from cocm.rules.rulebook import shipped_rulebook
from cocm.warehouse.document import warehouse_page
from cocm.x12.document import x12_page


def pages() -> dict[str, str]:
    """Every generated page by its file name in docs/."""
    return {
        "cli.md": commands_page(),
        "denials.md": denials_page(shipped_rulebook()),
        "edits.md": edits_page(),
        "marts.md": marts_page(),
        "reference-tables.md": reference_page(shipped_rulebook()),
        "rules.md": rules_page(shipped_rulebook()),
        "tables.md": tables_page(),
        "warehouse.md": warehouse_page(),
        "x12.md": x12_page(),
    }


def commands_page() -> str:
    """Every command with its own help text."""
    parts = ["# Commands", "", "Generated from the commands themselves (`make docs`).", ""]
    context = click.Context(cli, info_name="cocm")
    parts += _section(cli, context, level=2)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        parts += _tree(command, click.Context(command, info_name=name, parent=context), level=2)
    return "\n".join(parts)


def _tree(command: click.Command, context: click.Context, level: int) -> list[str]:
    parts = _section(command, context, level)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            parts += _tree(child, click.Context(child, info_name=name, parent=context), level + 1)
    return parts


def _section(command: click.Command, context: click.Context, level: int) -> list[str]:
    context.max_content_width = context.terminal_width = 100
    return [
        f"{'#' * level} `{context.command_path}`",
        "",
        "```text",
        command.get_help(context).rstrip(),
        "```",
        "",
    ]
