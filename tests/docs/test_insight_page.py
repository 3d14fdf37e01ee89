"""The page on insight shows what its commands print, and names every command."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from cocm.cli import cli
from cocm.cli.insight import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "insight.md").read_text(encoding="utf-8")
SHOWN = [
    (command, shown.splitlines())
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ cocm (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def test_what_the_page_shows_is_what_the_commands_print() -> None:
    assert len(SHOWN) == 4
    for command, lines in SHOWN:
        printed = CliRunner().invoke(cli, shlex.split(command)).output.splitlines()
        for line in lines:
            assert line in printed, f"cocm {command} does not print: {line}"


def test_the_page_names_every_command_and_the_tests_it_names_are_there() -> None:
    assert all(f"`cocm insight {name}`" in PAGE for name in COMMANDS)
    for path in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert (ROOT / path).is_file()
