"""Who a pack speaks for: the payer's label, its parent in the rulebook and its class of insurance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cocm.basics.errors import RulebookError
from cocm.rules.parse import refuse_other_fields, required_text

ROOT_PAYER: Final = "cpt"
_PROFILE_FIELDS: Final = frozenset(
    [
        "id",
        "label",
        "parent",
        "line_of_business",
        "claim_filing_code",
        "payer_identifiers",
        "payer_names",
        "note",
    ]
)
_LINES_OF_BUSINESS: Final = frozenset(
    ["reference", "medicare", "medicare-advantage", "medicaid", "commercial"]
)


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """Who a pack speaks for. `claim_filing_code` is X12 SBR09 (MB Medicare, MC Medicaid, CI commercial).

    `payer_identifiers` and `payer_names` are the payer's own on a claim (837P 2010BB NM109, NM103), as far as they
    mean this payer and no other; a practice's overlay may name those of its contracts.
    """

    payer_id: str
    label: str
    parent: str | None
    line_of_business: str
    claim_filing_code: str
    note: str
    payer_identifiers: tuple[str, ...] = ()
    payer_names: tuple[str, ...] = ()


def parse_profile(path: Path, payer_id: str, content: Mapping[str, Any]) -> PayerProfile:
    """The profile in a payer's `profile.yaml`. Raises `RulebookError` naming the file and field."""
    refuse_other_fields(path, content, _PROFILE_FIELDS)
    if content.get("id") != payer_id:
        raise RulebookError(f"{path}: id is {content.get('id')!r} but the folder is named {payer_id}")
    line_of_business = required_text(path, content, "line_of_business")
    if line_of_business not in _LINES_OF_BUSINESS:
        raise RulebookError(
            f"{path}: line_of_business {line_of_business!r} is none of "
            f"{', '.join(sorted(_LINES_OF_BUSINESS))}"
        )
    parent = content.get("parent")
    if parent is None and payer_id != ROOT_PAYER:
        raise RulebookError(f"{path}: a pack needs a parent; only {ROOT_PAYER} has none")
    if parent is not None and not isinstance(parent, str):
        raise RulebookError(f"{path}: parent {parent!r} is not the id of a payer")
    return PayerProfile(
        payer_id=payer_id,
        label=required_text(path, content, "label"),
        parent=parent,
        line_of_business=line_of_business,
        claim_filing_code=required_text(path, content, "claim_filing_code"),
        note=str(content.get("note", "")).strip(),
        payer_identifiers=_texts(path, content, "payer_identifiers"),
        payer_names=_texts(path, content, "payer_names"),
    )


def _texts(path: Path, content: Mapping[str, Any], field: str) -> tuple[str, ...]:
    given = content.get(field, [])
    if not isinstance(given, list) or not all(isinstance(one, str) and one.strip() for one in given):
        raise RulebookError(f"{path}: {field} is not a list of texts (quote identifiers)")
    return tuple(given)
