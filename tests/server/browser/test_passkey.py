"""A passkey, made and used in a real Chromium with a virtual authenticator: the whole ceremony, nothing pretended."""

from __future__ import annotations

import re

from accessibility import assert_accessible
from databases import ONE_ENGINE
from people_rows import PASSWORD
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole
from conftest import watch

pytestmark = ONE_ENGINE


def test_a_passkey_is_made_and_opens_the_door(browser, live_site, world):
    user = world.user(MemberRole.BHCM)
    site = live_site.replace("127.0.0.1", "localhost")  # a passkey belongs to a name, not to a number
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    faults: list[str] = []
    watch(page, site, faults)
    authenticator = context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    authenticator.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto("/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()

    page.goto("/account/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button").first.click()
    page.get_by_label("Passwordless").check()
    page.locator("main").get_by_role("button", name=re.compile("Add|Activate|Create")).first.click()
    expect(page).not_to_have_url(re.compile("/add/"))
    page.goto("/account/2fa/webauthn/")
    assert_accessible(page)

    page.get_by_role("button", name="menu").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert faults == []
    context.close()
