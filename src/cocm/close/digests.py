"""What the state keeps of a claim that goes out, on its way from a worker to the end of the close.

A close's claims are many and are recorded only when their interchange is complete: until then they wait in a file, so
that memory stays flat. Plain tuples in marshal's form are written and read several times faster than pickled records.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple


class ClaimDigest(NamedTuple):
    """A claim's id, whose it is, and what it was when it went out."""

    claim_id: str
    patient_id: str
    sequence: int
    content_hash: str
    frequency_code: str
    charge_amount_cents: int


def packed(digests: Iterable[ClaimDigest]) -> bytes:
    """Digests as bytes, to be written one pack after the other."""
    return marshal.dumps([tuple(digest) for digest in digests])


def unpacked(stream: BinaryIO) -> Iterator[ClaimDigest]:
    """The digests of all packs in a file, from where it stands."""
    while True:
        try:
            pack = marshal.load(stream)
        except EOFError:
            return
        yield from map(ClaimDigest._make, pack)
