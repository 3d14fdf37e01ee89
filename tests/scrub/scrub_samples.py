"""Claim files of a practice that uses nothing else of ours, and what the scrub says of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from claim_samples import ADD_ON_LINE, ENVELOPE, FIRST_LINE, make_claim, written

from cocm.claims.records import Claim, Organization, ServiceLine
from cocm.rules import Rulebook
from cocm.scrub.report import ClaimReport, FileReport, UnusableFile
from cocm.scrub.scrub import Scrub, ScrubRequest
from cocm.x12 import Envelope

AS_OF = date(2026, 4, 2)
RULEBOOK = Rulebook()
LATER_LINE = replace(FIRST_LINE, hcpcs_code="99493")
OFFICE_VISIT = replace(FIRST_LINE, hcpcs_code="99213", charge_amount_cents=9000)
MEDICARE = Organization("MEDICARE", "12345", "", "", None)


def line(code: str, number: int = 1, units: int = 1, day: date = date(2026, 3, 31)) -> ServiceLine:
    """A service line."""
    return replace(
        FIRST_LINE,
        hcpcs_code=code,
        claim_line_number=number,
        service_unit_quantity=units,
        service_date=day,
        charge_amount_cents=10_000 * units,
    )


def person(number: int, **changes: Any) -> Claim:
    """A claim of a patient of this number; the claim's own number is the patient's unless given."""
    claim_number = changes.pop("claim_number", number)
    changes = {
        "member_id": f"GHP{number:09d}",
        "patient_birth_date": date(1980, 1, number % 28 + 1),
        **changes,
    }
    return make_claim(claim_number, **{"patient_last_name": f"SAMPLE{chr(65 + number % 26)}", **changes})


def medicare(number: int, **changes: Any) -> Claim:
    """The same to Medicare."""
    return person(number, **{"payer": MEDICARE, "claim_filing_code": "MB", "group_number": "", **changes})


def claim_file(folder: Path, name: str, *claims: Claim, envelope: Envelope = ENVELOPE) -> Path:
    """A file of claims."""
    path = folder / name
    path.write_bytes(written(claims, envelope))
    return path


def scrubbed(
    *files: Path, pack_id: str | None = None, history: Path | None = None, rulebook: Rulebook = RULEBOOK
) -> tuple[Scrub, list[ClaimReport | FileReport | UnusableFile]]:
    """A run with all its reports."""
    scrub = Scrub(ScrubRequest(files, AS_OF, pack_id, history), rulebook)
    scrub.prepare()
    return scrub, list(scrub.reports())


def failures(*files: Path, pack_id: str | None = None, history: Path | None = None) -> dict[str, set[str]]:
    """The ids of the edits that failed, by claim id; every checked claim is there."""
    _, reports = scrubbed(*files, pack_id=pack_id, history=history)
    return {
        report.claim_id: {finding.edit_id for finding in report.result.failures}
        for report in reports
        if isinstance(report, ClaimReport)
    }


__all__ = [
    "ADD_ON_LINE",
    "AS_OF",
    "ENVELOPE",
    "FIRST_LINE",
    "LATER_LINE",
    "OFFICE_VISIT",
    "RULEBOOK",
    "claim_file",
    "failures",
    "line",
    "medicare",
    "person",
    "scrubbed",
]
