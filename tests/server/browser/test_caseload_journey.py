"""A care manager's morning in a real browser: the list by keyboard, a score with item 9, the alert, its closing."""

from __future__ import annotations

import re

import pytest
from databases import ONE_ENGINE
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole


@ONE_ENGINE
def test_from_the_list_to_a_closed_safety_alert(open_page, world):
    page = open_page("/caseload/", sign_in=world.user(MemberRole.BHCM))
    expect(page.get_by_role("heading", level=1)).to_have_text("Caseload")
    page.get_by_role("link", name="Davis, Ariana").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ariana Davis")
    expect(page.locator("#scores svg").first).to_be_visible()
    page.get_by_role("link", name="Add a total", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a score")
    page.get_by_label("Total score").fill("15")
    page.get_by_label("Item about self-harm").fill("1")
    page.get_by_role("button", name="Save score").click()
    expect(page.locator(".note-danger")).to_contain_text("self-harm item above 0")
    page.get_by_role("link", name="Caseload", exact=True).first.click()
    first = page.locator("#caseload tbody tr").first
    expect(first).to_contain_text("Davis, Ariana")
    first.get_by_role("button", name="Safety").click()
    expect(page.get_by_role("note").filter(has_text="open since")).to_be_visible()
    page.goto(first.locator("a.row-link").get_attribute("href"))
    page.get_by_role("link", name="Close with an action").click()
    page.get_by_label("Safety plan made or gone through").check()
    page.get_by_label("Who was reached").select_option("patient")
    page.get_by_label("Safety plan", exact=False).locator("visible=true").last.select_option("made")
    page.get_by_label("Note", exact=True).first.fill(
        "Screener done with the patient, safety plan made, PCP told."
    )
    page.get_by_role("button", name="Close in my name").click()
    expect(page.locator("#messages")).to_contain_text("Closed with your name and the action.")
    assert "Davis" not in page.url


@ONE_ENGINE
@pytest.mark.parametrize(("theme", "width", "javascript"), [("dark", 390, True), ("light", 1280, False)])
def test_the_case_file_serves_a_phone_in_the_dark_and_a_browser_without_scripts(
    open_page, world, theme, width, javascript
):
    page = open_page(
        f"/caseload/{world.ariana.pk}/",
        sign_in=world.user(MemberRole.BHCM),
        theme=theme,
        width=width,
        javascript=javascript,
    )
    page.locator("#consent").get_by_role("link", name="Record").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Record consent")
    page.get_by_role("button", name="Save consent").click()
    expect(page).to_have_url(re.compile("#consent$"))
    expect(page.locator("#consent")).to_contain_text("verbal")
    page.goto("/caseload/?columns=billing")
    expect(page.locator("#caseload")).to_contain_text("medical")
