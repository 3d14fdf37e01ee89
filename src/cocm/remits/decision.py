"""A payer's decision on a claim as the books need it: amounts, reasons and references, without names.

The same plain tuples come from a remittance's records and from the columnar tables, so that one posting serves both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from cocm.basics.errors import X12Error
from cocm.basics.identity import stable_id
from cocm.basics.money import plain_dollars
from cocm.x12 import ClaimPayment, RemittanceRecord, ServicePayment

REVERSAL: Final = "22"
AMOUNT_CENTS_MAX: Final = 10**14 - 1
"""Twelve digits of dollars, as where a person types one. The wire allows more, which no books can add up."""
_SEQUENCES: Final = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
_FORWARDED: Final = frozenset({"19", "20", "21", "23"})
_ESTIMATES: Final = frozenset({"25"})


class DecisionStatus(str):
    """A claim status code of a remittance (CLP02)."""

    __slots__ = ()

    @property
    def is_reversal(self) -> bool:
        """Whether it takes an earlier decision back; its amounts are negative."""
        return self == REVERSAL

    @property
    def is_forwarded(self) -> bool:
        """Whether the payer passed the claim on to another payer, whose decision is still to come."""
        return self in _FORWARDED

    @property
    def is_estimate(self) -> bool:
        """Whether it is an estimate before the service: no decision on a claim, and no money."""
        return self in _ESTIMATES

    @property
    def sequence(self) -> int | None:
        """1 when processed as primary, 2 secondary, 3 tertiary; None where the status does not say."""
        return _SEQUENCES.get(self)


class AdjustmentAmount(NamedTuple):
    """By how many cents less than the charge was paid, with the group (CO, PR, OA, PI) and reason."""

    group_code: str
    reason_code: str
    amount_cents: int


class DecidedLine(NamedTuple):
    """A service line as it was decided. `unit_quantity` is what was paid for; None where the line does not say."""

    hcpcs_code: str
    unit_quantity: Decimal | None
    charge_amount_cents: int
    paid_amount_cents: int
    allowed_amount_cents: int | None
    adjustments: tuple[AdjustmentAmount, ...]
    remark_codes: tuple[str, ...]


class ClaimDecision(NamedTuple):
    """One CLP of a remittance. `claim_number` is what the practice sent as the claim's control number.

    `member_id` is the patient's or subscriber's number with the payer: needed to find the claim when its control
    number is lost, and kept in no state. `start` and `end` are its bytes in the file. `content` is the text of
    `content_of`: decisions that say the same about other claims have it in common.
    """

    decision_id: str
    payment_id: str
    claim_number: str
    payer_claim_control_number: str
    status: DecisionStatus
    charge_amount_cents: int
    paid_amount_cents: int
    patient_amount_cents: int
    first_date: date | None
    last_date: date | None
    received_date: date | None
    member_id: str
    adjustments: tuple[AdjustmentAmount, ...]
    remark_codes: tuple[str, ...]
    lines: tuple[DecidedLine, ...]
    start: int
    end: int
    content: str


class ProviderAdjustmentAmount(NamedTuple):
    """Money moved outside any claim (PLB). A positive amount lowers the payment."""

    reason_code: str
    reference: str
    amount_cents: int


class Payment(NamedTuple):
    """One payment, or advice without payment, of a payer. The same payment in two files has one `payment_id`."""

    payment_id: str
    payer_identifier: str
    payer_name: str
    payee_npi: str
    trace_number: str
    payment_date: date
    production_date: date | None
    method: str
    handling_code: str
    paid_amount_cents: int
    provider_adjustments: tuple[ProviderAdjustmentAmount, ...]
    payer_number: str = ""
    """The payer's own number in the remittance (REF 2U, the first that is told): who among one company's parts paid."""


def payment_of(record: RemittanceRecord) -> Payment:
    """The payment of a remittance as the books need it. Raises `X12Error` for an amount beyond every books' limit."""
    _check_amounts(
        f"payment {record.trace_number}",
        record.paid_amount_cents,
        *(given.amount_cents for given in record.provider_adjustments),
    )
    return Payment(
        payment_id=payment_id_of(
            record.payer_identifier, record.trace_number, record.payment_date, record.paid_amount_cents
        ),
        payer_identifier=record.payer_identifier,
        payer_name=record.payer.last_or_organization_name,
        payee_npi=record.payee.identifier,
        trace_number=record.trace_number,
        payment_date=record.payment_date,
        production_date=record.production_date,
        method=record.method,
        handling_code=record.handling_code,
        paid_amount_cents=record.paid_amount_cents,
        provider_adjustments=tuple(
            ProviderAdjustmentAmount(given.reason_code, given.reference, given.amount_cents)
            for given in record.provider_adjustments
        ),
        payer_number=next((given.number for given in record.payer_numbers), ""),
    )


def payment_id_of(payer_identifier: str, trace_number: str, payment_date: date, paid_cents: int) -> str:
    """A payment's id: a payer gives one trace number to one payment, however many files tell of it."""
    return stable_id("R", payer_identifier, trace_number, payment_date, paid_cents)


def decisions_of(record: RemittanceRecord) -> Iterator[ClaimDecision]:
    """A remittance's decisions in its order, each with an id of its content, so that a repeat is recognised.

    Raises `X12Error` for an amount beyond every books' limit.
    """
    payment_id = payment_of(record).payment_id
    ids = DecisionIds(payment_id)
    for claim in record.claims:
        yield _decision(claim, payment_id, ids)


