"""Pages of denials."""

from cocm.server.denials.views.candidates import candidate_page, candidates_page, try_page
from cocm.server.denials.views.claims import claim_page, done_page, owner_post
from cocm.server.denials.views.letters import letter_file, letter_page, letter_send_page
from cocm.server.denials.views.liaison import case_new_page, case_page, contact_page, liaison_page
from cocm.server.denials.views.lists import requests_page, worklist_page
from cocm.server.denials.views.packets import (
    document_new_page,
    document_remove_page,
    packet_choose_post,
    packet_file,
    packet_page,
    sending_file,
)

__all__ = [
    "candidate_page",
    "candidates_page",
    "case_new_page",
    "case_page",
    "claim_page",
    "contact_page",
    "document_new_page",
    "document_remove_page",
    "done_page",
    "letter_file",
    "letter_page",
    "letter_send_page",
    "liaison_page",
    "owner_post",
    "packet_choose_post",
    "packet_file",
    "packet_page",
    "requests_page",
    "sending_file",
    "try_page",
    "worklist_page",
]
