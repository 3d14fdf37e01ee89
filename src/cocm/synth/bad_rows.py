"""Rows that are bad on purpose, to show how they are reported."""

from __future__ import annotations

from cocm.basics.months import Month
from cocm.synth.sink import Sink
from cocm.synth.team import Team

BAD_ROWS_OF_TEAM = 1


def write_bad_staff(sink: Sink) -> int:
    """A person whose NPI a spreadsheet has rounded; the bad rows written."""
    sink.add(
        "staff",
        staff_id="PCP-9999",
        last_name="Rounded",
        first_name="Number",
        role="billing_practitioner",
        npi="1.99E+09",
    )
    return BAD_ROWS_OF_TEAM


def write_bad_rows(sink: Sink, team: Team, patient_id: str, month: Month) -> int:
    """Bad rows of a patient who is there; how many."""
    bhcm = team.bhcms[0].staff_id
    contact = {"patient_id": patient_id, "staff_id": bhcm, "activity": "follow_up", "modality": "phone"}
    good = {"started_at": f"{month}-11 09:00", "minutes": 20}
    bad_contacts: list[dict[str, object]] = [
        {"contact_id": f"{patient_id}-B1"} | good | {"minutes": "twenty"},
        {"contact_id": f"{patient_id}-B2"} | good | {"staff_id": "NOBODY-1"},
        {"contact_id": f"{patient_id}-B3"} | good | {"started_at": "2026-03-08 02:30"},
        {"contact_id": f"{patient_id}-B4"} | good | {"started_at": "46090.4"},
        {"contact_id": f"{patient_id}-B5"} | good | {"activity": "tea with the patient"},
        {"contact_id": f"{patient_id}-B6"} | good,
        {"contact_id": f"{patient_id}-B6"} | good | {"minutes": 25},
    ]
    for row in bad_contacts:
        sink.add_row("contacts", contact | row)
    sink.add("coverages", patient_id=patient_id, payer_id="NO-SUCH-PLAN", member_id="X1", relationship="self",
             coverage_from="2025-01-01")  # fmt: skip
    sink.add("measures", patient_id=patient_id, instrument="phq-9", taken_on="3/5/26", score=10)
    sink.add("other_services", patient_id=patient_id, service_date=f"{month}-12")
    return len(bad_contacts) + 3


def write_stray_rows(sink: Sink, team: Team, patient_id: str, month: Month) -> int:
    """A contact of a patient who is in no patients row; how many rows."""
    sink.add(
        "contacts",
        contact_id=f"{patient_id}-1",
        patient_id=patient_id,
        staff_id=team.bhcms[0].staff_id,
        started_at=f"{month}-11 09:00",
        minutes=20,
        activity="follow_up",
    )
    return 1
