"""One cell by its kind: the contract's own form, what a spreadsheet made of it, and what must be refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocm.basics.months import Month
from cocm.care.records import Answer, ClaimStatus, Outcome, Programme
from cocm.intake.cells import CellRefused, Reading, careful_reader
from cocm.intake.contract import Column, Kind
from cocm.intake.problems import describe_cell
from cocm.intake.tables import TABLES

COLUMNS = [column for table in TABLES.values() for column in table.columns]
CELLS = st.one_of(
    st.text(max_size=80),
    st.from_regex(r"\s?[0-9]{1,10}([./E+-][0-9]{1,10}){0,3}\s?", fullmatch=True),
    st.dates().map(str),
    st.dates().map(lambda day: f"{day.month}/{day.day}/{day.year}"),
    st.sampled_from(
        ["=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(A1)", "#REF!", "NULL", "nan", "\ufeff", "\udcff", "'"]
    ),
)


def read(kind: Kind, cell: str, **column: object) -> Reading:
    return careful_reader(Column("any", kind, "", **column))(cell)  # type: ignore[arg-type]  # a test's short hand


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.TEXT, "  José Ñandú ", "José Ñandú"),
        (Kind.TEXT, "=HYPERLINK(1)", "=HYPERLINK(1)"),
        (Kind.IDENTIFIER, "00123-A", "00123-A"),
        (Kind.IDENTIFIERS, "S01; S02|S03", ("S01", "S02", "S03")),
        (Kind.DATE, "2028-02-29", date(2028, 2, 29)),
        (Kind.MONTH, "2026-03", Month(2026, 3)),
        (Kind.MONTH, "2026-03-31", Month(2026, 3)),
        (Kind.INTEGER, "045", 45),
        (Kind.MONEY, "$1,250.5", 125050),
        (Kind.ANSWER, "YES", Answer.YES),
        (Kind.ANSWER, "n", Answer.NO),
        (Kind.ANSWER, "", Answer.UNKNOWN),
        (Kind.FLAG, "", False),
        (Kind.FLAG, "true", True),
        (Kind.INSTRUMENT, "PHQ9", "phq-9"),
        (Kind.INSTRUMENT, "GAD-7", "gad-7"),
        (Kind.INSTRUMENT, "phq 9", "phq-9"),
        (Kind.HCPCS, "g2214", "G2214"),
        (Kind.DIAGNOSES, "f321, F41.1 E119", ("F32.1", "F41.1", "E11.9")),
        (Kind.NPI, "1093817462", "1093817462"),
        (Kind.TIN, "12-3456789", "123456789"),
        (Kind.TAXONOMY, "207q00000x", "207Q00000X"),
        (Kind.PLACE_OF_SERVICE, "11", "11"),
        (Kind.STATE, "ca", "CA"),
        (Kind.POSTAL_CODE, "96001-1234", "960011234"),
        (Kind.PHONE, "+1 (530) 555-0142", "5305550142"),
        (Kind.TIME_ZONE, "America/Los_Angeles", "America/Los_Angeles"),
    ],
)
def test_a_cell_in_its_own_form_needs_no_note(kind: Kind, cell: str, value: object) -> None:
    assert read(kind, cell) == Reading(value, "")


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        (Kind.DATE, "1/2/2026", date(2026, 1, 2)),
        (Kind.DATE, "2026-03-05 00:00:00", date(2026, 3, 5)),
        (Kind.DATE, "3/5/2026 12:00:00 AM", date(2026, 3, 5)),
        (Kind.DATE, "20260305", date(2026, 3, 5)),
        (Kind.DATE, "2026/3/5", date(2026, 3, 5)),
        (Kind.INTEGER, "25.0", 25),
        (Kind.HCPCS, "99492.0", "99492"),
        (Kind.NPI, "1.093817462E+09", "1093817462"),
        (Kind.NPI, "1093817462.0", "1093817462"),
        (Kind.NPI, "1093817463", "1093817463"),
        (Kind.TIN, "12345678", "012345678"),
        (Kind.PLACE_OF_SERVICE, "2", "02"),
        (Kind.POSTAL_CODE, "2139", "02139"),
        (Kind.POSTAL_CODE, "601", "00601"),
        (Kind.POSTAL_CODE, "21391234", "021391234"),
        (Kind.POSTAL_CODE, "2139-1234", "021391234"),
        (Kind.DIAGNOSES, "F32.1;F32.1", ("F32.1",)),
    ],
)
def test_what_a_spreadsheet_did_is_undone_and_noted(kind: Kind, cell: str, value: object) -> None:
    found, note = read(kind, cell)
    assert found == value
    assert note
    assert cell not in note


@pytest.mark.parametrize(
    ("kind", "cell", "expectation"),
    [
        (Kind.DATE, "46023", "day number"),
        (Kind.DATE, "13/2/2026", "month/day/year"),
        (Kind.DATE, "1/2/26", "YYYY-MM-DD"),
        (Kind.DATE, "2026-02-29", "exists"),
        (Kind.DATE, "2026-03-05 14:30", "YYYY-MM-DD"),
        (Kind.DATE, "0026-03-05", "1900"),
        (Kind.MONTH, "2026-13", "month that exists"),
        (Kind.MONTH, "March", "YYYY-MM"),
        (Kind.INTEGER, "25 min", "whole number"),
        (Kind.INTEGER, "-5", "whole number"),
        (Kind.INTEGER, "2.5", "whole number"),
        (Kind.INTEGER, "٣", "whole number"),
        (Kind.MONEY, "0", "above zero"),
        (Kind.MONEY, "1e3", "dollars"),
        (Kind.NPI, "1.99E+09", "all ten digits"),
        (Kind.NPI, "109381746", "ten digits"),
        (Kind.NPI, "3093817462", "ten digits"),
        (Kind.IDENTIFIER, "1.23457E+11", "scientific"),
        (Kind.IDENTIFIER, "123.0", "leading zeros"),
        (Kind.TEXT, "#N/A", "spreadsheet's error"),
        (Kind.TEXT, "two\nlines", "one line"),
        (Kind.TEXT, "bell\x07", "control"),
        (Kind.TEXT, "Jos\udce9", "UTF-8"),
        (Kind.TEXT, "x" * 61, "at most 60"),
        (Kind.HCPCS, "9949", "five"),
        (Kind.DIAGNOSES, "depression", "ICD-10-CM"),
        (Kind.DIAGNOSES, "F32.1;" * 13, "at most"),
        (Kind.PLACE_OF_SERVICE, "110", "two digits"),
        (Kind.STATE, "Calif.", "two letters"),
        (Kind.POSTAL_CODE, "9", "five or nine"),
        (Kind.TIN, "1234567", "nine digits"),
        (Kind.PHONE, "555-0142", "ten digits"),
        (Kind.TIME_ZONE, "Pacific", "IANA"),
        (Kind.TIME_ZONE, "../../etc/passwd", "IANA"),
        (Kind.ANSWER, "maybe", "yes, no or unknown"),
        (Kind.FLAG, "unknown", "yes or no"),
    ],
)
def test_a_cell_with_no_one_reading_is_refused_with_what_was_expected(
    kind: Kind, cell: str, expectation: str
) -> None:
    with pytest.raises(CellRefused, match=expectation):
        read(kind, cell)


def test_a_required_cell_must_not_be_empty() -> None:
    for cell in ("", "   ", "\u00a0"):
        with pytest.raises(CellRefused, match="must not be empty"):
            read(Kind.IDENTIFIER, cell, required=True)


def test_a_choice_is_found_in_any_case_and_an_empty_one_is_its_default() -> None:
    columns = TABLES["contacts"]
    assert careful_reader(columns.column("activity"))("Follow-Up").value == "follow_up"
    assert careful_reader(columns.column("outcome"))("").value is Outcome.DONE
    assert careful_reader(columns.column("programme"))("").value is Programme.COCM
    assert careful_reader(TABLES["claim_history"].column("status"))("PAID").value is ClaimStatus.PAID
    with pytest.raises(CellRefused, match="one of assessment, follow_up"):
        careful_reader(columns.column("activity"))("therapy")


@given(cell=CELLS, column=st.sampled_from(COLUMNS))
def test_any_cell_is_read_or_refused_for_a_reason(cell: str, column: Column) -> None:
    try:
        assert isinstance(careful_reader(column)(cell), Reading)
    except CellRefused as refusal:
        assert str(refusal)


@given(cell=CELLS, column=st.sampled_from([column for column in COLUMNS if column.identifying]))
def test_a_message_never_repeats_a_cell_that_may_tell_who_the_patient_is(cell: str, column: Column) -> None:
    described = describe_cell(column, cell)
    assert described in ("nothing", f"{len(cell)} characters that are not repeated here")


def test_a_name_that_slipped_into_another_column_is_not_repeated() -> None:
    contacts = TABLES["contacts"]
    for name in ("minutes", "started_at", "staff_id", "recorded_on"):
        assert "Davis" not in describe_cell(contacts.column(name), "Davis")
    assert describe_cell(contacts.column("minutes"), "25.5") == "'25.5'"
    assert describe_cell(contacts.column("started_at"), "3/5/26 2:30 PM") == "'3/5/26 2:30 PM'"
    assert describe_cell(contacts.column("activity"), "therapy") == "'therapy'"
