"""The pages of Money side by side; the work minutes stand among them."""

from __future__ import annotations

from typing import Final

from django.urls import reverse

from cocm.server.look.parts import Tab

PAGES: Final = (
    ("Posting", "money:posting"),
    ("Balances", "money:balances"),
    ("Refunds", "money:refunds"),
    ("Transfers", "money:transfers"),
    ("Ledger", "money:ledger"),
    ("Work minutes", "work:report"),
)


def money_tabs(current: str, counts: dict[str, int] | None = None) -> list[Tab]:
    """The tabs with one of them current, by url name; `counts` is how many things wait on some."""
    waiting = counts or {}
    return [Tab(label, reverse(name), name == current, waiting.get(name) or None) for label, name in PAGES]
