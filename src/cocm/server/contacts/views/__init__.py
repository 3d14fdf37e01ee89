"""Pages of contacts and minutes, one module an area."""

from cocm.server.contacts.views.corrections import correct_page
from cocm.server.contacts.views.entries import (
    consent_page,
    draft_discard_page,
    draft_partial,
    entry_page,
    hand_off_page,
    timer_sign_partial,
)
from cocm.server.contacts.views.lists import start_page, template_remove_page, templates_page
from cocm.server.contacts.views.months import freeze_page, month_page, reopen_page

__all__ = (
    "consent_page",
    "correct_page",
    "draft_discard_page",
    "draft_partial",
    "entry_page",
    "freeze_page",
    "hand_off_page",
    "month_page",
    "reopen_page",
    "start_page",
    "template_remove_page",
    "templates_page",
    "timer_sign_partial",
)
