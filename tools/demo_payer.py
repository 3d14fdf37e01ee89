"""The payer's side of `make demo`: remittances and a request for records about claims that were really sent."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from cocm.care.people import Address
from cocm.x12 import (
    Adjustment,
    ClaimPayment,
    ClaimRecord,
    ContactRecord,
    Envelope,
    InformationRequest,
    PartyRecord,
    PaymentAccounts,
    Reference,
    RemittanceRecord,
    RequestedClaim,
    RequestedPatient,
    RequestedProvider,
    ServicePayment,
    StatusCode,
    StatusRecord,
    read_837p,
    write_277_request,
    write_835,
)

_ADDRESS = Address("1 Plan Plaza", "Sacramento", "CA", "958140001")
_CONTACTS = (ContactRecord("BL", "EDI HELP", (("TE", "8005550111"),)),)
_BANK_FORMAT, _ROUTING_NUMBER, _CHECKING = "CCP", "01", "DA"


@dataclass(frozen=True)
class Payer:
    """Who answers: a name, its payer id, and the number that its payments carry (a 1 and its tax number)."""

    name: str
    payer_id: str
    payment_number: str

    def party(self, identifier_type: str = "") -> PartyRecord:
        """The payer as a file names it."""
        identifier = self.payer_id if identifier_type else ""
        return PartyRecord(
            False, self.name.upper(), "", "", "", identifier_type, identifier, address=_ADDRESS
        )


@dataclass(frozen=True)
class LineAnswer:
    """What the payer does with one line: (group, reason, cents) not paid, and remarks; the rest is paid."""

    adjustments: tuple[tuple[str, str, int], ...]
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A decision about one claim, on one day, under the payer's own number for it."""

    payer_claim_control_number: str
    day: date
    lines: tuple[LineAnswer, ...]
    is_denied: bool = False


def sent_claim(folder: Path) -> ClaimRecord:
    """The one claim of a closed month's 837P."""
    (file,) = folder.glob("claims-*.837")
    (claim,) = read_837p(file.read_bytes())
    return claim


def remit(payer: Payer, claim: ClaimRecord, answer: Answer, number: int, path: Path) -> None:
    """Write an 835 that decides the claim; `number` is its control number and part of its trace."""
    lines = tuple(
        ServicePayment(
            hcpcs_code=line.hcpcs_code,
            modifiers=line.modifiers,
            submitted_hcpcs_code="",
            charge_amount_cents=line.charge_amount_cents,
            paid_amount_cents=line.charge_amount_cents - sum(cents for *_, cents in said.adjustments),
            paid_quantity=line.service_unit_quantity,
            service_from_date=line.service_from_date,
            service_to_date=line.service_to_date,
            line_control_number=line.line_control_number,
            allowed_amount_cents=None,
            adjustments=tuple(
                Adjustment(group, reason, cents, None) for group, reason, cents in said.adjustments
            ),
            remark_codes=said.remarks,
        )
        for line, said in zip(claim.lines, answer.lines, strict=True)
    )
    paid = sum(line.paid_amount_cents for line in lines)
    decided = ClaimPayment(
        claim_id=claim.claim_id,
        status_code="4" if answer.is_denied else "1",
        charge_amount_cents=claim.charge_amount_cents,
        paid_amount_cents=paid,
        patient_responsibility_amount_cents=sum(
            given.amount_cents for line in lines for given in line.adjustments if given.group_code == "PR"
        ),
        claim_filing_code="HM",
        payer_claim_control_number=answer.payer_claim_control_number,
        place_of_service_code=claim.place_of_service_code,
        frequency_code=claim.frequency_code,
        patient=PartyRecord(
            True, claim.patient.last_or_organization_name, claim.patient.first_name, "", "", "MI", claim.member_id
        ),
        subscriber=None,
        corrected=None,
        rendering=None,
        crossover_payer=None,
        adjustments=(),
        remark_codes=(),
        statement_from_date=None,
        statement_to_date=None,
        received_date=claim.transmission.created_at.date(),
        lines=lines,
    )  # fmt: skip
    payment = RemittanceRecord(
        interchange_control_number="",
        group_control_number="",
        transaction_control_number="",
        handling_code="I" if paid else "H",
        paid_amount_cents=paid,
        method="ACH" if paid else "NON",
        payment_date=answer.day,
        trace_number=f"{payer.payer_id}{number:07d}",
        payer_identifier=payer.payment_number,
        payer=payer.party(),
        payee=PartyRecord(
            False, claim.billing.last_or_organization_name, "", "", "", "XX", claim.billing.identifier
        ),
        production_date=answer.day,
        claims=(decided,),
        provider_adjustments=(),
        accounts=_accounts(payer) if paid else None,
        payer_contacts=_CONTACTS,
        payer_numbers=(Reference("2U", payer.payer_id),),
        payee_numbers=(Reference("TJ", claim.billing.tin),),
    )
    out = io.BytesIO()
    write_835([payment], _envelope(payer, claim, answer.day, number), out)
    path.write_bytes(out.getvalue())


def ask_for_records(
    payer: Payer, claim: ClaimRecord, loinc_codes: tuple[str, ...], day: date, due: date, number: int, path: Path
) -> None:  # fmt: skip
    """Write a request for information (277) about the claim, to be answered by `due`."""
    questions = tuple(
        StatusRecord(
            (StatusCode("R4", code, code_list="LOI"),), day, charge_amount_cents=claim.charge_amount_cents
        )
        for code in loinc_codes
    )
    asked = RequestedClaim(
        trace_number=f"REQ{number:07d}",
        questions=questions,
        patient_account_number=claim.claim_id,
        payer_claim_control_number="20260402000217",
        service_from_date=claim.lines[0].service_from_date,
        due_date=due,
    )
    billing = PartyRecord(
        False, claim.billing.last_or_organization_name, "", "", "", "XX", claim.billing.identifier
    )
    patient = PartyRecord(
        True, claim.patient.last_or_organization_name, claim.patient.first_name, "", "", "MI", claim.member_id
    )
    request = InformationRequest(
        reference=f"REQ{number:07d}",
        payer=payer.party("PI"),
        receiver=PartyRecord(
            False, billing.last_or_organization_name, "", "", "", "46", claim.transmission.sender_id
        ),
        providers=(RequestedProvider(billing, (RequestedPatient(patient, (asked,)),)),),
        created_at=datetime.combine(day, time(8)),
    )
    out = io.BytesIO()
    write_277_request([request], _envelope(payer, claim, day, number), out)
    path.write_bytes(out.getvalue())


def _envelope(payer: Payer, claim: ClaimRecord, day: date, number: int) -> Envelope:
    moment = datetime.combine(day, time(8))
    return Envelope(payer.payer_id, "", "", "", claim.transmission.sender_id, "", moment, number, number)


def _accounts(payer: Payer) -> PaymentAccounts:
    return PaymentAccounts(
        _BANK_FORMAT, _ROUTING_NUMBER, "011000015", _CHECKING, "123456", payer.payment_number, "",
        _ROUTING_NUMBER, "021000021", _CHECKING, "987654",
    )  # fmt: skip
