"""The sandbox's page shows what its commands print, and names every mistake."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from cocm.cli import cli
from cocm.cli.sandbox import COMMANDS
from cocm.plan.mistakes import Mistake

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "sandbox.md").read_text(encoding="utf-8")
SHOWN = [
    (command, shown.splitlines())
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for command, shown in re.findall(r"^\$ cocm (.+)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)
]


def test_what_the_page_shows_is_what_the_commands_print(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copyfile(ROOT / "docs" / "examples" / "march.837", tmp_path / "march.837")
    monkeypatch.chdir(tmp_path)
    assert len(SHOWN) >= 5
    for command, lines in SHOWN:
        printed = CliRunner().invoke(cli, shlex.split(command)).output.splitlines()
        for line in lines:
            assert line == "..." or line in printed, f"cocm {command} does not print: {line}"


def test_the_page_names_every_command_and_mistake() -> None:
    assert all(f"cocm sandbox {name}" in PAGE for name in COMMANDS)
    assert all(f"| `{mistake}` |" in PAGE for mistake in Mistake)


def test_the_tests_it_names_are_there() -> None:
    for path in re.findall(r"`(tests/[^`]+)`", PAGE):
        assert (ROOT / path).is_file()
