"""What California's SB 1320 is read to ask of plans, and the questions by which a plan's process is described."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table
from cocm.rules.values import Source

SB1320: Final = "denials/sb1320.csv"
_READING: Final = "reading"
_SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class StatuteItem:
    """A reading of the act, or a question about a plan's process with the rules that answer it."""

    item: str
    is_reading: bool
    text: str
    rule_ids: tuple[str, ...]
    source: Source


@lru_cache(maxsize=8)
def sb1320_items(rulebook: Rulebook) -> tuple[StatuteItem, ...]:
    """Readings and questions in the table's order. Raises `UnknownRule` for a rule that does not exist."""
    found = []
    for row in read_table(rulebook.data_file(SB1320)):
        rule_ids = tuple(one for one in row.text("rules").split(_SEPARATOR) if one)
        for rule_id in rule_ids:
            rulebook.rule(rule_id)
        found.append(
            StatuteItem(
                item=row.text("item"),
                is_reading=row.text("kind") == _READING,
                text=row.text("text"),
                rule_ids=rule_ids,
                source=rulebook.sources[row.text("source")],
            )
        )
    return tuple(found)
