"""The rulebook's code tables: HCPCS codes, places of service and taxonomies, in our own words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


@dataclass(frozen=True, slots=True)
class HcpcsCode:
    """A code of the model or a neighbour, and when Medicare took it (`effective_to` exclusive; None: open).

    Another payer may go on taking a code that Medicare has ended; a pack says so.
    """

    hcpcs_code: str
    label: str
    kind: str
    effective_from: date
    effective_to: date | None

    def is_valid_on(self, day: date) -> bool:
        """Whether Medicare takes the code on a date of service."""
        return self.effective_from <= day and (self.effective_to is None or day < self.effective_to)


@dataclass(frozen=True, slots=True)
class PlaceOfService:
    """A two-digit place of service. Facility places are paid at the lower facility rate."""

    place_of_service_code: str
    label: str
    is_facility: bool


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A provider taxonomy with the part its holders play: a role of the team, or a kind of facility."""

    taxonomy_code: str
    label: str
    role: str


@lru_cache(maxsize=8)
def hcpcs_codes(rulebook: Rulebook) -> Mapping[str, HcpcsCode]:
    """The HCPCS codes of Collaborative Care, general BHI and advanced primary care, by code."""
    rows = read_table(rulebook.data_file("codes/hcpcs.csv"))
    codes = (
        HcpcsCode(
            hcpcs_code=row.text("hcpcs_code"),
            label=row.text("label"),
            kind=row.text("kind"),
            effective_from=row.day("effective_from"),
            effective_to=row.day_or_none("effective_to"),
        )
        for row in rows
    )
    return {code.hcpcs_code: code for code in codes}


@lru_cache(maxsize=8)
def places_of_service(rulebook: Rulebook) -> Mapping[str, PlaceOfService]:
    """The places of service by their two digits."""
    rows = read_table(rulebook.data_file("codes/place_of_service.csv"))
    places = (
        PlaceOfService(row.text("place_of_service_code"), row.text("label"), row.flag("is_facility"))
        for row in rows
    )
    return {place.place_of_service_code: place for place in places}


@lru_cache(maxsize=8)
def taxonomies(rulebook: Rulebook) -> Mapping[str, Taxonomy]:
    """The provider taxonomies likely on these claims, by code."""
    rows = read_table(rulebook.data_file("codes/taxonomy.csv"))
    found = (Taxonomy(row.text("taxonomy_code"), row.text("label"), row.text("role")) for row in rows)
    return {taxonomy.taxonomy_code: taxonomy for taxonomy in found}


def taxonomy_exists_on(rulebook: Rulebook, taxonomy_code: str, day: date) -> bool | None:
    """Whether NUCC's list held a taxonomy code on a day; None where no list that reaches back to it is loaded."""
    spans = _taxonomy_spans(rulebook)
    if not any(first <= day for rows in spans.values() for first, _ in rows):
        return None
    return any(first <= day and (end is None or day < end) for first, end in spans.get(taxonomy_code, ()))


@lru_cache(maxsize=8)
def _taxonomy_spans(rulebook: Rulebook) -> Mapping[str, list[tuple[date, date | None]]]:
    spans: dict[str, list[tuple[date, date | None]]] = {}
    for row in read_table(rulebook.data_file("codes/taxonomy_codes.csv")):
        spans.setdefault(row.text("taxonomy_code"), []).append(
            (row.day("effective_from"), row.day_or_none("effective_to"))
        )
    return spans
