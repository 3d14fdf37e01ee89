"""Stable ids, and what every record and result carries so that a decision can be replayed."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from cocm import __version__

SCHEMA_VERSION: Final = "1"
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def stable_id(kind: str, *parts: object) -> str:
    """An id derived from its parts: the same parts give the same id, so that a repeat is recognised.

    Twelve Crockford base-32 characters (60 bits of a SHA-256) after a short kind (`C-…`); holds no readable patient
    data. Fourteen characters in all for a claim: what box 26 of the CMS-1500 holds.
    """
    joined = "\x1f".join(map(str, parts))
    bits = int.from_bytes(hashlib.sha256(f"{kind}\x1e{joined}".encode()).digest()[:8], "big") >> 4
    pairs = _PAIRS
    return (
        f"{kind}-{pairs[bits >> 50]}{pairs[bits >> 40 & 1023]}{pairs[bits >> 30 & 1023]}"
        f"{pairs[bits >> 20 & 1023]}{pairs[bits >> 10 & 1023]}{pairs[bits & 1023]}"
    )


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
