"""From a row's values to our records: patient, coverage, episode, contact, measure, review, other service,
history.

Each builder takes the values in the contract's order and raises `RowRefused` when they do not agree with each
other or name something that is not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from cocm.basics.records import maker
from cocm.care.people import Address, Coverage, Patient, Subscriber
from cocm.care.records import (
    Answer,
    CaseloadReview,
    Consent,
    Contact,
    Decision,
    Episode,
    HistoryLine,
    InitiatingVisit,
    MeasureScore,
    OtherService,
)
from cocm.intake.cells import NOTE_ZEROS
from cocm.intake.contract import CONTACT_MINUTES_MAX
from cocm.intake.patient_reading import PatientReading, unknown_reference
from cocm.intake.rows import RowRefused

NOTE_CONSENT_UNANSWERED = "a consent date without an answer in consent_given leaves the consent unknown"
NOTE_ALL_ELSEWHERE = "without billed_elsewhere_minutes, all of the contact counts as billed elsewhere"
NOTE_RECORDED_BEFORE = "an entry recorded before the day of the contact was read as it stands"
NOTE_PAYER_OF_OLD = "an earlier claim to a payer that is not in payers was read as it stands"


_TEAM = ("billing_practitioner_id", "bhcm_id", "psychiatric_consultant_id", "referring_practitioner_id")
_REVIEWERS = ("bhcm_id", "psychiatric_consultant_id")

_address, _patient, _coverage = maker(Address), maker(Patient), maker(Coverage)
_consent, _initiating_visit, _episode = maker(Consent), maker(InitiatingVisit), maker(Episode)
_contact, _measure, _review = maker(Contact), maker(MeasureScore), maker(CaseloadReview)
_other_service, _history_line = maker(OtherService), maker(HistoryLine)


class PlacedContact(NamedTuple):
    """A contact with its place on the line of time: its plain order is the order of contacts."""

    timestamp: float
    contact_id: str
    month_index: int
    contact: Contact


def patient_from(_reading: PatientReading, values: Sequence[Any]) -> Patient:
    patient_id, last_name, first_name, birth_date, sex, line, city, state, postal_code = values
    return _patient(
        patient_id, last_name, first_name, birth_date, sex, _address(line, city, state, postal_code)
    )


def coverage_from(reading: PatientReading, values: Sequence[Any]) -> Coverage:
    patient_id, payer_id, member_id, group_number, relationship = values[:5]
    coverage_from_date, coverage_to, rank, authorization_number, authorization_to = values[13:]
    if payer_id not in reading.reference.payers:
        raise unknown_reference("payer_id", "payers", payer_id, reading.reference)
    if coverage_to is not None and coverage_to < coverage_from_date:
        raise RowRefused("coverage_to", "a day not before coverage_from")
    digits = reading.reference.member_id_digits.get(payer_id)
    if digits is not None and len(member_id) < digits and member_id.isdigit():
        member_id = member_id.zfill(digits)
        reading.note("member_id", NOTE_ZEROS)
    subscriber = None
    if relationship != "self":
        last_name, first_name, birth_date, sex, line, city, state, postal_code = values[5:13]
        if not (last_name and first_name):
            missing = "subscriber_last_name" if not last_name else "subscriber_first_name"
            raise RowRefused(missing, "the policy holder's name, because the relationship is not self")
        subscriber = Subscriber(
            last_name, first_name, birth_date, sex, Address(line, city, state, postal_code)
        )
    return _coverage(
        patient_id,
        payer_id,
        member_id,
        group_number,
        relationship,
        subscriber,
        coverage_from_date,
        coverage_to,
        rank,
        authorization_number,
        authorization_to,
    )


def episode_from(reading: PatientReading, values: Sequence[Any]) -> Episode:
    start_date, end_date, site_id = values[2], values[3], values[5]
    if end_date is not None and end_date < start_date:
        raise RowRefused("end_date", "a day not before start_date")
    if site_id and site_id not in reading.reference.sites:
        raise unknown_reference("site_id", "sites", site_id, reading.reference)
    for column_name, staff_id in zip(_TEAM, values[6:10], strict=True):
        if staff_id and staff_id not in reading.reference.staff:
            raise unknown_reference(column_name, "staff", staff_id, reading.reference)
    if values[11] is Answer.UNKNOWN and values[12] is not None:
        reading.note("consent_given", NOTE_CONSENT_UNANSWERED)
    consent, visit = _consent(*values[11:16]), _initiating_visit(*values[16:20])
    return _episode(*[*values[:11], consent, visit, values[20]])


def contact_from(reading: PatientReading, values: Sequence[Any]) -> PlacedContact:
    (
        contact_id,
        patient_id,
        staff_id,
        started_at,
        minutes,
        seconds,
        note_minutes,
        activity,
        modality,
        outcome,
        programme,
        acting_as_bhcm,
        elsewhere_code,
        elsewhere_minutes,
        recorded_on,
        corrects_contact_id,
        correction_reason,
    ) = values
    member = reading.reference.staff.get(staff_id)
    if member is None:
        raise unknown_reference("staff_id", "staff", staff_id, reading.reference)
    at, timestamp, month_index = reading.moment("started_at", started_at)
    service_seconds = minutes * 60 + seconds
    elsewhere_seconds = 0
    if elsewhere_minutes is not None:
        elsewhere_seconds = elsewhere_minutes * 60
    elif elsewhere_code:
        elsewhere_seconds = service_seconds
        reading.note("billed_elsewhere_minutes", NOTE_ALL_ELSEWHERE)
    if elsewhere_seconds > service_seconds:
        raise RowRefused("billed_elsewhere_minutes", "no more minutes than the contact has")
    if service_seconds > CONTACT_MINUTES_MAX * 60:
        raise RowRefused("seconds", f"no more than {CONTACT_MINUTES_MAX} minutes in one contact")
    if corrects_contact_id:
        reading.corrections += 1
        if corrects_contact_id == contact_id:
            raise RowRefused("corrects_contact_id", "the id of another entry")
        if not correction_reason:
            raise RowRefused("correction_reason", "the reason, because the row corrects another")
    if recorded_on is not None and recorded_on < at.date():
        reading.note("recorded_on", NOTE_RECORDED_BEFORE)
    contact = _contact(
        contact_id,
        patient_id,
        staff_id,
        member.role,
        at,
        service_seconds,
        note_minutes * 60,
        activity,
        modality,
        outcome,
        programme,
        acting_as_bhcm,
        elsewhere_code,
        elsewhere_seconds,
        recorded_on,
        corrects_contact_id,
        correction_reason,
    )
    return PlacedContact(timestamp, contact_id, month_index, contact)


def measure_from(_reading: PatientReading, values: Sequence[Any]) -> MeasureScore:
    return _measure(*values)


def review_from(reading: PatientReading, values: Sequence[Any]) -> CaseloadReview:
    for column_name, staff_id in zip(_REVIEWERS, values[2:], strict=True):
        if staff_id and staff_id not in reading.reference.staff:
            raise unknown_reference(column_name, "staff", staff_id, reading.reference)
    return _review(*values)


def other_service_from(_reading: PatientReading, values: Sequence[Any]) -> OtherService:
    service = _other_service(*values)
    if service.stay_to is None and not service.hcpcs_code:
        raise RowRefused("hcpcs_code", "a service code, or the last day of an inpatient stay in stay_to")
    if service.stay_to is not None and service.stay_to < service.service_date:
        raise RowRefused("stay_to", "a day not before service_date")
    return service


def decision_from(reading: PatientReading, values: Sequence[Any]) -> Decision:
    return Decision(*values)


def history_from(reading: PatientReading, values: Sequence[Any]) -> HistoryLine:
    line = _history_line(*values)
    if line.payer_id not in reading.reference.payers:
        reading.note("payer_id", NOTE_PAYER_OF_OLD)
    return line
