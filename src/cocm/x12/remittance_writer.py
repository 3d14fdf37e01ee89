"""Writes remittances (835, 005010X221A1) from records; one that does not balance is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import BinaryIO, Final, TypeVar

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.code_sets import CodeSets
from cocm.x12.envelope import Envelope
from cocm.x12.guide import load_guide
from cocm.x12.remittance_reader import REMITTANCE_GUIDE
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    PaymentAccounts,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.tree_values import (
    address_values,
    amount_text,
    contact_values,
    day_text,
    name_values,
    optional_amount,
    optional_number,
    plain,
    reference_values,
)
from cocm.x12.tree_writer import LoopValues, SegmentValues, Value, Written, segment, write_trees
from cocm.x12.wire_parts import Reference

ADJUSTMENTS_PER_SEGMENT: Final = 6
REMARKS_PER_CLAIM_MAX: Final = 5

_CREDIT: Final = "C"
_DEBIT: Final = "D"
_PAYER_NAME_MAX: Final = 60
_CONTACTS: Final = {"CX": "payer_business_contact", "BL": "payer_technical_contact", "IC": "payer_web_site"}
_CLAIM_NUMBERS: Final = ("claim_number", "rendering_number")
_LINE_NUMBERS: Final = ("service_number", "policy_number", "line_rendering_number")
_ALLOWED_AMOUNT: Final = "B6"

_Part = TypeVar("_Part")


def write_835(
    payments: Iterable[RemittanceRecord],
    envelope: Envelope,
    out: BinaryIO,
    *,
    code_sets: CodeSets | None = None,
) -> Written:
    """Write payments as one interchange, a transaction each.

    Each line's and claim's charge less its adjustments must be what was paid, and the payment the sum of its claims
    less what was moved outside them. Raises `X12Error` naming the claim where it does not, or where a value does not
    fit the guide; then nothing is written.
    """
    return write_trees(REMITTANCE_GUIDE, map(_transaction, payments), envelope, out, code_sets=code_sets)


def _transaction(payment: RemittanceRecord) -> LoopValues:
    segments = [_payment(payment)]
    segments.append(
        segment(
            "trace",
            trace_type="1",
            trace_number=payment.trace_number,
            payer_identifier=payment.payer_identifier,
            payer_supplement=payment.payer_supplement,
        )
    )
    if payment.receiver_number:
        segments.append(segment("receiver_number", number_type="EV", number=payment.receiver_number))
    if payment.production_date is not None:
        segments.append(segment("production_date", kind="405", date=day_text(payment.production_date)))
    segments.extend(_provider_adjustments(payment.provider_adjustments))
    loops = [_payer(payment), _payee(payment)]
    if payment.claims:
        claims = tuple(map(_claim, payment.claims))
        loops.append(LoopValues("2000", (segment("group_number", group_number="1"),), claims))
    return LoopValues("transaction", segments, loops, f"payment {payment.trace_number}")


def _payment(payment: RemittanceRecord) -> SegmentValues:
    values: dict[str, Value] = {
        "handling": payment.handling_code,
        "amount": amount_text(abs(payment.paid_amount_cents)),
        "credit_or_debit": _DEBIT if payment.paid_amount_cents < 0 else _CREDIT,
        "method": payment.method,
        "date": day_text(payment.payment_date),
    }
    if payment.accounts is not None:
        values.update(_accounts(payment.accounts))
    return SegmentValues("payment", values)


def _accounts(accounts: PaymentAccounts) -> dict[str, Value]:
    return {
        "format": accounts.format_code,
        "sender_bank_type": accounts.sender_bank_type,
        "sender_bank": accounts.sender_bank,
        "sender_account_type": accounts.sender_account_type,
        "sender_account": accounts.sender_account,
        "sender_company": accounts.sender_company,
        "sender_company_supplement": accounts.sender_company_supplement,
        "receiver_bank_type": accounts.receiver_bank_type,
        "receiver_bank": accounts.receiver_bank,
        "receiver_account_type": accounts.receiver_account_type,
        "receiver_account": accounts.receiver_account,
    }


def _payer(payment: RemittanceRecord) -> LoopValues:
    segments = [
        _organization("payer_name", "PR", payment.payer),
        *address_values("payer", payment.payer.address),
    ]
    segments.extend(reference_values("payer_number", payment.payer_numbers))
    for contact in payment.payer_contacts:
        name = _CONTACTS.get(contact.kind)
        if name is None:
            raise X12Error(
                f"payment {payment.trace_number}: a payer's contact is of kind {' or '.join(_CONTACTS)}, "
                f"not {contact.kind!r}"
            )
        segments.append(contact_values(name, contact))
    return LoopValues("1000A", segments)


def _payee(payment: RemittanceRecord) -> LoopValues:
    segments = [
        _organization("payee_name", "PE", payment.payee),
        *address_values("payee", payment.payee.address),
    ]
    segments.extend(reference_values("payee_number", payment.payee_numbers))
    return LoopValues("1000B", segments)


def _organization(name: str, entity: str, party: PartyRecord) -> SegmentValues:
    """An organization as N1 has it."""
    return segment(
        name,
        entity=entity,
        last_or_organization_name=plain(party.last_or_organization_name, _PAYER_NAME_MAX),
        identifier_type=party.identifier_type,
        identifier=party.identifier,
    )


def _claim(claim: ClaimPayment) -> LoopValues:
    segments = [
        segment(
            "claim",
            claim_id=claim.claim_id,
            status_code=claim.status_code,
            charge_amount=amount_text(claim.charge_amount_cents),
            paid_amount=amount_text(claim.paid_amount_cents),
            patient_responsibility_amount=amount_text(claim.patient_responsibility_amount_cents)
            if claim.patient_responsibility_amount_cents
            else "",
            claim_filing_code=claim.claim_filing_code,
            payer_claim_control_number=claim.payer_claim_control_number,
            facility_type=claim.place_of_service_code,
            frequency_code=claim.frequency_code,
        ),
        *_adjustments("claim_adjustments", claim.adjustments),
        *_names(claim),
    ]
    if len(claim.remark_codes) > REMARKS_PER_CLAIM_MAX:
        raise X12Error(f"claim {claim.claim_id}: at most {REMARKS_PER_CLAIM_MAX} remarks fit on a claim")
    if claim.remark_codes:
        remarks = {f"remark_{at}": code for at, code in enumerate(claim.remark_codes, start=1)}
        segments.append(SegmentValues("outpatient_adjudication", remarks))
    segments.extend(_numbers("2100", _CLAIM_NUMBERS, claim.numbers))
    for name, kind, day in (
        ("statement_date", "232", claim.statement_from_date),
        ("statement_date", "233", claim.statement_to_date),
        ("coverage_end_date", "036", claim.coverage_end_date),
        ("received_date", "050", claim.received_date),
    ):
        if day is not None:
            segments.append(segment(name, kind=kind, date=day_text(day)))
    segments.extend(contact_values("claim_contact", contact) for contact in claim.contacts)
    segments.extend(
        segment("claim_amount", amount_type=one.kind, amount=amount_text(one.amount_cents))
        for one in claim.amounts
    )
    lines = tuple(map(_line, claim.lines))
    return LoopValues("2100", segments, lines, f"claim {claim.claim_id}")


def _names(claim: ClaimPayment) -> Iterator[SegmentValues]:
    for name, entity, party in (
        ("patient_name", "QC", claim.patient),
        ("subscriber_name", "IL", claim.subscriber),
        ("corrected_name", "74", claim.corrected),
        ("rendering_name", "82", claim.rendering),
        ("crossover_payer", "TT", claim.crossover_payer),
        ("corrected_payer", "PR", claim.corrected_payer),
        ("other_subscriber_name", "GB", claim.other_subscriber),
    ):
        if party is not None:
            yield SegmentValues(name, name_values(party, entity))


def _line(line: ServicePayment) -> LoopValues:
    service: dict[str, Value] = {
        "code_type": line.code_type,
        "hcpcs_code": line.hcpcs_code,
        "charge_amount": amount_text(line.charge_amount_cents),
        "paid_amount": amount_text(line.paid_amount_cents),
        "revenue_code": line.revenue_code,
        "paid_quantity": optional_number(line.paid_quantity),
        "submitted_quantity": optional_number(line.submitted_quantity),
    }
    service.update({f"modifier_{at}": code for at, code in enumerate(line.modifiers, start=1)})
    if line.submitted_hcpcs_code:
        service["submitted_code_type"] = line.code_type
        service["submitted_hcpcs_code"] = line.submitted_hcpcs_code
    segments = [
        SegmentValues("service", service),
        *_service_dates(line),
        *_adjustments("service_adjustments", line.adjustments),
    ]
    segments.extend(_numbers("2110", _LINE_NUMBERS, line.numbers))
    if line.line_control_number:
        segments.append(segment("line_control_number", number_type="6R", number=line.line_control_number))
    amounts = [(_ALLOWED_AMOUNT, line.allowed_amount_cents)]
    amounts += [(one.kind, one.amount_cents) for one in line.amounts]
    segments.extend(
        segment("service_amount", amount_type=kind, amount=optional_amount(cents))
        for kind, cents in amounts
        if cents is not None
    )
    segments.extend(segment("service_remark", code_type="HE", remark=code) for code in line.remark_codes)
    return LoopValues("2110", segments)


def _numbers(loop_id: str, names: Sequence[str], numbers: Iterable[Reference]) -> Iterator[SegmentValues]:
    """REF segments, each by the name under which the map has its kind of number."""
    guide = load_guide(REMITTANCE_GUIDE)
    kinds = {name: guide.use(loop_id, name).element("number_type").codes for name in names}
    for number in numbers:
        name = next((name for name in names if number.kind in kinds[name]), names[0])
        yield from reference_values(name, (number,))


def _service_dates(line: ServicePayment) -> Iterator[SegmentValues]:
    """One day, or the first and the last."""
    first, last = line.service_from_date, line.service_to_date
    if first is not None and first == last:
        yield segment("service_date", kind="472", date=day_text(first))
        return
    for kind, day in (("150", first), ("151", last)):
        if day is not None:
            yield segment("service_date", kind=kind, date=day_text(day))


def _adjustments(name: str, adjustments: Sequence[Adjustment]) -> Iterator[SegmentValues]:
    """CAS segments: neighbours of one group together, six to a segment."""
    for group_code, together in groupby(adjustments, key=lambda one: one.group_code):
        for some in _sixes(tuple(together)):
            values: dict[str, Value] = {"group_code": group_code}
            for at, one in enumerate(some, start=1):
                values[f"reason_{at}"] = one.reason_code
                values[f"amount_{at}"] = amount_text(one.amount_cents)
                values[f"quantity_{at}"] = optional_number(one.quantity)
            yield SegmentValues(name, values)


def _provider_adjustments(adjustments: Sequence[ProviderAdjustment]) -> Iterator[SegmentValues]:
    """PLB segments: neighbours of one provider and year together, six to a segment."""
    for (provider, year_end), together in groupby(
        adjustments, key=lambda one: (one.provider_identifier, one.fiscal_year_end)
    ):
        for some in _sixes(tuple(together)):
            values: dict[str, Value] = {
                "provider_identifier": provider,
                "fiscal_year_end": day_text(year_end),
            }
            for at, one in enumerate(some, start=1):
                values[f"reason_{at}"] = one.reason_code
                values[f"reference_{at}"] = one.reference
                values[f"amount_{at}"] = amount_text(one.amount_cents)
            yield SegmentValues("provider_adjustments", values)


def _sixes(parts: Sequence[_Part]) -> Iterator[Sequence[_Part]]:
    for start in range(0, len(parts), ADJUSTMENTS_PER_SEGMENT):
        yield parts[start : start + ADJUSTMENTS_PER_SEGMENT]
