"""Medicare's payment localities: their geographic indices, states and counties."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


@dataclass(frozen=True, slots=True)
class Locality:
    """A payment locality with its geographic practice cost indices, from a day up to another (exclusive).

    `locality` is the contractor's number and the locality's: `10112-00`. `counties` are CMS's own words,
    empty where no list of that year is at hand.
    """

    locality: str
    state: str
    name: str
    counties: str
    effective_from: date
    effective_to: date
    work_gpci: Decimal
    pe_gpci: Decimal
    mp_gpci: Decimal


def locality_on(rulebook: Rulebook, locality: str, day: date) -> Locality | None:
    """A locality's indices on a day; None where it does not exist or no indices of that day are at hand."""
    for found in _localities(rulebook).get(locality, ()):
        if found.effective_from <= day < found.effective_to:
            return found
    return None


def localities(rulebook: Rulebook, day: date, *, state: str | None = None) -> tuple[Locality, ...]:
    """The localities on a day, of one state if given (two letters), sorted; empty where none are at hand."""
    return tuple(
        found
        for _, rows in sorted(_localities(rulebook).items())
        for found in rows
        if found.effective_from <= day < found.effective_to and state in (None, found.state)
    )


@lru_cache(maxsize=4096)
def only_locality(rulebook: Rulebook, state: str, day: date) -> Locality | None:
    """The locality of every place in a state on a day; None where the state has several, or shares another's.

    Some counties of a state may belong to a neighbour's locality, whose name then has the state's letters in it
    (`DC + MD/VA Suburbs`): there the county decides, which an address does not tell.
    """
    of_state = localities(rulebook, day, state=state)
    if len(of_state) != 1:
        return None
    letters = re.compile(rf"\b{re.escape(state)}\b")
    is_shared = any(
        other.state != state and letters.search(other.name) for other in localities(rulebook, day)
    )
    return None if is_shared else of_state[0]


@lru_cache(maxsize=8)
def _localities(rulebook: Rulebook) -> Mapping[str, Sequence[Locality]]:
    counties = {
        (row.text("locality"), row.day("effective_from")): row.text("counties")
        for row in read_table(rulebook.data_file("fees/locality_counties.csv"))
    }
    found: dict[str, list[Locality]] = {}
    for row in read_table(rulebook.data_file("fees/localities.csv")):
        locality, effective_from = row.text("locality"), row.day("effective_from")
        found.setdefault(locality, []).append(
            Locality(
                locality=locality,
                state=row.text("state"),
                name=row.text("name"),
                counties=counties.get((locality, effective_from), ""),
                effective_from=effective_from,
                effective_to=row.day("effective_to"),
                work_gpci=row.number("work_gpci"),
                pe_gpci=row.number("pe_gpci"),
                mp_gpci=row.number("mp_gpci"),
            )
        )
    return found
