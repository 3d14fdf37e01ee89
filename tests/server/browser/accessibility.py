"""What axe says of a page."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")


def assert_accessible(page: Page, *, grave: tuple[str, ...] = GRAVE) -> None:
    """Fail for every serious or critical finding of axe, with the element and what to do."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    lines = [
        f"{finding['impact']}: {finding['help']} ({finding['id']})\n"
        f"    {node['html'][:200]}\n    {node.get('failureSummary', '')}"
        for finding in found
        if finding["impact"] in grave
        for node in finding["nodes"]
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)
