"""From a claim of any system to what the edits check: its CoCM lines with the place and practitioner they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from cocm.basics.identity import Provenance
from cocm.care.people import Address
from cocm.care.records import HistoryLine
from cocm.edits.subject import EditSubject, Evidence
from cocm.rules import PackOn
from cocm.x12 import ClaimRecord, LineRecord, claim_from_record

_NOWHERE: Final = Address("", "", "", "")


def cocm_lines(record: ClaimRecord, cocm_codes: Mapping[str, object]) -> tuple[LineRecord, ...]:
    """The lines with a code that some payer of the rulebook uses for the service."""
    return tuple(line for line in record.lines if line.hcpcs_code in cocm_codes)


def service_day(lines: tuple[LineRecord, ...]) -> date:
    """The day whose rules hold: the first date of service of the lines."""
    return min(line.service_to_date for line in lines)


def subject_of(
    record: ClaimRecord,
    lines: tuple[LineRecord, ...],
    policy: PackOn,
    history: tuple[HistoryLine, ...],
    provenance: Provenance,
) -> EditSubject:
    """The claim as the edits see it, without any evidence but the file's. `lines` are its CoCM lines.

    What the guide lets a line say for itself (place of service, rendering provider) is taken from the first of them.
    Other lines with units that are not whole (a drug's, say) are left out. Raises `X12Error` for a CoCM line of that
    kind, and for a claim without the patient's birth date.
    """
    first = lines[0]
    patient = record.patient
    adapted = replace(
        record,
        place_of_service_code=first.place_of_service_code or record.place_of_service_code,
        rendering=first.rendering or record.rendering,
        patient=replace(patient, address=patient.address or _NOWHERE),
        lines=tuple(line for line in record.lines if line in lines or _is_whole(line)),
    )
    claim = claim_from_record(
        adapted, organization_id="", pack_id=policy.payer_id, patient_id="", provenance=provenance
    )
    return EditSubject(
        claim=claim,
        payer=None,
        policy=policy,
        history=history,
        evidence=Evidence.unknown(),
        as_of_date=provenance.as_of_date,
    )


def _is_whole(line: LineRecord) -> bool:
    return line.service_unit_quantity == line.service_unit_quantity.to_integral_value()
