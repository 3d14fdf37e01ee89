"""The caseload as a workbook with the columns of the AIMS Center's spreadsheet, and ours after them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from cocm.intake.workbook_out import workbook_bytes
from cocm.server.files import plain_cell
from cocm.server.registry.caseload import CaseloadRow
from cocm.server.registry.caseload_table import STATUS_WORDS

AIMS_COLUMNS: Final = (
    "Patient ID", "MRN", "First name", "Last name", "Status", "PHQ-9 first", "PHQ-9 last", "GAD-7 first",
    "GAD-7 last", "I/A", "F/U", "P/C", "RPP", "# sessions", "Weeks since I/A", "Minutes this month",
)  # fmt: skip
"""The tracker's own columns, in its order. Whoever brings such a sheet in reads by these names."""
OUR_COLUMNS: Final = ("Flags", "Care manager", "Psychiatric consultant", "Payer", "Consent")


def aims_row(row: CaseloadRow, today: date) -> tuple[Any, ...]:
    """One patient's cells."""
    phq, gad = row.scores("phq-9"), row.scores("gad-7")
    values = row.values
    return (
        values["patient_id"],
        values["medical_record_number"],
        values["first_name"],
        values["last_name"],
        STATUS_WORDS.get(row.status, row.status),  # type: ignore[call-overload]
        phq[0].score if phq else None,
        phq[-1].score if phq else None,
        gad[0].score if gad else None,
        gad[-1].score if gad else None,
        values["start_date"],
        row.last_reached_on,
        row.last_reviewed_on,
        row.relapse_plan_date,
        row.sessions_total,
        (today - values["start_date"]).days // 7,
        row.minutes.minutes_counted if row.minutes else None,
        "; ".join(f"{flag.rule.label}: {flag.reason}" for flag in row.flags),
        row.bhcm,
        row.consultant,
        row.cover.payer if row.cover else None,
        row.consent_date,
    )


def aims_workbook(rows: Sequence[CaseloadRow], today: date) -> bytes:
    """The workbook's bytes. A text that a spreadsheet would take for a formula is kept as text."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    sheet = book.active
    sheet.title = "Caseload"
    sheet.append((*AIMS_COLUMNS, *OUR_COLUMNS))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([plain_cell(value) for value in aims_row(row, today)])
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd"
    sheet.freeze_panes = "E2"
    sheet.auto_filter.ref = sheet.dimensions
    for index, heading in enumerate((*AIMS_COLUMNS, *OUR_COLUMNS)):
        width = 60 if heading == "Flags" else max(11, len(heading) + 2)
        sheet.column_dimensions[sheet.cell(1, index + 1).column_letter].width = width
    book.properties.creator = "OpenCoCM"
    return workbook_bytes(book)
