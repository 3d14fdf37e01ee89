"""What a page does wrong in the browser, whatever it shows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page


def watch(page: Page, ours: str, faults: list[str]) -> None:
    """Gather in `faults` what a page does wrong."""

    def console(message: Any) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"console {message.type}: {message.text}")

    def answered(response: Any) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} from {response.url}")

    def asked(request: Any) -> None:
        if not request.url.startswith((ours, "data:", "blob:")):
            faults.append(f"a request to another address: {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("response", answered)
    page.on("request", asked)
