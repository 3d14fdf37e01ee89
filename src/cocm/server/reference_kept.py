"""An organization's small tables as the core's records, kept in the process until one of their rows changes.

Practice, sites, staff, payers, charges and contract rates change a few times a month and are needed for every entry.
Each change gives them a new random version in its own transaction (`contacts.minutes.reference_changed`, told by
`contacts.signals`): a version that was rolled back never comes again, so what is kept under one is never another's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from cocm.intake.reference import Reference

ORGANIZATIONS_MAX: Final = 256
_kept: dict[UUID, tuple[UUID, Reference]] = {}


def kept_reference(organization_id: UUID, version: UUID | None, read: Callable[[], Reference]) -> Reference:
    """The tables of a version, read by `read` if this process has not read them yet. Without a version nothing is kept.

    The version is asked for before the rows are read: what is kept can be newer than its version, never older.
    """
    if version is None:
        return read()
    known = _kept.get(organization_id)
    if known is not None and known[0] == version:
        return known[1]
    found = read()
    if len(_kept) >= ORGANIZATIONS_MAX:
        _kept.clear()
    _kept[organization_id] = (version, found)
    return found
