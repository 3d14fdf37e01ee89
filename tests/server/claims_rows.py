"""What the tests of claims bring in: payers' answers made by the core's own writers, about the world's claims."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, datetime

from cocm.basics.months import Month
from cocm.care.people import Address
from cocm.server.books.port import practice_books
from cocm.x12 import (
    Adjustment,
    Envelope,
    PartyRecord,
    StatusCode,
    StatusRecord,
    read_837p,
    write_277ca,
    write_835,
)
from cocm.x12.claim_acknowledgment_record import (
    AcknowledgedBatch,
    AcknowledgedClaim,
    AcknowledgedProvider,
    ClaimAcknowledgment,
)
from cocm.x12.eligibility_reader import read_270
from cocm.x12.eligibility_record import Benefit, BenefitEntity, EligibilityMember, TraceRecord
from cocm.x12.eligibility_writer import write_271
from cocm.x12.remittance_record import ClaimPayment, RemittanceRecord, ServicePayment
from cocm.x12.wire_parts import ContactRecord, DateSpan, Reference

ADDRESS = Address("1 SANDBOX WAY", "SACRAMENTO", "CA", "958140001")
PAYER = PartyRecord(False, "SANDBOX PLAN", "", "", "", "", "", address=ADDRESS)


def claims_of(world, month: Month, patient_id: str = "P000001"):
    """The patient's last claims of a month."""
    with world.inside(world.practice), practice_books(world.practice) as books:
        return list(books.latest_claims_in_order(month, (patient_id, patient_id)))


def last_claim_of_ariana(world):
    """Her March claim, for which records are wanted."""
    (claim,) = claims_of(world, Month(2026, 3))
    return claim


def a_payers_file(world):
    """The first file that a payer sent."""
    from cocm.server.claims.models import ReceivedFile

    with world.inside(world.practice):
        return ReceivedFile.objects.of(world.practice).order_by("received_at", "file_name")[0]


def an_eligibility_request(world):
    """A request about March, of Ariana's payer."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.claims.eligibility import ask

    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        return ask(actor=actor, month=Month(2026, 3), payer_id="SIERRA-CREST", today=date(2026, 2, 27))


def an_answered_month(world):
    """March, about which Ariana's payer was asked and answered."""
    from cocm.server.claims.models import Arrival
    from cocm.server.claims.receiving import Incoming, receive

    request = an_eligibility_request(world)
    answer = Incoming("yes.271", eligibility_answer(request.content))
    with world.inside(world.practice):
        receive(actor=world.practice, files=[answer], arrival=Arrival.UPLOAD, today=date(2026, 5, 22))
    return "2026-03"


def sent_claim(world, claim):
    """A claim as it went out."""
    with world.inside(world.practice), practice_books(world.practice) as books:
        content = b"".join(books.interchange_bytes(claim.control_number))
    return next(one for one in read_837p(content) if one.claim_id == claim.claim_id)


def envelope(number: int = 900, at: datetime = datetime(2026, 5, 21, 8, 15)) -> Envelope:
    return Envelope("PAYER1", "", "", "", "SUB001", "", at, number, number)


def rejection(world, claim, code: str = "A7:33:QC") -> bytes:
    """A 277CA that refuses a claim."""
    sent = sent_claim(world, claim)
    day = date(2026, 5, 21)
    status = StatusRecord((StatusCode(*code.split(":")),), day, "U", sent.charge_amount_cents)
    named = PartyRecord(
        False, sent.billing.last_or_organization_name, "", "", "", "46", sent.transmission.sender_id
    )
    provider = PartyRecord(
        False, sent.billing.last_or_organization_name, "", "", "", "XX", sent.billing.identifier
    )
    patient = PartyRecord(True, "TEST", "PAT", "", "", "MI", sent.member_id)
    refused = AcknowledgedClaim(claim.claim_id, patient, (status,), sent.lines[0].service_from_date, None)
    accepted = StatusRecord((StatusCode("A1", "19", "PR"),), day, "WQ", sent.charge_amount_cents)
    batch = AcknowledgedBatch(
        named, "B-1", (accepted,), providers=(AcknowledgedProvider(provider, (refused,)),)
    )
    told = ClaimAcknowledgment(
        "R-1", "PR", PartyRecord(False, "SANDBOX PLAN", "", "", "", "PI", "PAYER1"), "T-1", day, day, (batch,)
    )
    out = io.BytesIO()
    write_277ca([told], replace(envelope(), receiver_id=sent.transmission.sender_id), out)
    return out.getvalue()


