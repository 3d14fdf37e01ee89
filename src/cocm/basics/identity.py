"""Stable ids, and what every record and result carries so that a decision can be replayed."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from cocm import __version__

SCHEMA_VERSION: Final = "1"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def stable_id(kind: str, *parts: object, length: int = 16) -> str:
    """An id derived from its parts: the same parts give the same id, so that a repeat is recognised.

    Crockford base 32 after a short kind (`CLM-…`); holds no readable patient data. `length` counts the characters
    after the dash (16 are 80 bits).
    """
    joined = "\x1f".join(str(part) for part in parts)
    number = int.from_bytes(hashlib.sha256(f"{kind}\x1e{joined}".encode()).digest(), "big")
    characters = []
    for _ in range(length):
        number, remainder = divmod(number, 32)
        characters.append(_ALPHABET[remainder])
    return f"{kind}-{''.join(characters)}"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Carried by every decision, file and JSON: enough to run the same decision again."""

    organization_id: str
    as_of_date: date
    rulebook_hash: str
    schema_version: str = SCHEMA_VERSION
    engine_version: str = __version__

    def as_json(self) -> dict[str, str]:
        """Plain text values for JSON."""
        return {name: str(value) for name, value in asdict(self).items()}
