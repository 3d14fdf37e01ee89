"""What axe says of a page."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
OF_COLOUR_AND_SIZE = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
"""What another theme or a smaller window may change."""
_RUN = """async asked => (await axe.run(document.querySelector(asked.within) || document, {
        resultTypes: ['violations'], iframes: false, preload: false,
        ...(asked.rules.length ? {runOnly: {type: 'rule', values: asked.rules}} : {}),
        rules: Object.fromEntries(asked.without.map(rule => [rule, {enabled: false}])),
    })).violations
    .filter(found => asked.grave.includes(found.impact))
    .flatMap(found => found.nodes.map(node => `${found.impact}: ${found.help} (${found.id})\\n    `
        + `${node.html.slice(0, 200)}\\n    ${node.failureSummary || ''}`))"""


def findings(
    page: Page,
    *,
    grave: tuple[str, ...] = GRAVE,
    within: str = "html",
    rules: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
) -> list[str]:
    """Every finding of such gravity, with the element and what to do; of a part of the page, by some rules."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(
        _RUN, {"grave": grave, "within": within, "rules": rules, "without": without}
    )
    return found


def assert_accessible(page: Page, *, grave: tuple[str, ...] = GRAVE) -> None:
    """Fail for every serious or critical finding of axe."""
    lines = findings(page, grave=grave)
    assert not lines, f"{page.url}\n" + "\n".join(lines)