def remittance(world, *claims, number: str = "", paid_more_cents: int = 0) -> bytes:
    """An 835 that pays claims in full but for 20.00; `number` in place of ours, `paid_more_cents` unexplained."""
    made = []
    billing = None
    for claim in claims:
        sent = sent_claim(world, claim)
        billing = sent.billing
        lines = tuple(
            ServicePayment(
                line.hcpcs_code,
                (),
                "",
                line.charge_amount_cents,
                line.charge_amount_cents - 2_000,
                line.service_unit_quantity,
                line.service_from_date,
                line.service_to_date,
                "",
                line.charge_amount_cents - 2_000,
                (Adjustment("CO", "45", 2_000, None),),
                (),
            )
            for line in sent.lines
        )
        made.append(
            ClaimPayment(
                claim_id=number or claim.claim_id,
                status_code="1",
                charge_amount_cents=sent.charge_amount_cents,
                paid_amount_cents=sum(line.paid_amount_cents for line in lines),
                patient_responsibility_amount_cents=0,
                claim_filing_code="ZZ",
                payer_claim_control_number=f"ICN{claim.claim_id[-6:]}",
                place_of_service_code="11",
                frequency_code="1",
                patient=PartyRecord(True, "TEST", "PAT", "", "", "MI", sent.member_id),
                subscriber=None,
                corrected=None,
                rendering=None,
                crossover_payer=None,
                adjustments=(),
                remark_codes=(),
                statement_from_date=None,
                statement_to_date=None,
                received_date=None,
                lines=lines,
            )
        )
    assert billing is not None
    paid = sum(one.paid_amount_cents for one in made)
    record = RemittanceRecord(
        "",
        "",
        "",
        "I",
        paid,
        "CHK",
        date(2026, 5, 21),
        f"TR{claims[0].claim_id[-8:]}{paid_more_cents}",
        "1990000999",
        replace(PAYER),
        replace(billing, taxonomy_code="", phone="", tin=""),
        date(2026, 5, 21),
        tuple(made),
        (),
        payer_contacts=(ContactRecord("BL", "DESK", (("TE", "8005550199"),)),),
        payer_numbers=(Reference("2U", "PAYER1"),),
        payee_numbers=(Reference("TJ", billing.tin),) if billing.tin else (),
    )
    out = io.BytesIO()
    write_835([record], envelope(901), out)
    if not paid_more_cents:
        return out.getvalue()
    more = f"BPR*I*{(paid + paid_more_cents) / 100:g}".encode()  # our own writer refuses what does not add up
    return re.sub(rb"BPR\*I\*[0-9.]+", more, out.getvalue(), count=1)


BENEFITS = (
    Benefit("1", "IND", ("30", "98"), "HM", "GOLD PLAN"),
    Benefit("B", service_type_codes=("98",), time_period_code="27", amount_cents=2_500, in_network="Y"),
    Benefit("C", "IND", ("30",), time_period_code="29", amount_cents=0, in_network="Y"),
)


def eligibility_answer(question: bytes, *, carved_out: bool = False, trace: str = "") -> bytes:
    """A 271 that covers everybody a 270 asks about; `carved_out` names an administrator for behavioral services."""
    benefits = BENEFITS
    if carved_out:
        administrator = BenefitEntity(
            "2B",
            PartyRecord(False, "CALM MIND BEHAVIORAL", "", "", "", "PI", "CMB"),
            (ContactRecord("IC", "", (("TE", "8005550199"),)),),
        )
        benefits = (*benefits, Benefit("U", service_type_codes=("MH",), entities=(administrator,)))
    answers = []
    for record in read_270(question):
        (source,) = record.sources
        (receiver,) = source.receivers
        members = tuple(_answered(one, benefits, trace) for one in receiver.subscribers)
        source = replace(source, receivers=(replace(receiver, subscribers=members),))
        answers.append(replace(record, purpose_code="11", sources=(source,)))
    out = io.BytesIO()
    write_271(answers, envelope(902), out)
    return out.getvalue()


def _answered(member: EligibilityMember, benefits, trace: str) -> EligibilityMember:
    if member.dependents:
        return replace(member, dependents=tuple(_answered(one, benefits, trace) for one in member.dependents))
    (span,) = member.dates
    dated = tuple(
        replace(one, dates=(DateSpan("291", span.from_date.replace(month=1, day=1), span.to_date),))
        if one.information_code == "1"
        else one
        for one in benefits
    )
    own = member.traces[0]
    return replace(
        member,
        traces=(TraceRecord("2", trace or own.number, own.company),),
        inquiries=(),
        dates=(),
        benefits=dated,
    )
