"""Members and enrolled places that a practice's own tables give a sandbox plan: spans of coverage with their ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cocm.basics.errors import UnusableInput
from cocm.care.people import Payer
from cocm.intake.moments import LocalClock
from cocm.intake.patient_reading import PatientReading
from cocm.intake.patient_records import coverage_from, patient_from
from cocm.intake.practice import open_practice
from cocm.intake.rows import RowReader


@dataclass(frozen=True, slots=True)
class MemberSpan:
    """A member's days with the payer, both included; `coverage_to` None: no end is known."""

    member_id: str
    birth_date: date
    coverage_from: date
    coverage_to: date | None


@dataclass(frozen=True, slots=True)
class PracticeMembers:
    """What a practice's tables say about one of its payers."""

    payer: Payer
    spans: tuple[MemberSpan, ...]
    billing_npi: str
    places: frozenset[str]


def practice_members(path: Path, payer_identifier: str | None) -> PracticeMembers:
    """The members of one of a practice's payers, by its payer id on claims; None where the practice has one payer.

    Raises `TableError` for tables that cannot be used, `UnusableInput` where the payer is none of the practice's.
    """
    with open_practice(path) as source:
        reference = source.reference
        payers = [
            payer
            for payer in reference.payers.values()
            if payer_identifier is None or payer.payer_identifier.upper() == payer_identifier.upper()
        ]
        if len(payers) != 1:
            known = ", ".join(sorted(payer.payer_identifier for payer in reference.payers.values()))
            raise UnusableInput(
                f"{path}: {len(payers)} payers with the id {payer_identifier or 'that is not given'}; choose one with "
                f"--payer-id: {known}"
            )
        readers = {name: RowReader(reference.layouts[name]) for name in ("patients", "coverages")}
        clock = LocalClock(reference.practice.time_zone)
        spans: list[MemberSpan] = []
        for rows in source.patient_groups():
            reading = PatientReading(reference, readers["patients"], clock)
            patients = reading.records(readers["patients"], rows.patients, patient_from)
            for _, held in reading.records(readers["coverages"], rows.coverages, coverage_from):
                if patients and held.payer_id == payers[0].payer_id:
                    birth_date = patients[0][1].birth_date
                    spans.append(MemberSpan(held.member_id, birth_date, held.coverage_from, held.coverage_to))
        places = frozenset(site.place_of_service_code for site in reference.sites.values())
        return PracticeMembers(payers[0], tuple(spans), reference.practice.billing_npi, places)
