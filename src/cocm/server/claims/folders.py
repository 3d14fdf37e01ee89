"""Trading partners' folders: where batches are put, and where answers are looked for.

COCM_EXCHANGE_FOLDERS names them, such as `north-valley=/srv/exchange/clearinghouse` for all of a practice's payers, or
`north-valley/MEDICARE=/srv/exchange/medicare` for one. In each, batches go into `out`, and answers are read from `in`;
a file that was taken is moved to `in/taken`, a refused one to `in/refused`.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from cocm.basics.errors import UnusableInput
from cocm.basics.files import atomic_write

OUT: Final = "out"
IN: Final = "in"
TAKEN: Final = "taken"
REFUSED: Final = "refused"


@dataclass(frozen=True, slots=True)
class Partner:
    """A folder shared with a payer or clearinghouse. `payer_id` empty: all payers that have none of their own."""

    organization_key: str
    payer_id: str
    folder: Path

    @property
    def out(self) -> Path:
        return self.folder / OUT

    @property
    def inbox(self) -> Path:
        return self.folder / IN


def partners(organization_key: str) -> list[Partner]:
    """An organization's folders."""
    return [one for one in partners_of(settings.EXCHANGE_FOLDERS) if one.organization_key == organization_key]


def partners_of(folders: Mapping[str, Path]) -> list[Partner]:
    """The folders as the settings name them."""
    found = []
    for name, folder in folders.items():
        key, _, payer_id = name.partition("/")
        found.append(Partner(key, payer_id, folder))
    return found


def partner_for(organization_key: str, payer_id: str) -> Partner | None:
    """The folder for a payer's batches: its own, else the one for all."""
    found = {one.payer_id: one for one in partners(organization_key)}
    return found.get(payer_id) or found.get("")


def put(partner: Partner, name: str, content: bytes) -> None:
    """Put a file into the folder's `out`, complete or not at all. The very same file there already is no fault.

    Raises `UnusableInput` where the folder cannot be written, or another file of that name lies there.
    """
    target = partner.out / name
    try:
        partner.out.mkdir(mode=0o770, parents=False, exist_ok=True)
        if target.exists():
            if hashlib.sha256(target.read_bytes()).digest() == hashlib.sha256(content).digest():
                return
            raise UnusableInput(
                f"another file {name} lies in the payer's folder; nothing was written over it"
            )
        with atomic_write(target) as stream:
            stream.write(content)
    except OSError as problem:
        raise UnusableInput(f"the payer's folder cannot be written: {problem.strerror}") from problem


def waiting(partner: Partner) -> Iterator[Path]:
    """The files in the folder's `in`, by name; those still being written (hidden, or `.part`, `.tmp`) are left."""
    try:
        found = sorted(partner.inbox.iterdir())
    except OSError:
        return
    for path in found:
        unfinished = path.name.startswith(".") or path.suffix.lower() in (".part", ".tmp", ".filepart")
        if not unfinished and stat.S_ISREG(os.lstat(path).st_mode):
            yield path


def put_aside(path: Path, name: str) -> None:
    """Move a file that was dealt with into a folder beside it; one of the same name there gets a number."""
    folder = path.parent / name
    folder.mkdir(mode=0o770, exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.stem}-{number}{path.suffix}"
    path.rename(target)
