"""Through the door in a real browser: sign in, see the frame, sign out; a session about to end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import Page, expect

from cocm.server.access.permissions import MemberRole


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_care_manager_signs_in_by_the_form_and_out_again(open_page, world):
    user = world.user(MemberRole.BHCM)
    page = open_page("/")
    expect(page).to_have_url(address_with("/account/login/"))
    sign_in_by_form(page, user)
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.get_by_role("button", name="menu").click()
    expect(page.locator("#user-menu")).to_contain_text(user.full_name)
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(address_with("/account/log"))


@ONE_ENGINE
def test_a_session_about_to_end_asks_and_a_click_keeps_it(open_page, world):
    page = open_page("/", sign_in=world.user(MemberRole.BHCM))
    seconds = int(page.locator("body").get_attribute("data-session-seconds"))
    page.clock.install()
    page.reload()
    page.evaluate(
        "document.addEventListener('look:session-ending', () => { document.body.dataset.told = 'yes' })"
    )
    page.clock.fast_forward((seconds - 60) * 1000)
    asked = page.get_by_role("alertdialog", name="Still there?")
    expect(asked).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-told", "yes")
    assert_accessible(page)
    asked.get_by_role("button", name="Stay signed in").click()
    expect(asked).to_be_hidden()


def sign_in_by_form(page: Page, user: Any) -> None:
    """As a person of the demonstration would."""
    from cocm.server.setup.demo import DEMO_PASSWORD

    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(DEMO_PASSWORD)
    page.locator("form button[type=submit]").first.click()
    expect(page.locator("input[name=password]")).to_have_count(0)


def address_with(part: str) -> re.Pattern[str]:
    """An address that holds `part`."""
    return re.compile(re.escape(part))
