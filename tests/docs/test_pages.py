"""Nothing public is undocumented, and the generated pages say what the program does."""

import re
from pathlib import Path

import pytest

from cocm.cli import COMMANDS
from cocm.cli.document import pages

ROOT = Path(__file__).resolve().parents[2]
PAGES = pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_current(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == PAGES[name], f"docs/{name} is not current; run `make docs` and commit it"


def test_every_command_has_help_with_an_example() -> None:
    for name in COMMANDS:
        section = PAGES["cli.md"].split(f"## `cocm {name}`", 1)[1].split("\n## ", 1)[0]
        assert "Example" in section, f"cocm {name} --help shows no example"


def test_every_local_link_leads_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"
