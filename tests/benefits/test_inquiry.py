"""A month's patients are asked about in one request that a payer can read."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime

import pytest

from cocm.basics.errors import UnusableInput
from cocm.basics.months import Month
from cocm.benefits.inquiry import AskedPatient, asked_service_types, month_inquiry
from cocm.care.people import Address, Coverage, Patient, Payer, Practice, Subscriber
from cocm.rules import Rulebook
from cocm.x12 import Envelope
from cocm.x12.eligibility_reader import read_270
from cocm.x12.eligibility_writer import write_270
from cocm.x12.validate import validate

ADDRESS = Address("1 Main St", "Oakland", "CA", "946120001")
RULEBOOK = Rulebook()
PRACTICE = Practice(
    "ORG",
    "Test Clinic",
    "1234567893",
    "999000001",
    "207Q00000X",
    ADDRESS,
    "5105550100",
    "Desk",
    "UTC",
    "SUB1",
    None,
)
PAYER = Payer("PLAN", "Golden Test Plan", "ca-commercial-carveout", "GTP01", "", "GTP01", None)
PATIENT = Patient("P1", "Quill", "Test", date(1980, 5, 6), "F", ADDRESS)
COVERAGE = Coverage("P1", "PLAN", "M1", "G1", "self", None, date(2025, 1, 1), None, 1)
HOLDER = Subscriber("Quill", "Holder", date(1960, 1, 1), "M", ADDRESS)


def written(*people: AskedPatient) -> bytes:
    record = month_inquiry(
        people, payer=PAYER, practice=PRACTICE, month=Month(2026, 3), reference="R1", rulebook=RULEBOOK
    )
    out = io.BytesIO()
    write_270([record], Envelope("SUB1", "", "", "", "GTP01", "", datetime(2026, 2, 27, 8), 7, 7), out)
    return out.getvalue()


@pytest.mark.parametrize("relationship", ["self", "spouse", "child", "other"])
def test_a_request_is_valid_and_asks_for_the_month(relationship: str) -> None:
    holder = None if relationship == "self" else HOLDER
    coverage = replace(COVERAGE, relationship=relationship, subscriber=holder)
    content = written(AskedPatient("T1", PATIENT, coverage))
    assert validate(content) == ()
    (record,) = read_270(content)
    (asked,) = record.patients()
    assert asked.patient.traces[0].number == "T1"
    assert asked.patient.party.birth_date == PATIENT.birth_date
    assert asked.subscriber.party.identifier == "M1"
    (span,) = asked.patient.dates
    assert (span.from_date, span.to_date) == (date(2026, 3, 1), date(2026, 3, 31))


def test_behavioral_services_are_not_asked_about() -> None:
    content = written(AskedPatient("T1", PATIENT, COVERAGE))
    (record,) = read_270(content)
    ((inquiry,),) = [asked.patient.inquiries for asked in record.patients()]
    assert inquiry.service_type_codes == asked_service_types(RULEBOOK)
    assert "MH" not in inquiry.service_type_codes


def test_nobody_is_no_request() -> None:
    with pytest.raises(UnusableInput, match="nobody"):
        written()
