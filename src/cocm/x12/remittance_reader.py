"""Reads remittances (835) by the guide's map, one payment after the other.

What a remittance says is taken into records; the rest stays with its claim or payment as segments. A value that cannot
be read ends in an `X12Error` with its byte and element: check a doubtful file with `validate_835` first.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord, PlacedSegment
from cocm.x12.guide import guide_versions, load_guide
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import Placed, cents, day, find, number, place
from cocm.x12.remittance_record import (
    Adjustment,
    ClaimPayment,
    PaymentAccounts,
    ProviderAdjustment,
    RemittanceRecord,
    ServicePayment,
)
from cocm.x12.tokens import Segment, Source, read_segments
from cocm.x12.tree_values import amounts, contacts, references
from cocm.x12.walker import Walker

REMITTANCE_GUIDE: Final = "005010X221A1"
CLAIMS_PER_PAYMENT_MAX: Final = 1_000_000
SEGMENTS_PER_CLAIM_MAX: Final = 500_000
SEGMENTS_OUTSIDE_CLAIMS_MAX: Final = 100_000

_CLAIM_LOOP: Final = "2100"
_LINE_LOOP: Final = "2110"
_ADJUSTMENTS_PER_SEGMENT: Final = range(1, 7)
_DEBIT: Final = "D"
_ALLOWED_AMOUNT: Final = "B6"
_PAYER_CONTACTS: Final = frozenset({"payer_business_contact", "payer_technical_contact", "payer_web_site"})
_CLAIM_NUMBERS: Final = frozenset({"claim_number", "rendering_number"})
_LINE_NUMBERS: Final = frozenset({"service_number", "line_rendering_number", "policy_number"})
_NO_ACCOUNTS: Final = PaymentAccounts("", "", "", "", "", "", "", "", "", "", "")


def read_835(source: Source) -> Iterator[RemittanceRecord]:
    """The payments of a file in their order.

    Raises `X12Error` for a file that cannot be read or holds another transaction than remittances.
    """
    reader = _RemittanceReader()
    for segment in read_segments(source):
        record = reader.segment(segment)
        if record is not None:
            yield record
    reader.refuse_unfinished()


class _RemittanceReader:
    """Follows a file and hands out each payment when it has ended."""

    def __init__(self) -> None:
        self._walker = Walker(load_guide(REMITTANCE_GUIDE))
        self._interchange_number = self._group_number = self._group_version = ""
        self._transaction: Segment | None = None
        self._outside: list[PlacedSegment] = []
        self._claim: list[PlacedSegment] = []
        self._claims: list[ClaimPayment] = []
        self._parties = PartyReader()

    def segment(self, segment: Segment) -> RemittanceRecord | None:
        """Take the next segment; a payment that it ends is handed out."""
        match segment.tag:
            case "ISA":
                self.refuse_unfinished()
                self._interchange_number = segment.value(13).strip()
            case "GS":
                self.refuse_unfinished()
                self._group_number, self._group_version = segment.value(6).strip(), segment.value(8).strip()
            case "ST":
                self.refuse_unfinished()
                self._start(segment)
            case _ if self._transaction is not None:
                self._inner(segment)
                if segment.tag == "SE":
                    return self._finished(segment)
        return None

    def refuse_unfinished(self) -> None:
        """A payment without its end is not whole: its balance cannot be trusted."""
        if self._transaction is not None:
            raise X12Error(
                f"{place(self._transaction)}: the transaction has no end (SE); the file was cut off"
            )

    def _start(self, segment: Segment) -> None:
        version = segment.value(3).strip() or self._group_version
        if guide_versions().get(version) != REMITTANCE_GUIDE:
            raise X12Error(
                f"{place(segment)}: the transaction names the guide {version or '(none)'}; expected remittances, "
                f"{REMITTANCE_GUIDE}"
            )
        self._transaction = segment
        self._outside, self._claim, self._claims = [], [], []
        self._walker.start()
        self._walker.step(segment)

    def _inner(self, segment: Segment) -> None:
        step = self._walker.step(segment)
        if any(loop.loop_id == _CLAIM_LOOP for loop in step.closed):
            self._end_claim(segment)
        loop_id = step.use.loop_id if step.use is not None else step.state.loop.loop_id
        kept, count_max = self._claim, SEGMENTS_PER_CLAIM_MAX
        if not self._claim and loop_id != _CLAIM_LOOP:
            kept, count_max = self._outside, SEGMENTS_OUTSIDE_CLAIMS_MAX
        if len(kept) >= count_max:
            raise X12Error(f"{place(segment)}: more than {count_max} segments in one claim or payment")
        kept.append(PlacedSegment(loop_id, step.use, segment))

    def _end_claim(self, at: Segment) -> None:
        if len(self._claims) >= CLAIMS_PER_PAYMENT_MAX:
            raise X12Error(f"{place(at)}: more than {CLAIMS_PER_PAYMENT_MAX} claims in one payment")
        self._claims.append(self._claim_payment(self._claim))
        self._claim = []

    def _finished(self, segment: Segment) -> RemittanceRecord:
        started, self._transaction = self._transaction, None
        assert started is not None  # only called within a transaction
        outside = self._outside
        payment, trace = find(outside, "transaction", "payment"), find(outside, "transaction", "trace")
        if payment is None or trace is None:
            raise X12Error(f"{place(started)}: the remittance lacks its payment (BPR) or trace (TRN)")
        payer, payee = self._parties.first(outside, "1000A"), self._parties.first(outside, "1000B")
        if payer is None or payee is None:
            raise X12Error(f"{place(started)}: the remittance lacks its payer (1000A) or payee (1000B)")
        produced = find(outside, "transaction", "production_date")
        receiver = find(outside, "transaction", "receiver_number")
        amount = cents(payment, "amount")
        return RemittanceRecord(
            interchange_control_number=self._interchange_number,
            group_control_number=self._group_number,
            transaction_control_number=started.value(2).strip(),
            handling_code=payment.value("handling"),
            paid_amount_cents=-amount if payment.value("credit_or_debit") == _DEBIT else amount,
            method=payment.value("method"),
            payment_date=day(payment, payment.value("date"), "BPR16"),
            trace_number=trace.value("trace_number"),
            payer_identifier=trace.value("payer_identifier"),
            payer=payer,
            payee=payee,
            production_date=_date_or_none(produced),
            claims=tuple(self._claims),
            provider_adjustments=tuple(_provider_adjustments(outside)),
            segments=tuple(outside),
            start=started.start,
            end=segment.end,
            accounts=_accounts(payment),
            payer_contacts=contacts(one for one in outside if one.name in _PAYER_CONTACTS),
            payer_numbers=references(one for one in outside if one.name == "payer_number"),
            payee_numbers=references(one for one in outside if one.name == "payee_number"),
            receiver_number=receiver.value("number") if receiver is not None else "",
            payer_supplement=trace.value("payer_supplement"),
        )

    def _claim_payment(self, claim: Placed) -> ClaimPayment:
        first = claim[0]
        own = [placed for placed in claim if placed.loop_id == _CLAIM_LOOP]
        patient = self._named(own, "patient_name")
        if patient is None:
            raise X12Error(
                f"{place(first.segment)}, claim {first.value('claim_id')}: the patient's name is missing"
            )
        statement = {
            placed.value("kind"): _date_or_none(placed) for placed in own if placed.name == "statement_date"
        }
        responsibility = first.value("patient_responsibility_amount")
        return ClaimPayment(
            claim_id=first.value("claim_id"),
            status_code=first.value("status_code"),
            charge_amount_cents=cents(first, "charge_amount"),
            paid_amount_cents=cents(first, "paid_amount"),
            patient_responsibility_amount_cents=cents(first, "patient_responsibility_amount")
            if responsibility
            else 0,
            claim_filing_code=first.value("claim_filing_code"),
            payer_claim_control_number=first.value("payer_claim_control_number"),
            place_of_service_code=first.value("facility_type"),
            frequency_code=first.value("frequency_code"),
            patient=patient,
            subscriber=self._named(own, "subscriber_name"),
            corrected=self._named(own, "corrected_name"),
            rendering=self._named(own, "rendering_name"),
            crossover_payer=self._named(own, "crossover_payer"),
            adjustments=tuple(_adjustments(own, "claim_adjustments")),
            remark_codes=tuple(_claim_remarks(own)),
            statement_from_date=statement.get("232"),
            statement_to_date=statement.get("233"),
            received_date=_date_or_none(find(own, _CLAIM_LOOP, "received_date")),
            lines=tuple(_service_payment(parts) for parts in _line_groups(claim)),
            segments=tuple(claim),
            start=first.segment.start,
            end=claim[-1].segment.end,
            coverage_end_date=_date_or_none(find(own, _CLAIM_LOOP, "coverage_end_date")),
            corrected_payer=self._named(own, "corrected_payer"),
            other_subscriber=self._named(own, "other_subscriber_name"),
            numbers=references(_tagged(own, "REF", _CLAIM_NUMBERS)),
            amounts=amounts(_tagged(own, "AMT")),
            contacts=contacts(_tagged(own, "PER")),
        )

    def _named(self, own: Placed, name: str) -> PartyRecord | None:
        found = find(own, _CLAIM_LOOP, name)
        return self._parties.party([found]) if found is not None else None


def _accounts(payment: PlacedSegment) -> PaymentAccounts | None:
    """The accounts, where the payment names any."""
    accounts = PaymentAccounts(
        format_code=payment.value("format"),
        sender_bank_type=payment.value("sender_bank_type"),
        sender_bank=payment.value("sender_bank"),
        sender_account_type=payment.value("sender_account_type"),
        sender_account=payment.value("sender_account"),
        sender_company=payment.value("sender_company"),
        sender_company_supplement=payment.value("sender_company_supplement"),
        receiver_bank_type=payment.value("receiver_bank_type"),
        receiver_bank=payment.value("receiver_bank"),
        receiver_account_type=payment.value("receiver_account_type"),
        receiver_account=payment.value("receiver_account"),
    )
    return accounts if accounts != _NO_ACCOUNTS else None


def _line_groups(claim: Placed) -> Iterator[list[PlacedSegment]]:
    """The segments of each service line."""
    parts: list[PlacedSegment] = []
    for placed in claim:
        if placed.loop_id != _LINE_LOOP:
            continue
        if parts and placed.use is not None and placed.use.starts_loop:
            yield parts
            parts = []
        parts.append(placed)
    if parts:
        yield parts


def _service_payment(parts: Placed) -> ServicePayment:
    service = parts[0]
    dates = {placed.value("kind"): _date_or_none(placed) for placed in parts if placed.name == "service_date"}
    control_number = find(parts, _LINE_LOOP, "line_control_number")
    allowed = next(
        (
            placed
            for placed in parts
            if placed.name == "service_amount" and placed.value("amount_type") == _ALLOWED_AMOUNT
        ),
        None,
    )
    return ServicePayment(
        hcpcs_code=service.value("hcpcs_code"),
        modifiers=tuple(filter(None, (service.value(f"modifier_{at}") for at in (1, 2, 3, 4)))),
        submitted_hcpcs_code=service.value("submitted_hcpcs_code"),
        charge_amount_cents=cents(service, "charge_amount"),
        paid_amount_cents=cents(service, "paid_amount"),
        paid_quantity=_number_or_none(service, "paid_quantity"),
        service_from_date=dates.get("150") or dates.get("472"),
        service_to_date=dates.get("151") or dates.get("472"),
        line_control_number=control_number.value("number") if control_number else "",
        allowed_amount_cents=cents(allowed, "amount") if allowed else None,
        adjustments=tuple(_adjustments(parts, "service_adjustments")),
        remark_codes=tuple(placed.value("remark") for placed in parts if placed.name == "service_remark"),
        start=service.segment.start,
        end=parts[-1].segment.end,
        code_type=service.value("code_type"),
        revenue_code=service.value("revenue_code"),
        submitted_quantity=_number_or_none(service, "submitted_quantity"),
        numbers=references(_tagged(parts, "REF", _LINE_NUMBERS)),
        amounts=amounts(placed for placed in _tagged(parts, "AMT") if placed is not allowed),
    )


def _adjustments(placed: Placed, name: str) -> Iterator[Adjustment]:
    for one in placed:
        if one.name != name:
            continue
        for at in _ADJUSTMENTS_PER_SEGMENT:
            reason_code = one.value(f"reason_{at}")
            if reason_code:
                yield Adjustment(
                    group_code=one.value("group_code"),
                    reason_code=reason_code,
                    amount_cents=cents(one, f"amount_{at}"),
                    quantity=_number_or_none(one, f"quantity_{at}"),
                )


def _claim_remarks(own: Placed) -> Iterator[str]:
    for placed in own:
        if placed.name in ("outpatient_adjudication", "inpatient_adjudication"):
            yield from filter(None, (placed.value(f"remark_{at}") for at in range(1, 6)))


def _provider_adjustments(outside: Placed) -> Iterator[ProviderAdjustment]:
    for placed in outside:
        if placed.name != "provider_adjustments":
            continue
        for at in _ADJUSTMENTS_PER_SEGMENT:
            reason_code = placed.value(f"reason_{at}")
            if reason_code:
                yield ProviderAdjustment(
                    provider_identifier=placed.value("provider_identifier"),
                    fiscal_year_end=day(placed, placed.value("fiscal_year_end"), "PLB02"),
                    reason_code=reason_code,
                    reference=placed.value(f"reference_{at}"),
                    amount_cents=cents(placed, f"amount_{at}"),
                )


def _tagged(placed: Placed, tag: str, names: frozenset[str] = frozenset()) -> list[PlacedSegment]:
    """The segments of a tag that the guide knows here; of these names alone, where some are given."""
    return [
        one
        for one in placed
        if one.segment.tag == tag and one.use is not None and (not names or one.use.name in names)
    ]


def _date_or_none(placed: PlacedSegment | None) -> date | None:
    return day(placed, placed.value("date"), f"{placed.segment.tag}02") if placed is not None else None


def _number_or_none(placed: PlacedSegment, name: str) -> Decimal | None:
    return number(placed, name) if placed.value(name) else None
