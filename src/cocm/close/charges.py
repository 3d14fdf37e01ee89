"""The charge export: one row a service line, for practices whose own billing system sends the claim."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cocm.basics.files import atomic_write, safe_cell
from cocm.basics.money import plain_dollars
from cocm.claims.records import Claim, ServiceLine

CHARGE_COLUMNS: Final = (
    "claim_id",
    "claim_line_number",
    "patient_id",
    "payer_name",
    "payer_identifier",
    "service_date",
    "hcpcs_code",
    "modifiers",
    "service_unit_quantity",
    "charge_amount",
    "diagnosis_codes",
    "diagnosis_pointers",
    "place_of_service_code",
    "billing_npi",
    "rendering_npi",
    "supervising_npi",
    "frequency_code",
    "payer_claim_control_number",
)
LIST_SEPARATOR: Final = ";"


def export_charges(claims: Iterable[Claim], path: Path) -> int:
    """Write the charge file, whole or not at all, readable by its owner alone. Returns its rows without the heading."""
    with atomic_write(path) as out:
        return write_charges(claims, out)


def write_charges(claims: Iterable[Claim], out: BinaryIO) -> int:
    """Write the charges as CSV (UTF-8, a heading, CRLF line ends) and return the rows without the heading.

    Lists stand in one cell with `;` between their members; `diagnosis_pointers` are places in `diagnosis_codes` from
    1. Cells that a spreadsheet would take for a formula begin with an apostrophe.
    """
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow(CHARGE_COLUMNS)
        count = 0
        for claim in claims:
            for row in charge_rows(claim):
                writer.writerow(row)
                count += 1
        return count
    finally:
        text.detach()  # `out` is the caller's to close


def charge_rows(claim: Claim) -> Iterator[tuple[str, ...]]:
    """A claim's rows in the order of `CHARGE_COLUMNS`."""
    for line in claim.lines:
        yield tuple(map(safe_cell, _cells(claim, line)))


def _cells(claim: Claim, line: ServiceLine) -> tuple[str, ...]:
    return (
        claim.claim_id,
        str(line.claim_line_number),
        claim.patient_id,
        claim.payer.name,
        claim.payer.identifier,
        line.service_date.isoformat(),
        line.hcpcs_code,
        LIST_SEPARATOR.join(line.modifiers),
        str(line.service_unit_quantity),
        plain_dollars(line.charge_amount_cents),
        LIST_SEPARATOR.join(claim.diagnosis_codes),
        LIST_SEPARATOR.join(map(str, line.diagnosis_pointers)),
        claim.place_of_service_code,
        claim.billing.identifier,
        claim.rendering.npi if claim.rendering is not None else claim.billing.identifier,
        claim.supervising.npi if claim.supervising is not None else "",
        claim.frequency_code,
        claim.payer_claim_control_number,
    )
