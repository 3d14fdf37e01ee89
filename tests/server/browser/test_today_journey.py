"""My day by keyboard into a chart and on to a score; on a phone in the dark; a colleague's role without a script."""

from __future__ import annotations

import re

from databases import ONE_ENGINE
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE


def test_my_day_leads_by_keyboard_to_what_is_to_be_done(open_page, world):
    page = open_page("/", sign_in=world.user(MemberRole.BHCM))
    expect(page.get_by_role("heading", level=1)).to_have_text("My day")
    lines = page.locator(".day .row-link")
    page.keyboard.press("j")
    expect(lines.first).to_be_focused()
    page.keyboard.press("j")
    expect(lines.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(lines.first).to_be_focused()
    page.goto(f"/caseload/{world.ariana.pk}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ariana Davis")
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("/measures/"))
    page.wait_for_load_state()  # the page that comes next listens to keys once its scripts were read
    page.keyboard.press("g")
    page.keyboard.press("d")
    expect(page.get_by_role("heading", level=1)).to_have_text("My day")


def test_my_day_on_a_phone_in_the_dark_and_no_more_e_mails(open_page, world):
    page = open_page("/", sign_in=world.user(MemberRole.MANAGER), theme="dark", width=390)
    expect(page.locator(".stat-label").first).to_have_text("In care")
    page.get_by_role("button", name="Turn off").click()
    expect(page.locator("#messages")).to_contain_text("No more e-mails")
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()


def test_a_colleagues_role_is_changed_without_a_script(open_page, world):
    page = open_page("/people/", sign_in=world.user(MemberRole.ADMINISTRATOR), width=390, javascript=False)
    page.get_by_role("link", name="Demo Billing").click()
    page.get_by_role("link", name="Change the role").click()
    page.get_by_label("Role").select_option("manager")
    page.get_by_role("button", name="Save role").click()
    expect(page.locator("#messages")).to_contain_text("from their next page on")
    expect(page.locator("main")).to_contain_text("Manager")
