"""Writes remittances (835, 005010X221A1) from records; one that does not balance is refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import groupby
from typing import BinaryIO, Final, TypeVar

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.code_sets import CodeSets
from cocm.x12.element_check import SegmentCheck
from cocm.x12.envelope import CONTROL_NUMBER_MAX, Envelope, EnvelopeWriter
from cocm.x12.guide import load_guide
from cocm.x12.guide_parts import Guide
from cocm.x12.remittance_batch import ClaimTexts, refuse_different
from cocm.x12.remittance_reader import REMITTANCE_GUIDE
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    PaymentAccounts,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.tokens import Delimiters, Segment
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
from cocm.x12.tree_writer import (
    LoopValues,
    SegmentValues,
    Value,
    Written,
    interchange_bytes,
    segment,
    transaction_text,
    write_trees,
)
from cocm.x12.wire_parts import Reference

ADJUSTMENTS_PER_SEGMENT: Final = 6
REMARKS_PER_CLAIM_MAX: Final = 5
CLAIMS_IN_BATCH_MIN: Final = 200
"""So many claims are worth the preparation of writing them at once."""

_CHECK: Final = "CHK"
_NO_PAYMENT: Final = "NON"
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
    together = tuple(payments)
    if sum([len(payment.claims) for payment in together]) >= CLAIMS_IN_BATCH_MIN:
        written = _write_batch(together, envelope, out, code_sets)
        if written is not None:
            return written
    return write_exactly(together, envelope, out, code_sets=code_sets)


def write_exactly(
    payments: Iterable[RemittanceRecord],
    envelope: Envelope,
    out: BinaryIO,
    *,
    code_sets: CodeSets | None = None,
) -> Written:
    """As `write_835`, but every claim is laid out and checked by itself: the same bytes, later."""
    return write_trees(REMITTANCE_GUIDE, map(_transaction, payments), envelope, out, code_sets=code_sets)


def _write_batch(
    payments: Sequence[RemittanceRecord], envelope: Envelope, out: BinaryIO, code_sets: CodeSets | None
) -> Written | None:
    """Write payments most of whose claims are filled in; None where all must be written exactly.

    A claim that cannot be filled in is laid out by itself, and checked with the first of each kind.
    """
    first = payments[0]
    days = (first.payment_date, first.production_date)
    if any(not _is_plain(payment, days) for payment in payments):
        return None
    guide, texts = load_guide(REMITTANCE_GUIDE), []
    claims = ClaimTexts(guide, envelope.delimiters, _claim, _line)
    kinds: dict[object, ClaimPayment] = {}
    unlike: list[ClaimPayment] = []
    unlike_max = sum([len(payment.claims) for payment in payments]) // 2
    number, segment_count = envelope.first_transaction_control_number, 0
    try:
        for payment in payments:
            parts = []
            for claim in payment.claims:
                written = claims.write(claim)
                if written is None:
                    if len(unlike) >= unlike_max:
                        return None
                    unlike.append(claim)
                    parts.append(claims.exact(claim))
                    continue
                if written.kind not in kinds:
                    refuse_different(written, claims.exact(claim))
                    kinds[written.kind] = claim
                parts.append(written.text)
            text, count = _around(guide, payment, "".join(parts), envelope.delimiters, number)
            texts.append(text)
            segment_count += count
            number += 1
        # One claim of each kind, all that are like no other, and each payment's beginning, must be right.
        proofs = [_with_claims(payment, payment.claims[:1]) for payment in payments]
        proofs.append(_with_claims(first, (*kinds.values(), *unlike)))
        write_exactly(proofs, envelope, BytesIO(), code_sets=code_sets)
    except X12Error:
        return None
    envelope_writer = EnvelopeWriter(envelope, guide)
    content = interchange_bytes(
        (envelope_writer.start(), *texts, envelope_writer.end(len(texts))), envelope.delimiters
    )
    out.write(content)
    return Written(len(texts), segment_count + len(("ISA", "GS", "GE", "IEA")), len(content))


def _is_plain(payment: RemittanceRecord, days: tuple[date, date | None]) -> bool:
    """Whether the payment is its claims alone, on these days, and balances."""
    return (
        bool(payment.claims)
        and not payment.provider_adjustments
        and payment.accounts is None
        and payment.method in (_CHECK, _NO_PAYMENT)
        and (payment.method == _CHECK or not payment.paid_amount_cents)
        and (payment.payment_date, payment.production_date) == days
        and payment.paid_amount_cents == sum([claim.paid_amount_cents for claim in payment.claims])
    )


def _with_claims(payment: RemittanceRecord, claims: tuple[ClaimPayment, ...]) -> RemittanceRecord:
    """A payment for some of the claims."""
    paid = sum(claim.paid_amount_cents for claim in claims)
    return replace(payment, claims=claims, paid_amount_cents=paid, method=_CHECK if paid else _NO_PAYMENT)


def _around(
    guide: Guide, payment: RemittanceRecord, claims: str, delimiters: Delimiters, number: int
) -> tuple[str, int]:
    """A transaction around its claims' text, and how many segments it has. Raises `X12Error` for a wrong beginning."""
    end, control_number = delimiters.terminator, f"{number:04d}"
    values = _transaction(replace(payment, claims=payment.claims[:1]))
    whole = transaction_text(guide, values, delimiters, control_number)
    begin = whole.index(f"{end}CLP{delimiters.element}") + 1
    start = whole.index(f"{end}BPR{delimiters.element}") + 1
    text = whole[start : whole.index(end, start)]
    use, parts = guide.use("transaction", "payment"), text.split(delimiters.element)
    faults, _ = SegmentCheck(use, delimiters, {}).examine(Segment(use.tag, text, parts, 0, 0, 0, delimiters))
    if faults or number > CONTROL_NUMBER_MAX:
        raise X12Error(f"payment {payment.trace_number}: its beginning cannot be written")
    count = whole.count(end, 0, begin) + claims.count(end) + 1
    trailer = delimiters.element.join(("SE", str(count), control_number))
    return f"{whole[:begin]}{claims}{trailer}{end}", count


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
