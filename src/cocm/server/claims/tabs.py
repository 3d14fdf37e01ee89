"""The pages of Claims side by side, and those of one claim."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.urls import reverse

from cocm.server.look.parts import Tab

PAGES: Final = (
    ("Claims", "claims:list"),
    ("Batches", "claims:batches"),
    ("Payers' files", "claims:files"),
    ("Eligibility", "claims:eligibility"),
)
CLAIM_PAGES: Final = (
    ("Claim", "claims:claim"),
    ("Edits", "claims:edits"),
    ("X12", "claims:wire"),
)


def claims_tabs(current: str, counts: dict[str, int] | None = None) -> list[Tab]:
    """The tabs with one of them current, by url name; `counts` is how many things wait on some."""
    waiting = counts or {}
    return [Tab(label, reverse(name), name == current, waiting.get(name) or None) for label, name in PAGES]


def claim_tabs(current: str, patient_pk: UUID, claim_id: str) -> list[Tab]:
    """The pages of one claim."""
    where = {"patient_id": patient_pk, "claim_id": claim_id}
    return [Tab(label, reverse(name, kwargs=where), name == current) for label, name in CLAIM_PAGES]
