"""What a provider taxonomy says of its holder: the kinds of practitioner, and a facility's type of bill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


@dataclass(frozen=True, slots=True)
class BillType:
    """A type of bill (`077X`: the last digit says how often it is sent) and the facilities that use it.

    `place_of_service_code` is empty where no place of service is the facility's own.
    """

    bill_type: str
    label: str
    taxonomy_code: str
    place_of_service_code: str


@lru_cache(maxsize=4096)
def practitioner_types(rulebook: Rulebook, taxonomy_code: str) -> frozenset[str]:
    """Every kind of practitioner that holds a taxonomy; empty where the table does not tell."""
    return frozenset(kind for prefix, kind in types_by_prefix(rulebook) if taxonomy_code.startswith(prefix))


@lru_cache(maxsize=8)
def types_by_prefix(rulebook: Rulebook) -> tuple[tuple[str, str], ...]:
    """The beginnings of taxonomies, each with a kind of practitioner."""
    rows = read_table(rulebook.data_file("codes/practitioner_types.csv"))
    return tuple((row.text("taxonomy_prefix"), row.text("practitioner_type")) for row in rows)


@lru_cache(maxsize=8)
def bill_types(rulebook: Rulebook) -> Sequence[BillType]:
    """The types of bill by facility, in the table's order."""
    rows = read_table(rulebook.data_file("codes/bill_types.csv"))
    return tuple(
        BillType(
            row.text("bill_type"),
            row.text("label"),
            row.text("taxonomy_code"),
            row.text("place_of_service_code"),
        )
        for row in rows
    )
