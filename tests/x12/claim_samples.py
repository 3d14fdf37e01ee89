"""Claims that are right in every part, to be varied one field at a time, and files made of them."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.people import Address, Subscriber
from cocm.claims.records import (
    Claim,
    LineAdjudication,
    Organization,
    OtherPayer,
    Paperwork,
    PayerAdjustment,
    Person,
    ServiceLine,
)
from cocm.x12 import Envelope, write_837p

BILLING = Organization(
    name="LAKESIDE FAMILY MEDICINE",
    identifier="1234567893",
    tin="941234567",
    taxonomy_code="207Q00000X",
    address=Address("100 MAIN STREET", "OAKLAND", "CA", "946120001"),
)
OTHER_BILLING = Organization(
    name="HILLSIDE CLINIC",
    identifier="1649289083",
    tin="947654321",
    taxonomy_code="",
    address=Address("7 HILL ROAD", "ALBANY", "CA", "947060003"),
)
PAYER = Organization("GOLDEN HEALTH PLAN", "GHP01", "", "", None)
PAYER_WITH_ADDRESS = Organization(
    "SILVER HEALTH PLAN", "SHP01", "", "", Address("1 PLAN PLAZA", "FRESNO", "CA", "93701")
)
PRACTITIONER = Person("OKAFOR", "GRACE", "1679576722", "207Q00000X")
CARE_MANAGER = Person("LOPEZ", "MARIA", "1245319599", "1041C0700X")
REFERRER = Person("NGUYEN", "AN", "1497758544", "")
SECOND_SITE = Organization(
    "LAKESIDE WEST CLINIC", "1083617021", "", "", Address("5 WEST STREET", "BERKELEY", "CA", "947040002")
)
FIRST_LINE = ServiceLine(1, "99492", (), 1, 16032, date(2026, 3, 31), (1, 2))
ADD_ON_LINE = ServiceLine(2, "99494", (), 2, 12400, date(2026, 3, 31), (1,))
HOLDER = Subscriber("DAVIS", "MORGAN", None, "", Address("", "", "", ""))
PROVENANCE = Provenance("lakeside", date(2026, 4, 2), "test")

FIRST_PAYER = Organization("FIRST COVERAGE MUTUAL", "FCM01", "", "", None)
FIRST_LINE_PAID = LineAdjudication(
    "FCM01",
    12000,
    "99492",
    (),
    Decimal(1),
    date(2026, 4, 20),
    (PayerAdjustment("CO", "45", 1032), PayerAdjustment("PR", "1", 2000), PayerAdjustment("PR", "2", 1000)),
    remaining_liability_cents=3000,
)
ADD_ON_LINE_PAID = LineAdjudication(
    "FCM01", 0, "99494", (), Decimal(2), date(2026, 4, 20), (PayerAdjustment("PR", "3", 12400, Decimal(2)),)
)
DECIDED_BY_LINE = OtherPayer(
    FIRST_PAYER,
    "P",
    "CI",
    "FCM777",
    group_number="G7",
    paid_amount_cents=12000,
    payer_claim_control_number="ICN77",
)
DECIDED_AS_A_WHOLE = replace(
    DECIDED_BY_LINE,
    paid_amount_cents=20000,
    adjustments=(PayerAdjustment("CO", "45", 6000), PayerAdjustment("PR", "2", 2432)),
    remaining_liability_cents=2432,
    adjudication_date=date(2026, 4, 20),
)
LINES_PAID = (
    replace(FIRST_LINE, adjudications=(FIRST_LINE_PAID,)),
    replace(ADD_ON_LINE, adjudications=(ADD_ON_LINE_PAID,)),
)
DOCUMENTS = (Paperwork("OZ", "EL", "ACN001"), Paperwork("M1", "AA"))

ENVELOPE = Envelope(
    sender_id="LAKESIDE01",
    sender_name="LAKESIDE FAMILY MEDICINE",
    contact_name="BILLING OFFICE",
    contact_phone="5105550100",
    receiver_id="CLEARHOUSE",
    receiver_name="CLEARING HOUSE",
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
        billing_phone="5105550100",
        rendering=PRACTITIONER,
        supervising=None,
        referring=None,
        service_facility=None,
        place_of_service_code="11",
        frequency_code="1",
        payer_claim_control_number="",
        diagnosis_codes=("F32.1", "F41.1"),
        lines=(FIRST_LINE, ADD_ON_LINE),
        provenance=PROVENANCE,
    )
    return replace(claim, **changes) if changes else claim


def make_dependent(number: int = 1, **changes: Any) -> Claim:
    """A child covered through a parent."""
    return make_claim(number, **{"relationship": "child", "subscriber": HOLDER, **changes})


def make_secondary(number: int = 1, **changes: Any) -> Claim:
    """A claim to the second payer, whose first one decided line by line."""
    given = {"payer_sequence": "S", "other_payers": (DECIDED_BY_LINE,), "lines": LINES_PAID}
    return make_claim(number, **{**given, **changes})


def written(claims: Iterable[Claim], envelope: Envelope = ENVELOPE, **options: Any) -> bytes:
    """The claims as a file."""
    out = io.BytesIO()
    write_837p(claims, envelope, out, **options)
    return out.getvalue()


def segments_of(content: bytes) -> list[str]:
    """A file's segments as texts."""
    return content.decode().split("~")[:-1]
