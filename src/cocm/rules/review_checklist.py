"""What a reviewer goes through on a claim that waits: the items of the checklist and the edits behind each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table

REVIEW_CHECKLIST: Final = "denials/review_checklist.csv"
_SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """An item. The edits whose ids begin with one of `edit_prefixes` settle it."""

    name: str
    label: str
    edit_prefixes: tuple[str, ...]


@lru_cache(maxsize=8)
def checklist_items(rulebook: Rulebook) -> tuple[ChecklistItem, ...]:
    """The items in their order. Raises `RulebookError` naming the line that is wrong."""
    rows = read_table(rulebook.data_file(REVIEW_CHECKLIST))
    return tuple(
        ChecklistItem(row.text("item"), row.text("label"), tuple(row.text("edit_prefixes").split(_SEPARATOR)))
        for row in rows
    )
