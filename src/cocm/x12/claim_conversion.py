"""From what was read back to what we write: a claim record as a claim, a transmission as an envelope."""

from __future__ import annotations

from decimal import Decimal

from cocm.basics.errors import X12Error
from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.basics.records import maker
from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim, Organization, OtherPayer, Person, ServiceLine
from cocm.x12.claim_record import ClaimRecord, LineRecord, OtherPayerRecord, PartyRecord, Transmission
from cocm.x12.envelope import Envelope
from cocm.x12.fitness import RELATIONSHIP_CODES, SELF, SELF_CODE

_NOWHERE = Address("", "", "", "")
_claim = maker(Claim)
_service_line = maker(ServiceLine)
_PARTIES_KEPT_MAX = 4_096
_ORGANIZATIONS: dict[int, tuple[PartyRecord, Organization]] = {}
_WORDS = {code: word for word, code in RELATIONSHIP_CODES.items()}


def claim_from_record(
    record: ClaimRecord, *, organization_id: str, pack_id: str, patient_id: str, provenance: Provenance
) -> Claim:
    """The claim that a file holds, with what the file cannot know given beside it.

    The month is that of the last service date. Of several referring providers the first is kept; what
    `ClaimRecord.other_segments` holds has no place in our claim (`write_records` keeps it). Raises `X12Error`
    naming the claim where a part of it has no place in our claim (units that are not whole, no patient's address).
    """
    if not record.lines:
        raise X12Error(f"claim {record.claim_id}: it has no service line")
    patient = record.patient
    if patient.birth_date is None or patient.address is None:
        raise X12Error(f"claim {record.claim_id}: the patient's birth date or address is missing")
    return _claim(
        claim_id=record.claim_id,
        organization_id=organization_id,
        month=Month.of(max([line.service_to_date for line in record.lines])),
        pack_id=pack_id,
        patient_id=patient_id,
        patient_last_name=patient.last_or_organization_name,
        patient_first_name=patient.first_name,
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex,
        patient_address=patient.address,
        relationship=_relationship(record.relationship_code),
        subscriber=None if record.patient_is_subscriber else _subscriber(record.subscriber),
        member_id=record.member_id,
        group_number=record.group_number,
        claim_filing_code=record.claim_filing_code,
        payer_sequence=record.payer_sequence,
        payer=_organization(record.payer),
        billing=_organization(record.billing),
        billing_phone=record.billing.phone,
        rendering=_person(record.rendering),
        supervising=_person(record.supervising),
        referring=_person(record.referring[0]) if record.referring else None,
        service_facility=None if record.service_facility is None else _organization(record.service_facility),
        place_of_service_code=record.place_of_service_code,
        frequency_code=record.frequency_code,
        payer_claim_control_number=record.payer_claim_control_number,
        diagnosis_codes=tuple(map(_with_point, record.diagnosis_codes)),
        lines=tuple([_line(record.claim_id, line) for line in record.lines]),
        provenance=provenance,
        insurance_type_code=record.insurance_type_code,
        prior_authorization_number=record.prior_authorization_number,
        referral_number=record.referral_number,
        note=record.note,
        paperwork=record.paperwork,
        other_payers=tuple(map(_other_payer, record.other_payers)),
    )


def envelope_from_transmission(transmission: Transmission) -> Envelope:
    """The envelope with which the same file would be written again."""
    submitter, receiver = transmission.submitter, transmission.receiver
    number = transmission.transaction_control_number
    return Envelope(
        sender_id=transmission.sender_id,
        sender_name=submitter.last_or_organization_name if submitter else "",
        contact_name=transmission.submitter_contact_name,
        contact_phone=transmission.submitter_contact_phone,
        receiver_id=transmission.receiver_id,
        receiver_name=receiver.last_or_organization_name if receiver else "",
        created_at=transmission.created_at,
        interchange_control_number=transmission.interchange_control_number,
        group_control_number=transmission.group_control_number,
        first_transaction_control_number=int(number) if number.isascii() and number.isdigit() else 1,
        is_test=transmission.is_test,
        acknowledgment_requested=transmission.acknowledgment_requested,
        sender_type=transmission.sender_type,
        receiver_type=transmission.receiver_type,
        delimiters=transmission.delimiters,
    )


def _with_point(code: str) -> str:
    """An ICD-10 code as people write it: the file leaves out the point after the third character."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 and "." not in code else code


def _line(claim_id: str, line: LineRecord) -> ServiceLine:
    units = line.service_unit_quantity
    if units != units.to_integral_value() or not Decimal(0) <= units < Decimal(1_000_000):
        raise X12Error(f"claim {claim_id}, line {line.claim_line_number}: the units are not a whole number")
    return _service_line(
        claim_line_number=line.claim_line_number,
        hcpcs_code=line.hcpcs_code,
        modifiers=line.modifiers,
        service_unit_quantity=int(units),
        charge_amount_cents=line.charge_amount_cents,
        service_date=line.service_to_date,
        diagnosis_pointers=line.diagnosis_pointers,
        place_of_service_code=line.place_of_service_code,
        service_from_date=line.service_from_date if line.service_from_date != line.service_to_date else None,
        rendering=_person(line.rendering),
        supervising=_person(line.supervising),
        referring=_person(line.referring),
        prior_authorization_number=line.prior_authorization_number,
        referral_number=line.referral_number,
        note=line.note,
        paperwork=line.paperwork,
        adjudications=line.adjudications,
        unit_basis_code=line.unit,
    )


def _other_payer(record: OtherPayerRecord) -> OtherPayer:
    relationship = _relationship(record.relationship_code)
    return OtherPayer(
        payer=_organization(record.payer),
        payer_sequence=record.payer_sequence,
        claim_filing_code=record.claim_filing_code,
        member_id=record.subscriber.identifier,
        relationship=relationship,
        subscriber=None if relationship == SELF else _subscriber(record.subscriber),
        group_number=record.group_number,
        insurance_type_code=record.insurance_type_code,
        paid_amount_cents=record.paid_amount_cents,
        adjustments=record.adjustments,
        noncovered_amount_cents=record.noncovered_amount_cents,
        remaining_liability_cents=record.remaining_liability_cents,
        adjudication_date=record.adjudication_date,
        payer_claim_control_number=record.payer_claim_control_number,
    )


def _relationship(code: str) -> str:
    return SELF if code == SELF_CODE else _WORDS.get(code, "other")


def _subscriber(party: PartyRecord) -> Subscriber:
    return Subscriber(
        last_name=party.last_or_organization_name,
        first_name=party.first_name,
        birth_date=party.birth_date,
        sex=party.sex,
        address=party.address or _NOWHERE,
    )


def _organization(party: PartyRecord) -> Organization:
    """A party as an organization; the same object is made once, for it stands on many claims."""
    known = _ORGANIZATIONS.get(id(party))
    if known is None or known[0] is not party:
        if len(_ORGANIZATIONS) >= _PARTIES_KEPT_MAX:
            _ORGANIZATIONS.clear()
        known = _ORGANIZATIONS[id(party)] = (party, _made_organization(party))
    return known[1]


def _made_organization(party: PartyRecord) -> Organization:
    return Organization(
        name=party.last_or_organization_name,
        identifier=party.identifier,
        tin=party.tin,
        taxonomy_code=party.taxonomy_code,
        address=party.address,
    )


def _person(party: PartyRecord | None) -> Person | None:
    if party is None:
        return None
    return Person(party.last_or_organization_name, party.first_name, party.identifier, party.taxonomy_code)
