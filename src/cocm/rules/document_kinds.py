"""Kinds of documents a month packet holds, with their LOINC codes, and those that never leave the chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from cocm.rules.rulebook import Rulebook
from cocm.rules.tables import read_table


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document. `is_excluded`: psychotherapy notes, which no request for records reaches (45 CFR 164.501)."""

    kind: str
    label: str
    loinc_code: str
    packet_item: str
    is_excluded: bool


@lru_cache(maxsize=8)
def document_kinds(rulebook: Rulebook) -> Mapping[str, DocumentKind]:
    """Every kind by its name."""
    rows = read_table(rulebook.data_file("denials/document_kinds.csv"))
    kinds = (
        DocumentKind(
            row.text("kind"),
            row.text("label"),
            row.text("loinc_code"),
            row.text("packet_item"),
            row.flag("is_excluded"),
        )
        for row in rows
    )
    return {kind.kind: kind for kind in kinds}
