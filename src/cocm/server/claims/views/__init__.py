"""The pages of claims."""

from cocm.server.claims.views.batches import batch_file, batch_put, batches_page
from cocm.server.claims.views.claim import claim_page, edits_page, wire_page
from cocm.server.claims.views.corrections import again_page, void_page
from cocm.server.claims.views.eligibility import (
    ask_page,
    cost_share_letter,
    cost_share_page,
    eligibility_page,
    request_file,
)
from cocm.server.claims.views.files import file_page, files_page, looked_page
from cocm.server.claims.views.lists import list_page

__all__ = [
    "again_page",
    "ask_page",
    "batch_file",
    "batch_put",
    "batches_page",
    "claim_page",
    "cost_share_letter",
    "cost_share_page",
    "edits_page",
    "eligibility_page",
    "file_page",
    "files_page",
    "list_page",
    "looked_page",
    "request_file",
    "void_page",
    "wire_page",
]
