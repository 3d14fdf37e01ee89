"""Pages in a real Chromium: `open_page` opens one at a live site and fails the test for whatever went wrong in it.

    def test_the_caseload_is_accessible(open_page, world):
        page = open_page("/caseload/", sign_in=world.user(MemberRole.BHCM), theme="dark", width=390)
        assert_accessible(page)

A page fails its test by: an error or a warning on the console (so also a broken content security policy), an exception
of a script, an answer of 500 and above, a request to any other address, a page that is wider than its window.

The folder stands below `tests/server` for its fixtures: each test has a database of its own (the mark `live` is set
here) and runs on both engines, unless it says `@ONE_ENGINE`.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
from chromium import ARGUMENTS, MISSING, find_chromium
from page_faults import watch

OpenPage = Callable[..., Page]

# a page that comes late on a busy machine is no fault; one that never comes still fails
PATIENCE_MILLISECONDS = 90_000
expect.set_options(timeout=PATIENCE_MILLISECONDS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests are the same whatever the version of Python, and a browser needs a database that commits."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.once)
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a module: Playwright's event loop must not stay in this thread for other tests.

    Without a Chromium the test is skipped, in CI it fails.
    """
    program = find_chromium()
    if program is None:
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    # Django refuses to query in a thread with an event loop, such as Playwright's; nothing here is asynchronous
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
    else:
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def live_site(database: str) -> Iterator[str]:
    """The address of the site, served from this process over the test's own database."""
    from django.core.handlers.wsgi import WSGIHandler
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler

    class Silent(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            """What is wrong is told by the page's faults."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
    server.set_app(WSGIHandler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def open_page(browser: Browser, live_site: str) -> Iterator[OpenPage]:
    """Open an address of the live site in a window of its own.

    Arguments: `address`; `sign_in` (a user, signed in without the form); `width`, `height`; `theme` (`light`, `dark`:
    what the system prefers); `javascript=False`; `expected` (parts of console messages that are allowed, such as
    "403" where the page is refused); `may_overflow`.
    """
    opened: list[tuple[Any, Page, list[str], tuple[str, ...], bool]] = []

    def open_one(
        address: str = "/",
        *,
        sign_in: Any = None,
        width: int = 1280,
        height: int = 900,
        theme: str = "light",
        javascript: bool = True,
        expected: tuple[str, ...] = (),
        may_overflow: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=live_site,
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            java_script_enabled=javascript,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        if sign_in is not None:
            context.add_cookies([session_cookie(sign_in, live_site)])
        page = context.new_page()
        faults: list[str] = []
        watch(page, live_site, faults)
        opened.append((context, page, faults, expected, may_overflow))
        page.goto(address, wait_until="load")
        return page

    yield open_one
    found: list[str] = []
    for context, page, faults, expected, may_overflow in opened:
        if not may_overflow and not page.is_closed():
            beyond = width_beyond(page)
            if beyond > 0:
                faults.append(f"the page is {beyond} pixels wider than its window")
        found += [f"{page.url}: {fault}" for fault in faults if not any(part in fault for part in expected)]
        context.close()
    assert not found, "\n".join(found)


def width_beyond(page: Page) -> int:
    """By how many pixels a page is wider than its window. A page that loads itself anew meanwhile is asked again."""
    while True:
        page.wait_for_load_state()
        try:
            return page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        except Error as gone:
            if "navigation" not in str(gone):
                raise


def session_cookie(user: Any, address: str) -> dict[str, str]:
    """The cookie of a session of `user`, made without the sign-in form."""
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": address,
    }