class DecisionIds:
    """Gives the decisions of one remittance their ids: from payment and content, so that a repeat is recognised.

    An equal decision in the same remittance is a second decision. One of these serves one remittance (ST to SE).
    """

    __slots__ = ("_payment_id", "_seen")

    def __init__(self, payment_id: str) -> None:
        self._payment_id = payment_id
        self._seen: dict[str, int] = {}

    def next_id(
        self,
        claim_number: str,
        payer_claim_control_number: str,
        status: str,
        charge_amount_cents: int,
        paid_amount_cents: int,
        content: str,
    ) -> str:
        """The id of the next decision in the remittance's order; `content` is the text of `content_of`."""
        whole = (
            f"{claim_number}\x1f{payer_claim_control_number}\x1f{status}\x1f{charge_amount_cents}\x1f"
            f"{paid_amount_cents}{content}"
        )
        first = stable_id("D", self._payment_id, whole)
        count = self._seen.get(first, 0) + 1
        self._seen[first] = count
        return first if count == 1 else stable_id("D", self._payment_id, whole, count)


def content_of(adjustments: Iterable[AdjustmentAmount], lines: Iterable[DecidedLine]) -> str:
    """What a decision says, in one text: its adjustments, then each line with its own. Ids are made of it."""
    return "".join((*map(_adjustment_text, adjustments), *map(line_content, lines)))


def line_content(line: DecidedLine) -> str:
    """A line's part of `content_of`."""
    code, units, charge, paid, allowed, adjustments, remarks = line
    told = f"\x1e\x1d{code}\x1f{units}\x1f{charge}\x1f{paid}\x1f{allowed}\x1f{' '.join(remarks)}"
    return told + "".join(map(_adjustment_text, adjustments)) if adjustments else told


def _adjustment_text(given: AdjustmentAmount) -> str:
    return f"\x1e{given[0]}\x1f{given[1]}\x1f{given[2]}"


def plain_quantity(quantity: Decimal | None) -> Decimal | None:
    """A quantity without zeros that say nothing, so that `1` and `1.0` are one."""
    if quantity is None:
        return None
    whole = quantity.to_integral_value()
    return Decimal(int(whole)) if whole == quantity else quantity.normalize()


def _decision(claim: ClaimPayment, payment_id: str, ids: DecisionIds) -> ClaimDecision:
    lines = tuple(map(_line, claim.lines))
    adjustments = tuple(
        AdjustmentAmount(given.group_code, given.reason_code, given.amount_cents)
        for given in claim.adjustments
    )
    _check_amounts(
        f"claim {claim.claim_id}",
        claim.charge_amount_cents,
        claim.paid_amount_cents,
        claim.patient_responsibility_amount_cents,
        *(given.amount_cents for given in adjustments),
    )
    for line in lines:
        _check_amounts(
            f"claim {claim.claim_id}",
            line.charge_amount_cents,
            line.paid_amount_cents,
            line.allowed_amount_cents or 0,
            *(given.amount_cents for given in line.adjustments),
        )
    content = content_of(adjustments, lines)
    holder = claim.patient if claim.patient.identifier or claim.subscriber is None else claim.subscriber
    return ClaimDecision(
        decision_id=ids.next_id(
            claim.claim_id,
            claim.payer_claim_control_number,
            claim.status_code,
            claim.charge_amount_cents,
            claim.paid_amount_cents,
            content,
        ),
        payment_id=payment_id,
        claim_number=claim.claim_id,
        payer_claim_control_number=claim.payer_claim_control_number,
        status=DecisionStatus(claim.status_code),
        charge_amount_cents=claim.charge_amount_cents,
        paid_amount_cents=claim.paid_amount_cents,
        patient_amount_cents=claim.patient_responsibility_amount_cents,
        first_date=claim.statement_from_date or _first_date(claim),
        last_date=claim.statement_to_date or _last_date(claim),
        received_date=claim.received_date,
        member_id=holder.identifier,
        adjustments=adjustments,
        remark_codes=claim.remark_codes,
        lines=lines,
        start=claim.start,
        end=claim.end,
        content=content,
    )


def _check_amounts(where: str, *amounts_cents: int) -> None:
    most = max(map(abs, amounts_cents))
    if most > AMOUNT_CENTS_MAX:
        raise X12Error(
            f"{where}: an amount of {plain_dollars(most)} dollars; expected at most {plain_dollars(AMOUNT_CENTS_MAX)}. "
            "Ask the payer for a corrected remittance"
        )


def _line(line: ServicePayment) -> DecidedLine:
    return DecidedLine(
        hcpcs_code=line.submitted_hcpcs_code or line.hcpcs_code,
        unit_quantity=plain_quantity(line.paid_quantity),
        charge_amount_cents=line.charge_amount_cents,
        paid_amount_cents=line.paid_amount_cents,
        allowed_amount_cents=line.allowed_amount_cents,
        adjustments=tuple(
            AdjustmentAmount(given.group_code, given.reason_code, given.amount_cents)
            for given in line.adjustments
        ),
        remark_codes=line.remark_codes,
    )


def _first_date(claim: ClaimPayment) -> date | None:
    return min((line.service_from_date for line in claim.lines if line.service_from_date), default=None)


def _last_date(claim: ClaimPayment) -> date | None:
    days = (line.service_to_date or line.service_from_date for line in claim.lines)
    return max((day for day in days if day), default=None)
