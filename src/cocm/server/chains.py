"""Hash chains: each row's hash takes in its content and the hash of the row before, so nothing can be taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

START_OF_CHAIN: Final = "0" * 64


def chained_hash(previous_hash: str, content: Mapping[str, Any]) -> str:
    """SHA-256 of the hash before and the content as JSON with its keys in order; values are plain texts and numbers."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(f"{previous_hash}\n{text}".encode()).hexdigest()


def list_hash(text: str) -> str:
    """The name of a list that a chain refers to: SHA-256 of its text."""
    return hashlib.sha256(text.encode()).hexdigest()


class Link(NamedTuple):
    """One row of a chain: its number from 1, what it says, and the two hashes that stand in it."""

    number: int
    content: Mapping[str, Any]
    previous_hash: str
    row_hash: str


class Break(NamedTuple):
    """Where a chain is broken first, and how."""

    number: int
    what: str


def first_break(links: Iterable[Link]) -> Break | None:
    """The first row that is missing, out of order or not what it was; None for a sound chain."""
    previous, expected = START_OF_CHAIN, 1
    for link in links:
        if link.number != expected:
            return Break(expected, f"row {expected} is missing (next is {link.number})")
        if link.previous_hash != previous:
            return Break(
                link.number, f"row {link.number} does not follow row {link.number - 1} as it stands now"
            )
        if chained_hash(previous, link.content) != link.row_hash:
            return Break(link.number, f"row {link.number} is not what was written")
        previous, expected = link.row_hash, expected + 1
    return None
