"""The pages of Denials side by side."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from cocm.server.look.parts import Tab

PAGES: Final = (
    ("Worklist", "denials:worklist"),
    ("Records requests", "denials:requests"),
    ("Liaison log", "denials:liaison"),
    ("Rule candidates", "denials:candidates"),
)


def denials_tabs(current: str) -> list[Tab]:
    """The tabs with one of them current, by url name."""
    return [Tab(label, reverse(name), name == current) for label, name in PAGES]
