"""What was worked out claim by claim, kept between questions: only claims that something was added to are done again.

    kept = Kept()                                   # one for a practice, as long as the process lives
    BooksRequest(..., kept=kept)                    # standings() and worklist() use it

What is kept answers as if it were worked out from scratch. It follows the state from what it last saw: where the rows
of then are no longer the rows of now (another state, or one that was taken back), everything is worked out again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING, Any

from cocm.store.growth import Growth

if TYPE_CHECKING:  # they are kept here, and their makers ask for what is kept
    from cocm.receivables.timelines import ClaimStanding

AccountKey = tuple[int, str, str]
"""Month, patient and payer: what an account is of, and the order of accounts."""


@dataclass(slots=True)
class Kept:
    """What is known of a practice's accounts. `lock` is held while it is brought up to date."""

    lock: RLock = field(default_factory=RLock)
    growth: Growth | None = None
    held_payments: frozenset[str] = frozenset()
    standings: dict[AccountKey, ClaimStanding] = field(default_factory=dict)
    basis: Hashable = None
    items: dict[AccountKey, Any] = field(default_factory=dict)
