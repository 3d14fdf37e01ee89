"""In an emergency: a colleague opens a chart outside the team, and the manager hears of it and reviews it."""

from __future__ import annotations

from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import User


@ONE_ENGINE
def test_a_chart_is_opened_with_a_reason_and_reviewed(open_page, world):
    colleague = User.objects.get(email="not-on-the-team@demo.example")
    page = open_page(f"/caseload/{world.ariana.pk}/", sign_in=colleague, expected=("403", "422"), width=390)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are not on this care team")
    assert_accessible(page)
    page.get_by_role("link", name="Open with a reason").click()
    page.get_by_label("Emergency or a safety concern").check()
    page.get_by_label("What happened").fill("short")
    page.get_by_label("What happened").evaluate("field => field.removeAttribute('minlength')")
    page.get_by_role("button", name="Open the chart").click()
    expect(page.get_by_role("alert")).to_contain_text("at least 10")
    page.get_by_label("What happened").fill("She called from the emergency department.")
    page.wait_for_timeout(100)
    page.get_by_role("button", name="Open the chart").click()
    expect(page.locator("#messages")).to_contain_text("Your manager has been told")
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.ariana.last_name)

    page = open_page("/", sign_in=world.user(MemberRole.MANAGER), theme="dark")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Opened charts 1 to review").click()
    expect(page.get_by_role("table")).to_contain_text("She called from the emergency department.")
    page.get_by_role("table").get_by_role("link").first.click()
    page.get_by_label("What you found").fill("Needed; the care manager was told on the same day.")
    page.get_by_role("button", name="Keep the review").click()
    expect(page.get_by_role("table")).to_contain_text("Reviewed")
