"""A plan's reviewer finds a claim that was refused wrongly, sees why, and sets it right."""

from __future__ import annotations

from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect
from server_world import PLAN

from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE


def test_a_wrongful_denial_is_corrected(open_page, world_with_books):
    reviewer = world_with_books.user(MemberRole.PLAN_REVIEWER, PLAN)
    page = open_page("/plan/", sign_in=reviewer)
    expect(page.get_by_role("heading", level=1)).to_have_text("Claims to decide")
    page.get_by_role("link", name="All claims").click()
    page.get_by_label("Answer", exact=True).select_option("denied")
    page.get_by_role("button", name="Apply").click()
    rows = page.get_by_role("table").get_by_role("row").filter(has_text="denied")
    expect(rows.first).to_be_visible()
    rows.first.get_by_role("link").click()
    expect(page.get_by_text("today it would be")).to_be_visible()
    expect(page.get_by_text("a mistake:").first).to_be_visible()
    assert_accessible(page)
    page.get_by_text("Right benefit: the medical side answers for it").click()
    page.locator(".checklist").get_by_text("Facts and sources").first.click()
    expect(page.get_by_role("link", name="Which side of the benefit pays").first).to_be_visible()
    page.get_by_label("Decide again by today's rules and tables").check()
    page.get_by_label("What you saw").fill("It is a medical benefit.")
    page.get_by_role("button", name="Decide", exact=True).click()
    expect(page.locator("#messages")).to_contain_text("paid")
    expect(page.locator("#messages")).to_contain_text("letters are ready")
    expect(page.get_by_text("decided again by Demo Plan reviewer")).to_be_visible()
    page.get_by_role("link", name="its answers").first.click()
    expect(page.get_by_role("link", name="remittance.835")).to_be_visible()
    page.get_by_role("link", name="remittance.835").click()
    expect(page.get_by_label("Password")).to_be_visible()  # who it is, once more


def test_the_desk_reads_on_a_phone_in_the_dark(open_page, world_with_books):
    reviewer = world_with_books.user(MemberRole.PLAN_REVIEWER, PLAN)
    page = open_page("/plan/", sign_in=reviewer, width=390, theme="dark")
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="Collaborative Care checklist")).to_be_visible()
    assert_accessible(page)
    page.goto("/plan/bulk/?rule=mistake_route_by_diagnosis&from_date=2026-01-01&to_date=2026-12-31")
    expect(page.get_by_role("button", name="Correct ")).to_be_visible()
    assert_accessible(page)
    page.goto("/rules/rule/limit.addon_units/?payer=medicare&on=2026-03-31")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Add-on units")
    assert_accessible(page)
