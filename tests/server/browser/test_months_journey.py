"""A month from its forecast to the claims, in a real browser: exceptions, sign-off, the close, a second click."""

from __future__ import annotations

import threading

import pytest
import time_machine
from accessibility import assert_accessible
from databases import ONE_ENGINE
from months_rows import MARCH, claims_in_books
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole


@pytest.fixture(autouse=True)
def in_april():
    """The sixth of April, when March is closed: later some payers' time to file is over."""
    with time_machine.travel("2026-04-06T18:00:00Z", tick=True):
        yield


def one_worker() -> None:
    """Work what waits, as `cocm manage db_worker --batch` does, in a thread beside the site."""
    from django.db import connections
    from django_tasks_db.management.commands.db_worker import Worker

    def work() -> None:
        try:
            Worker(
                queue_names=["default"],
                interval=0,
                batch=True,
                backend_name="default",
                startup_delay=False,
                max_tasks=None,
                worker_id="beside the test",
                excluded_queue_names=[],
            ).run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def without_consent(world):
    """Ariana's consent was never written down."""
    from cocm.server.registry.models import Consent, Episode

    with world.inside(world.practice):
        episode = Episode.objects.of(world.practice).filter(patient=world.ariana).latest("start_date")
        Consent.objects.of(world.practice).filter(episode=episode).delete()
    return episode


@ONE_ENGINE
def test_a_month_closes_with_an_exception_mended_and_a_second_click_bills_nothing(open_page, world):
    without_consent(world)
    board = open_page("/months/2026-03/", sign_in=world.user(MemberRole.BILLING), expected=("422",))
    expect(board.get_by_role("heading", level=1)).to_have_text("March 2026")
    board.get_by_role("button", name="Forecast").first.click()
    expect(board.get_by_text("waits its turn")).to_be_visible()
    one_worker()
    expect(board.get_by_text("Forecast of").first).to_be_visible()  # the page loads itself anew
    board.goto("/months/2026-03/")
    assert_accessible(board)

    # the care manager finds the exception and mends it in the chart
    mine = open_page("/months/2026-03/exceptions/?owner=bhcm", sign_in=world.user(MemberRole.BHCM))
    row = mine.locator("tr", has_text=world.ariana.last_name)
    expect(row).to_contain_text("Consent")
    assert_accessible(mine)
    row.get_by_role("link", name="Consent").click()
    mine.locator("[name=consent_date]").fill("2026-01-02")
    mine.get_by_role("button", name="Save consent").click()
    expect(mine.get_by_role("heading", level=1)).to_contain_text(world.ariana.last_name)

    # sign-off by both
    for role in (MemberRole.BHCM, MemberRole.PSYCHIATRIC_CONSULTANT):
        sheet = open_page("/months/2026-03/sign/", sign_in=world.user(role))
        assert_accessible(sheet)
        sheet.get_by_role("button", name="Sign").click()
        expect(sheet.get_by_text("Everything is signed.")).to_be_visible()

    board.reload()
    expect(board.get_by_text("1 patient changed").first).to_be_visible()
    board.get_by_role("button", name="Forecast again").first.click()
    one_worker()
    expect(board.get_by_text("Since then")).to_have_count(0)
    board.goto("/months/2026-03/exceptions/")
    expect(board.locator("tr", has_text=world.ariana.last_name)).to_have_count(0)

    # the close, clicked in two windows
    board.goto("/months/2026-03/close/")
    assert_accessible(board)
    other = open_page("/months/2026-03/close/", sign_in=world.user(MemberRole.BILLING))
    for page in (board, other):
        if page.locator("[name=reason]").count():
            page.locator("[name=reason]").fill("a colleague is on leave")
        page.locator("main").get_by_role("button", name="Close").click()
        expect(page.get_by_text("The close").first).to_be_visible()
    one_worker()
    expect(board.get_by_role("heading", name="Files of claims")).to_be_visible()
    board.goto("/months/2026-03/")
    claims = claims_in_books(world.practice)
    assert claims and len(set(claims)) == len(claims)
    assert_accessible(board)

    # and once more
    board.goto("/months/2026-03/close/")
    if board.locator("[name=reason]").count():
        board.locator("[name=reason]").fill("again")
    board.locator("main").get_by_role("button", name="Close").click()
    one_worker()
    expect(board.get_by_text("Close of").first).to_be_visible()
    assert claims_in_books(world.practice) == claims


@ONE_ENGINE
def test_a_month_is_closed_without_a_script(open_page, world):
    user = world.user(MemberRole.BILLING)
    plain = open_page("/months/2026-03/", sign_in=user, javascript=False)
    plain.get_by_role("link", name="Close the month").first.click()
    plain.locator("[name=reason]").fill("both on leave")
    plain.locator("main").get_by_role("button", name="Close").click()
    expect(plain.get_by_text("The close waits its turn")).to_be_visible()
    one_worker()
    plain.get_by_role("link", name="Look again").click()
    expect(plain.get_by_text("Close of").first).to_be_visible()
    assert len(claims_in_books(world.practice, MARCH)) > 0
