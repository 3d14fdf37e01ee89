"""Every page of the site in one browser, opened by somebody who may: nothing grave for axe, nothing against the policy.

The pages are those of the address registry (`addresses`), so a new one is looked at the day it is written. Journeys
look at what stands on no address of its own: dialogs, faults of a form, what a click has changed.
"""

from __future__ import annotations

from typing import Any

import pytest
from accessibility import OF_COLOUR_AND_SIZE, findings
from addresses import Address, our_addresses
from asking import Paths, signed_in, who_may
from databases import ONE_ENGINE
from django.conf import settings
from django.urls import reverse
from page_faults import watch
from playwright.sync_api import Browser, Error, Page
from review_rows import plan_of_ariana

from cocm.server.access.permissions import MemberRole

ALSO_IN_THE_DARK = frozenset(
    {
        "home",
        "registry:caseload",
        "registry:chart",
        "contacts:entry",
        "contacts:month",
        "review:session",
        "careplans:plan",
        "months:board",
        "claims:list",
        "denials:worklist",
        "money:posting",
        "plandesk:claim",
        "mfa_index",
    }
)
"""Looked at in the dark on a phone as well: what people use all day."""
OF_COLOUR = ("color-contrast",)
"""Half of axe's time. Colours are the components', and the style guide's test looks at each in both themes."""
PARTS = 2
"""The walk is cut into so many, which two processes share."""
OF_OTHER_PACKAGES = (
    "mfa_index",
    "mfa_activate_totp",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "account_reauthenticate",
    "account_change_password",
    "account_logout",
)
"""Pages of one's own account, in our look."""


@ONE_ENGINE
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_keeps_to_the_policy(
    browser: Browser, live_site: str, world_with_books: Any, part: int
) -> None:
    world, faults, looked_at = world_with_books, [], 0
    with_something_to_show(world)
    paths, context = Paths(world), browser.new_context(base_url=live_site, reduced_motion="reduce")
    page = context.new_page()
    told: list[str] = []
    watch(page, live_site, told)
    for (role, house), addresses in by_who_opens_them().items():
        context.clear_cookies()
        context.add_cookies([cookie_of(world.user(role, house), live_site)])
        named = [(address.view_name, paths[address]) for address in addresses[part::PARTS]]
        if role is MemberRole.BHCM:
            named += [(name, reverse(name)) for name in OF_OTHER_PACKAGES[part::PARTS]]
        for name, path in named:
            found = opened(page, path)
            if found is None:
                continue
            looked_at += 1
            # the frame around the page is the same on all of a role's
            found += findings(
                page,
                within="html" if path == named[0][1] else "main",
                without=() if name in ALSO_IN_THE_DARK else OF_COLOUR,
            )
            if name in ALSO_IN_THE_DARK:
                found += [f"dark, 390: {one}" for one in in_the_dark_on_a_phone(page)]
            faults += [f"{name} as {role}: {one}" for one in (*found, *told)]
            told.clear()
    context.close()
    assert looked_at > 150 // PARTS
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def with_something_to_show(world: Any) -> None:
    """What the examples of the addresses do not bring, where a page would be nearly empty without."""
    plan_of_ariana(world)
    plan_of_ariana(world, based_on=1, number=1, goal="Play with the grandchildren")


def cookie_of(user: Any, address: str) -> Any:
    """Of a session whose person gave the password a moment ago."""
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": signed_in(user).cookies[name].value, "url": address}


def by_who_opens_them() -> dict[tuple[Any, str], list[Address]]:
    """The addresses that show a page, by the first role that opens them and where it is at home."""
    found: dict[tuple[Any, str], list[Address]] = {}
    for address in our_addresses():
        declared = address.view.needs
        if "GET" in declared.methods and not declared.is_guarded_anew:  # which is a file
            house, may = who_may(address)
            found.setdefault((may[0], house), []).append(address)
    return found


def opened(page: Page, path: str) -> list[str] | None:
    """Open an address at 1280 in the light: what is wrong with its answer; None for a file or a part of a page."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    try:
        answer = page.goto(path)
    except Error as refused:
        if "Download is starting" in refused.message or "ERR_ABORTED" in refused.message:
            return None
        raise
    assert answer is not None
    if not page.evaluate("Boolean(document.doctype) && document.contentType == 'text/html'"):
        return None
    return [] if answer.ok else [f"answered {answer.status}"]


def in_the_dark_on_a_phone(page: Page) -> list[str]:
    """The same page, looked at again; it must not be wider than the phone."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    beyond = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return findings(page, rules=OF_COLOUR_AND_SIZE) + (
        [f"{beyond} pixels wider than its window"] if beyond > 0 else []
    )
