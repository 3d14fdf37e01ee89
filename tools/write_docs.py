"""Writes the generated pages of docs/ anew; the tests fail when one is not current."""

from __future__ import annotations

from pathlib import Path

from cocm.cli.document import pages
from cocm.server.operate import operate_page

ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    for name, content in (pages() | {"operate.md": operate_page()}).items():
        (ROOT / "docs" / name).write_text(content, encoding="utf-8")
        print(f"docs/{name}")


if __name__ == "__main__":
    main()
