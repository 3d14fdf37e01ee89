"""The components in Chromium: accessible in both themes and widths, under the content security policy, by keyboard."""

from __future__ import annotations

import pytest
from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect

GUIDE = "/look/"
pytestmark = ONE_ENGINE  # the guide asks no database


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_component_is_accessible(open_page, theme, width):
    page = open_page(GUIDE, theme=theme, width=width)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(2)
    assert_accessible(page, grave=("minor", "moderate", "serious", "critical"))


def test_the_policy_refuses_inline_scripts_and_styles_and_the_console_says_so(open_page):
    page = open_page("/look/confirm/", expected=("Content Security Policy",))
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate("""() => { const script = document.createElement("script");
        script.textContent = "document.title = 'taken over'"; document.head.append(script);
        document.body.setAttribute("style", "display: none"); }""")
    expect(page.locator("#content")).to_be_visible()
    assert "taken over" not in page.title()
    assert sum("Content Security Policy" in text for text in said) == 2


def test_charts_are_drawn_under_the_policy_and_their_table_stays(open_page):
    page = open_page(GUIDE)
    chart = page.locator("#phq9")
    expect(chart.locator("svg").first).to_be_visible()
    table = chart.locator("table")
    expect(table).to_be_hidden()
    chart.get_by_text("Data as a table").click()
    expect(table).to_be_visible()


def test_without_a_script_tables_stand_for_charts_and_flags_still_tell_why(open_page):
    page = open_page(GUIDE, javascript=False, may_overflow=True)
    expect(page.locator("#phq9 table")).to_be_visible()
    page.get_by_role("button", name="Safety").click()
    expect(page.get_by_text("Stays until a named person closes it")).to_be_visible()
    page.get_by_role("button", name="Void contact").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Void this contact?")


def test_a_theme_is_chosen_without_a_script_and_stays(open_page):
    page = open_page(GUIDE, javascript=False, may_overflow=True)
    page.get_by_role("button", name="menu").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_theme_is_chosen_at_once_with_a_script(open_page):
    page = open_page(GUIDE)
    expect(page.locator("figure.chart[data-drawn]")).to_have_count(2)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="menu").click()
    page.get_by_role("button", name="Dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_flag_tells_its_reason_to_the_keyboard(open_page):
    page = open_page(GUIDE)
    flag = page.get_by_role("button", name="Safety")
    flag.focus()
    page.keyboard.press("Enter")
    reason = page.locator("#why-p0-safety")
    expect(reason).to_be_visible()
    page.keyboard.press("Escape")
    expect(reason).to_be_hidden()
    expect(flag).to_be_focused()


def test_a_flag_tells_its_reason_beside_it_on_hover(open_page):
    page = open_page(GUIDE)
    flag = page.get_by_role("button", name="Safety")
    flag.hover()
    reason = page.locator("#why-p0-safety")
    expect(reason).to_be_visible()
    here, there = flag.bounding_box(), reason.bounding_box()
    assert abs(there["y"] - (here["y"] + here["height"])) < 30
    assert abs(there["x"] - here["x"]) < 30


def test_the_first_tab_stop_skips_to_the_content(open_page):
    page = open_page("/look/confirm/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()


def test_question_mark_lists_the_shortcuts_and_they_work(open_page):
    page = open_page("/look/confirm/")
    page.locator("#content").focus()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(listed).to_contain_text("Registry")
    page.keyboard.press("Escape")
    expect(listed).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Find a patient")).to_be_focused()
    page.keyboard.type("?")
    expect(listed).to_be_hidden()


def test_j_and_k_walk_along_the_rows(open_page):
    page = open_page(GUIDE)
    page.locator("#content").focus()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Example, Ariana")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Example, Bruno")).to_be_focused()
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Example, Ariana")).to_be_focused()


def test_a_confirm_button_asks_in_a_dialog_and_can_be_declined(open_page):
    page = open_page(GUIDE)
    page.get_by_role("button", name="Void contact").first.click()
    asked = page.get_by_role("dialog", name="Void this contact?")
    expect(asked).to_be_visible()
    assert_accessible(page)
    asked.get_by_role("link", name="Keep as it is").click()
    expect(asked).to_be_hidden()


def test_a_confirm_button_answers_the_space_bar(open_page):
    page = open_page(GUIDE)
    page.get_by_role("button", name="Void contact").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog", name="Void this contact?")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_that_is_missing_is_accessible(open_page, theme):
    page = open_page("/nowhere/", theme=theme, width=390, expected=("404",))
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    assert_accessible(page)


def test_on_paper_only_the_content_remains(open_page):
    page = open_page(GUIDE)
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    for hidden in (".top-bar", ".side", ".filters", ".page-head .actions"):
        expect(page.locator(hidden).first).to_be_hidden()


def test_the_menu_of_a_phone_opens_and_closes(open_page):
    page = open_page("/look/confirm/", width=390)
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation).to_be_hidden()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(navigation.get_by_role("link", name="Registry")).to_be_visible()
    assert_accessible(page)
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_is_accessible(open_page, theme):
    from django.urls import reverse

    for address in (reverse("account_login"), reverse("account_reset_password")):
        assert_accessible(
            open_page(address, theme=theme, width=390), grave=("moderate", "serious", "critical")
        )
