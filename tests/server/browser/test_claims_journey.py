"""The biller's day with claims in a real browser: payers' files come in, and a rejected claim goes out again."""

from __future__ import annotations

from accessibility import assert_accessible
from claims_rows import last_claim_of_ariana, remittance
from databases import ONE_ENGINE
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole

pytestmark = ONE_ENGINE


def upload(*files: tuple[str, bytes]) -> list[dict[str, object]]:
    return [{"name": name, "mimeType": "application/edi-x12", "buffer": content} for name, content in files]


def test_answers_come_in_and_a_rejected_claim_goes_out_again(open_page, world_with_books, client_of):
    world = world_with_books
    client_of(MemberRole.BILLING).get("/claims/")  # what the process reads once: no browser waits for that
    paid = remittance(world, last_claim_of_ariana(world))
    page = open_page("/claims/", sign_in=world.user(MemberRole.BILLING))
    expect(page.get_by_role("heading", level=1)).to_have_text("Claims")

    page.get_by_role("link", name="Payers' files").click()
    page.locator("input[name=files]").set_input_files(
        upload(("paid.835", paid), ("letter.txt", b"not X12 at all"))
    )
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_text("letter.txt: refused.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="paid.835").click()
    expect(page.get_by_text("Adds up", exact=True)).to_be_visible()
    page.get_by_role("link", name="Davis, Ariana").click()
    expect(page.get_by_text("Records asked for")).to_be_visible()
    expect(page.get_by_text("Paid").first).to_be_visible()
    page.get_by_role("link", name="Edits", exact=True).click()
    page.get_by_role("link", name="Passes").click()
    page.locator(".edit-answers summary").first.click()
    expect(page.locator(".edit-answers dl").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="X12", exact=True).click()
    expect(page.locator(".wire code").first).to_contain_text("CLM*")

    page.goto("/claims/?state=rejected")
    page.locator("#claims a.row-link").first.click()
    page.get_by_role("link", name="Correct or send again").click()
    expect(page.get_by_text("It may go as a new original")).to_be_visible()
    page.get_by_role("button", name="Send as a new original").click()
    expect(page.get_by_text("Written for the payer")).to_be_visible()
    expect(page.get_by_role("heading", name="To hand over")).to_be_visible()
    assert_accessible(page)


def test_eligibility_is_asked_for_on_a_phone_without_a_script(open_page, world_with_books):
    page = open_page(
        "/claims/eligibility/?month=2026-03",
        sign_in=world_with_books.user(MemberRole.BILLING),
        width=390,
        theme="dark",
        javascript=False,
    )
    page.get_by_role("button", name="Write a 270").first.click()
    expect(page.get_by_text("Take it along below.")).to_be_visible()
    expect(page.get_by_role("link", name="270 number")).to_be_visible()
