"""Billing in a real browser: a denial from the 835 to paid, a records request to its packet, a transfer approved."""

from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from pathlib import Path

from accessibility import assert_accessible
from databases import ONE_ENGINE
from desk_rows import an_agreement, arianas_claim
from playwright.sync_api import Page, expect

from cocm.server.access.permissions import MemberRole

sys.path.append(str(Path(__file__).parents[2] / "remits"))
from remittance_maker import Decided, Line, remittance  # found by the path above

DAY = date(2026, 3, 31)


def bring_in(page: Page, name: str, content: bytes) -> None:
    """A payer's file comes in on the page of files."""
    page.goto("/claims/files/")
    page.locator("input[type=file][name=files]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Bring in").click()
    expect(page.get_by_text(name).first).to_be_visible()


@ONE_ENGINE
def test_a_denial_from_the_remittance_to_paid(open_page, world_with_books):
    world = world_with_books
    claim_id = arianas_claim(world)
    page = open_page("/claims/files/", sign_in=world.user(MemberRole.BILLING))
    denied = Line("99493", 20_000, (("CO", "109", 17_000), ("PR", "3", 3_000)), ("N418",))
    bring_in(
        page,
        "denied.835",
        remittance(Decided(claim_id, (denied,), status="4", day=DAY), trace="EFT1", day=date(2026, 5, 20)),
    )
    page.goto("/denials/?kind=denied")
    page.get_by_role("link", name=claim_id).first.click()
    expect(page.get_by_text("Sent to the behavioral administrator").first).to_be_visible()
    expect(page.locator("details.why").first).to_contain_text("medical")
    page.goto(f"/money/patients/{world.ariana.pk}/")
    expect(page.get_by_text("no statement goes out")).to_be_visible()
    page.goto(f"/denials/{world.ariana.pk}/{claim_id}/")
    page.get_by_role("link", name="Draft the letter").first.click()
    expect(page.get_by_role("article", name="Letter")).to_contain_text("CO-109")
    assert_accessible(page)
    page.get_by_role("link", name="Record as sent").click()
    page.get_by_label("How").select_option("fax")
    page.get_by_role("button", name=re.compile("Open for")).click()
    page.get_by_label("Proof of delivery").fill("fax 4411")
    page.get_by_role("button", name="Record as sent").click()
    expect(page.get_by_text("Taken up with the plan").first).to_be_visible()
    paid = Line("99493", 20_000, (("CO", "45", 4_000), ("PR", "3", 2_000)))
    again = Decided(claim_id, (paid,), payer_number="ICN2", day=DAY)
    bring_in(page, "paid.835", remittance(again, trace="EFT2", day=date(2026, 5, 20) + timedelta(days=20)))
    page.goto(f"/denials/{world.ariana.pk}/{claim_id}/")
    expect(page.locator("dl.facts").first).to_contain_text("Paid")
    expect(page.locator(".timeline").first).to_contain_text("Paid")
    page.goto(f"/money/patients/{world.ariana.pk}/")
    expect(page.get_by_role("link", name="Statement", exact=True)).to_be_visible()
    page.goto("/work/entries/")
    expect(page.locator("#entries")).to_contain_text(claim_id)


@ONE_ENGINE
def test_a_records_request_to_its_packet(open_page, world_with_books, tmp_path):
    world = world_with_books
    claim_id = arianas_claim(world)
    page = open_page("/denials/requests/", sign_in=world.user(MemberRole.BILLING), width=390, theme="dark")
    page.get_by_role("link", name=claim_id).click()
    expect(page.get_by_text("Do not bill")).to_be_visible()
    page.get_by_role("link", name="Add a document").click()
    page.get_by_label("File").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Care plan of March."}
    )
    page.get_by_label("What it is").select_option("care_plan")
    page.get_by_label("Title").fill("Care plan of March")
    page.get_by_label("Its day").fill("2026-03-02")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Care plan of March")).to_be_checked()
    assert_accessible(page)
    page.get_by_label("How").select_option("portal")
    page.get_by_label("Minutes it took you").fill("11")
    page.get_by_role("button", name="Record as sent").click()
    expect(page.get_by_text("Packet, 1 documents").first).to_be_visible()
    page.goto("/denials/requests/")
    expect(page.locator("#waiting")).not_to_contain_text(claim_id)


@ONE_ENGINE
def test_a_transfer_statement_is_approved(open_page, world_with_books):
    world = world_with_books
    an_agreement(world, amount_cents=90_000)
    page = open_page("/money/transfers/?month=2026-03", sign_in=world.user(MemberRole.MANAGER))
    expect(page.locator("#statement")).to_contain_text("$900.00")
    page.get_by_role("link", name="Approve 2026-03").click()
    page.get_by_label("Note").fill("as agreed")
    assert_accessible(page)
    page.get_by_role("button", name="Approve $900.00").click()
    expect(page.get_by_text("approved by Demo Manager")).to_be_visible()
    page.get_by_role("link", name="CSV", exact=True).click()
    expect(page).to_have_url(re.compile("reauthenticate"))


@ONE_ENGINE
def test_a_claims_page_and_its_packet_without_scripts(open_page, world_with_books):
    world = world_with_books
    claim_id = arianas_claim(world)
    page = open_page(
        f"/denials/{world.ariana.pk}/{claim_id}/", sign_in=world.user(MemberRole.BILLING), javascript=False
    )
    page.get_by_role("link", name="Note what was done").click()
    page.get_by_label("What").select_option("escalated")
    page.get_by_label("Note").fill("call 4411")
    page.get_by_role("button", name="Note it").click()
    expect(page.locator(".timeline")).to_contain_text("call 4411")
