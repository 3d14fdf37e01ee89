"""Claims that are right in every part, to be varied one field at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.x12 import Envelope

BILLING = Organization(
    name="Lakeside Family Medicine",
    identifier="1234567893",
    tin="941234567",
    taxonomy_code="207Q00000X",
    address=Address("100 Main Street", "Oakland", "CA", "946120001"),
)
PAYER = Organization("Golden Health Plan", "GHP01", "", "", None)
PRACTITIONER = Person("Okafor", "Grace", "1679576722", "207Q00000X")
CARE_MANAGER = Person("Lopez", "Maria", "1245319599", "1041C0700X")
SECOND_SITE = Organization(
    "Lakeside West Clinic", "1497758544", "", "", Address("5 West Street", "Berkeley", "CA", "947040002")
)
FIRST_LINE = ServiceLine(1, "99492", (), 1, 16032, date(2026, 3, 31), (1, 2))
ADD_ON_LINE = ServiceLine(2, "99494", (), 2, 12400, date(2026, 3, 31), (1,))

ENVELOPE = Envelope(
    sender_id="LAKESIDE01",
    sender_name="Lakeside Family Medicine",
    contact_name="Billing Office",
    contact_phone="(510) 555-0100",
    receiver_id="CLEARHOUSE",
    receiver_name="Clearing House",
    created_at=datetime(2026, 4, 2, 9, 30),
    interchange_control_number=1,
    group_control_number=1,
)


def make_claim(number: int = 1, **changes: Any) -> Claim:
    """A patient who is the subscriber, with a first month and two add-on units."""
    claim = Claim(
        claim_id=f"C-{number:014d}",
        organization_id="lakeside",
        month=Month(2026, 3),
        pack_id="cpt",
        patient_id=f"P{number}",
        patient_last_name="DAVIS",
        patient_first_name="ARIANA",
        patient_birth_date=date(1988, 2, 29),
        patient_sex="F",
        patient_address=Address("12 ELM STREET", "OAKLAND", "CA", "94610"),
        relationship="self",
        subscriber=None,
        member_id=f"GHP{number:09d}",
        group_number="G100",
        claim_filing_code="CI",
        payer_sequence="P",
        payer=PAYER,
        billing=BILLING,
        billing_phone="510-555-0100",
        rendering=PRACTITIONER,
        supervising=None,
        referring=None,
        service_facility=None,
        place_of_service_code="11",
        frequency_code="1",
        payer_claim_control_number="",
        diagnosis_codes=("F32.1", "F41.1"),
        lines=(FIRST_LINE, ADD_ON_LINE),
        provenance=Provenance("lakeside", date(2026, 4, 2), "test"),
    )
    return replace(claim, **changes) if changes else claim


def make_dependent(number: int = 1, **changes: Any) -> Claim:
    """A child covered through a parent."""
    holder = Subscriber("DAVIS", "MORGAN", None, "", Address("", "", "", ""))
    return make_claim(number, relationship="child", subscriber=holder, **changes)
