"""The README shows real output."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from cocm.cli import cli

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ cocm (.+)\n([^`]+)```", README)


def test_the_readme_shows_commands() -> None:
    assert len(SHOWN) >= 6


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_what_the_readme_shows_is_what_the_command_prints(
    command: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "80")
    printed = CliRunner().invoke(cli, command.split()).output
    for line in shown.rstrip().splitlines():
        assert line == "..." or line in printed.splitlines(), (
            f"README shows a line that is not printed: {line}"
        )
