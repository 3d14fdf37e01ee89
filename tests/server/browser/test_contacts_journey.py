"""A care manager records contacts in a real browser: timer, reload, draft, the end of a session, two people at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from accessibility import assert_accessible
from databases import ONE_ENGINE
from playwright.sync_api import expect
from test_entrance import sign_in_by_form

from cocm.server.access.permissions import MemberRole


def entry_address(world) -> str:
    return f"/contacts/{world.ariana.pk}/entry/"


def let_pass(world, actor, minutes: int) -> None:
    """The timer has run for so many minutes more."""
    from cocm.server.contacts.models import WorkTimer

    with world.inside(actor):
        timer = WorkTimer.objects.of(actor).get(patient=world.ariana)
        shift = timedelta(minutes=minutes)
        timer.began_at -= shift
        timer.running_since -= shift
        timer.save()


def record(page) -> None:
    """Click, and confirm what the clock of this very night makes doubtful (an entry past midnight)."""
    page.get_by_role("button", name="Record", exact=True).last.click()
    expect(page.get_by_text("Recorded:").or_(page.locator("#doubts")).first).to_be_visible()
    if page.locator("#doubts").count():
        expect(page.locator("#doubts")).to_contain_text("midnight")
        page.get_by_role("button", name="Confirm and record").click()


def recorded(world, actor):
    from cocm.server.contacts.models import Contact

    with world.inside(actor):
        return Contact.objects.of(actor).filter(patient=world.ariana).latest("number")


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_timer_outlasts_a_reload_and_the_author_takes_fewer_minutes(open_page, world):
    actor = world.actor(MemberRole.BHCM)
    page = open_page(entry_address(world), sign_in=world.user(MemberRole.BHCM))
    page.get_by_role("button", name="Start timer").click()
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.locator("[name=activity]").select_option("follow_up")
    page.locator("[name=note_text]").fill("Agreed on a walk each morning.")
    expect(page.locator(".draft-state")).to_contain_text("Draft kept")
    let_pass(world, actor, 12)
    page.reload()
    expect(page.get_by_role("timer")).to_contain_text("12:")
    expect(page.locator("[name=note_text]")).to_have_value("Agreed on a walk each morning.")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[name=service_minutes]")).to_have_value("12")
    expect(page.get_by_text("Proposes 12 minutes; you say how many were service.")).to_be_visible()
    assert_accessible(page)
    page.locator("[name=service_minutes]").fill("9")
    page.locator("[name=note_minutes]").fill("3")
    record(page)
    expect(page.get_by_text("Recorded: 9 service minutes")).to_be_visible()
    expect(page.locator("tr:target")).to_contain_text("Agreed on a walk each morning.")
    contact = recorded(world, actor)
    assert (contact.service_seconds, contact.note_minutes) == (540, 3)
    assert 720 <= contact.timer_seconds < 900


@ONE_ENGINE
def test_without_a_script_the_buttons_do_it_all(open_page, world):
    actor = world.actor(MemberRole.BHCM)
    page = open_page(entry_address(world), sign_in=world.user(MemberRole.BHCM), javascript=False)
    page.locator("[name=note_text]").fill("Typed before the timer.")
    page.get_by_role("button", name="Start timer").click()
    let_pass(world, actor, 7)
    page.locator("[name=activity]").select_option("care_coordination")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("[name=note_text]")).to_have_value("Typed before the timer.")
    expect(page.locator("[name=activity]")).to_have_value("care_coordination")
    expect(page.locator("[name=service_minutes]")).to_have_value("7")
    page.locator("[name=service_minutes]").press(
        "Enter"
    )  # the first button of the form is to record, not the timer
    expect(page.get_by_text("Recorded: 7 service minutes")).to_be_visible()
    assert recorded(world, actor).service_seconds == 420


@ONE_ENGINE
def test_a_session_that_ends_keeps_the_draft_on_a_phone(open_page, world):
    from django.contrib.sessions.models import Session

    user = world.user(MemberRole.BHCM)
    page = open_page("/account/login/", width=390, theme="dark")
    sign_in_by_form(page, user)
    page.clock.install()
    page.goto(entry_address(world))
    seconds = int(page.locator("body").get_attribute("data-session-seconds"))
    page.locator("[name=note_text]").fill("She wants to change the hour of the call.")
    expect(page.locator(".draft-state")).to_contain_text("Draft kept")
    Session.objects.all().delete()  # what the server's clock does
    page.clock.fast_forward((seconds + 60) * 1000)
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    sign_in_by_form(page, user)
    expect(page.locator("[name=note_text]")).to_have_value("She wants to change the hour of the call.")


@ONE_ENGINE
def test_two_people_write_at_once_and_both_are_recorded(open_page, world):
    first = open_page(entry_address(world), sign_in=world.user(MemberRole.BHCM))
    second = open_page(entry_address(world), sign_in=world.user(MemberRole.PCP))
    for page, text, at in ((first, "Hers.", "00:01"), (second, "His.", "00:30")):
        page.locator("[name=activity]").select_option("care_coordination")
        page.locator("[name=note_text]").fill(text)
        page.locator("[name=day]").fill("2026-04-14")
        page.locator("[name=at]").fill(at)
        page.locator("[name=service_minutes]").fill("5")
        expect(page.locator(".draft-state")).to_contain_text("Draft kept")
    second.reload()
    expect(second.get_by_text("is writing an entry too")).to_be_visible()
    expect(second.locator("[name=note_text]")).to_have_value("His.")
    for page in (first, second):
        page.get_by_role("button", name="Record", exact=True).last.click()
        expect(page.get_by_text("Recorded: 5 service minutes")).to_be_visible()
    expect(second.get_by_text("Hers.")).to_be_visible()
