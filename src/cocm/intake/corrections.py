"""Corrections of contacts: each names another entry of the patient, and no entry is corrected twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cocm.intake.patient_reading import PatientReading
from cocm.intake.patient_records import PlacedContact
from cocm.intake.rows import RawRow, RowRefused

_COLUMN = "corrects_contact_id"


def with_sound_corrections(
    reading: PatientReading, found: list[tuple[RawRow, PlacedContact]], rows: Sequence[RawRow]
) -> list[tuple[RawRow, PlacedContact]]:
    """The contacts without the corrections that cannot be followed; those are rejected.

    An entry may be corrected although its own row was rejected: that may be what the correction is for.
    """
    layout = reading.reader.layout
    known = {layout.cell(row, "contact_id").strip() for row in rows}
    replaces = {placed.contact_id: placed.contact.corrects_contact_id for _, placed in found}
    times = Counter(target for target in replaces.values() if target)
    sound = []
    for row, placed in found:
        target = placed.contact.corrects_contact_id
        if target and target not in known:
            reading.refuse(row, RowRefused(_COLUMN, "the contact_id of another entry of this patient"))
        elif target and times[target] > 1:
            expectation = (
                "an entry that one row corrects (correct the correction instead); none of them was read"
            )
            reading.refuse(row, RowRefused(_COLUMN, expectation))
        elif target and _leads_back(placed.contact_id, replaces):
            reading.refuse(row, RowRefused(_COLUMN, "an earlier entry, not one that corrects this one"))
        else:
            sound.append((row, placed))
    return sound


def _leads_back(contact_id: str, replaces: dict[str, str]) -> bool:
    seen = {contact_id}
    current = replaces[contact_id]
    while current and current not in seen:
        seen.add(current)
        current = replaces.get(current, "")
    return bool(current)
