"""What keeps a claim with other payers from being written: each of them must have decided, and its figures must agree.

The guide balances a claim that another payer decided: at each line the paid amount and the line's adjustments make up
the line's charge; over the claim the paid amount, the claim's own adjustments and those of its lines make up the
claim's charge. A payer that comes before the one addressed must have decided, or the whole charge must be one it does
not cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Final

from cocm.basics.errors import X12Error
from cocm.basics.money import dollars
from cocm.claims.records import Claim, LineAdjudication, OtherPayer, PayerAdjustment, ServiceLine

PRIMARY: Final = "P"
UNKNOWN_SEQUENCE: Final = "U"
OTHER_PAYERS_MAX: Final = 10
ADJUDICATIONS_PER_LINE_MAX: Final = 15
ADJUSTMENT_SEGMENTS_MAX: Final = 5
ADJUSTMENTS_PER_SEGMENT_MAX: Final = 6

_PAYMENT_ORDER: Final = "PSTABCDEFGH"


def refuse_uncoordinated(claim: Claim) -> None:
    """Raise `X12Error` where the other payers of a claim, or what they decided, do not belong together."""
    payers = claim.other_payers
    if claim.payer_sequence != PRIMARY and not payers:
        raise X12Error(
            f"payer_sequence {claim.payer_sequence or '(none)'}: a claim to a later payer needs the earlier ones with "
            "what they decided in other_payers; bill it with their remittance"
        )
    if len(payers) > OTHER_PAYERS_MAX:
        raise X12Error(f"other_payers: {len(payers)}; a claim names at most {OTHER_PAYERS_MAX}")
    _refuse_twice("payer_sequence", [claim.payer_sequence, *(payer.payer_sequence for payer in payers)])
    _refuse_twice("payer.identifier", [payer.payer.identifier for payer in payers])
    identifiers = {payer.payer.identifier for payer in payers}
    for line in claim.lines:
        _refuse_unfit_adjudications(line, identifiers, len(claim.lines))
    for place, payer in enumerate(payers, start=1):
        try:
            _refuse_unfit_payer(claim, payer)
        except X12Error as problem:
            raise X12Error(f"other_payers, place {place}: {problem}") from None


def adjustment_groups(adjustments: Sequence[PayerAdjustment]) -> list[list[PayerAdjustment]]:
    """The adjustments segment by segment: those of one group code together, six at most in each."""
    by_code: dict[str, list[PayerAdjustment]] = {}
    for adjustment in adjustments:
        by_code.setdefault(adjustment.group_code, []).append(adjustment)
    return [
        members[at : at + ADJUSTMENTS_PER_SEGMENT_MAX]
        for members in by_code.values()
        for at in range(0, len(members), ADJUSTMENTS_PER_SEGMENT_MAX)
    ]


def _refuse_twice(field: str, values: list[str]) -> None:
    known = [value for value in values if value != UNKNOWN_SEQUENCE]
    if len(set(known)) != len(known):
        raise X12Error(f"other_payers: two payers of the claim have the same {field}; each needs its own")


def _refuse_unfit_adjudications(line: ServiceLine, identifiers: set[str], line_count: int) -> None:
    where = f"line {line.claim_line_number}"
    if len(line.adjudications) > ADJUDICATIONS_PER_LINE_MAX:
        raise X12Error(
            f"{where}: {len(line.adjudications)} adjudications; the limit is {ADJUDICATIONS_PER_LINE_MAX}"
        )
    for decided in line.adjudications:
        if decided.payer_identifier not in identifiers:
            raise X12Error(f"{where}: an adjudication names a payer that is none of other_payers")
        if decided.paid_amount_cents < 0 or decided.paid_unit_quantity < 0:
            raise X12Error(f"{where}: an adjudication's paid amount and units must not be negative")
        if decided.adjudication_date < line.service_date:
            raise X12Error(f"{where}: adjudication_date lies before the service")
        bundled = decided.bundled_line_number
        if bundled is not None and not 1 <= bundled <= line_count:
            raise X12Error(f"{where}: bundled_line_number {bundled}; the claim has {line_count} lines")
        _refuse_many(where, decided.adjustments)


def _refuse_unfit_payer(claim: Claim, payer: OtherPayer) -> None:
    by_line = [
        [decided for decided in line.adjudications if decided.payer_identifier == payer.payer.identifier]
        for line in claim.lines
    ]
    if payer.paid_amount_cents is None:
        _refuse_undecided(claim, payer, has_lines=any(by_line))
        return
    if payer.noncovered_amount_cents is not None:
        raise X12Error(
            "noncovered_amount_cents is for a payer that was not asked; this one has paid_amount_cents"
        )
    if payer.paid_amount_cents < 0:
        raise X12Error("paid_amount_cents must not be negative")
    _refuse_many("adjustments", payer.adjustments)
    if any(by_line):
        _refuse_unbalanced_lines(claim, by_line)
        if payer.adjudication_date is not None or payer.remaining_liability_cents is not None:
            raise X12Error(
                "the lines carry this payer's decision; adjudication_date and remaining_liability_cents belong to them"
            )
    elif payer.adjudication_date is None:
        raise X12Error("adjudication_date is missing: the day of the payer's check or remittance")
    elif payer.adjudication_date < min(line.service_date for line in claim.lines):
        raise X12Error("adjudication_date lies before the service")
    line_adjustments = chain.from_iterable(one.adjustments for one in chain.from_iterable(by_line))
    _refuse_unbalanced(
        "the claim's charge",
        claim.charge_amount_cents,
        payer.paid_amount_cents,
        _total(payer.adjustments) + _total(line_adjustments),
    )
    _refuse_liability(payer.remaining_liability_cents, claim.charge_amount_cents, payer.paid_amount_cents)


def _refuse_undecided(claim: Claim, payer: OtherPayer, *, has_lines: bool) -> None:
    """A payer that has not decided carries no decision, and must not come before the one addressed."""
    if (
        has_lines
        or payer.adjustments
        or payer.adjudication_date is not None
        or payer.remaining_liability_cents is not None
    ):
        raise X12Error(
            "it has adjustments or a date, and no paid_amount_cents; a payer that paid nothing has paid 0"
        )
    noncovered = payer.noncovered_amount_cents
    if noncovered is not None:
        if noncovered != claim.charge_amount_cents:
            raise X12Error(f"noncovered_amount_cents must be the claim's charge, {_told(claim)}")
    elif _comes_before(payer.payer_sequence, claim.payer_sequence):
        raise X12Error(
            f"payer {payer.payer_sequence} comes before payer {claim.payer_sequence} and has not decided; "
            "bill the claim with its remittance"
        )


def _told(claim: Claim) -> str:
    return dollars(claim.charge_amount_cents)


def _comes_before(sequence: str, other: str) -> bool:
    """Whether one payer pays before another, as far as their codes say so."""
    order = _PAYMENT_ORDER
    return sequence in order and other in order and order.index(sequence) < order.index(other)


def _refuse_unbalanced_lines(claim: Claim, by_line: Sequence[Sequence[LineAdjudication]]) -> None:
    for line, decided in zip(claim.lines, by_line, strict=True):
        where = f"line {line.claim_line_number}"
        if not decided:
            raise X12Error(
                f"{where}: the payer decided other lines and not this one; enter its decision on every line"
            )
        paid = sum(one.paid_amount_cents for one in decided)
        adjusted = sum(_total(one.adjustments) for one in decided)
        _refuse_unbalanced(f"{where}: its charge", line.charge_amount_cents, paid, adjusted)
        for one in decided:
            try:
                _refuse_liability(one.remaining_liability_cents, line.charge_amount_cents, paid)
            except X12Error as problem:
                raise X12Error(f"{where}: {problem}") from None


def _refuse_unbalanced(what: str, charge_cents: int, paid_cents: int, adjusted_cents: int) -> None:
    if paid_cents + adjusted_cents != charge_cents:
        raise X12Error(
            f"{what} is {dollars(charge_cents)}, but the other payer's {dollars(paid_cents)} paid and "
            f"{dollars(adjusted_cents)} adjusted make {dollars(paid_cents + adjusted_cents)}; enter it as it came"
        )


def _refuse_liability(liability_cents: int | None, charge_cents: int, paid_cents: int) -> None:
    if liability_cents is not None and not 0 <= liability_cents <= charge_cents - paid_cents:
        raise X12Error(
            f"remaining_liability_cents must be from 0 to what was not paid, {dollars(charge_cents - paid_cents)}"
        )


def _refuse_many(where: str, adjustments: Sequence[PayerAdjustment]) -> None:
    segments = len(adjustment_groups(adjustments))
    if segments > ADJUSTMENT_SEGMENTS_MAX:
        raise X12Error(
            f"{where}: the adjustments need {segments} segments; there is room for {ADJUSTMENT_SEGMENTS_MAX}, each "
            f"with {ADJUSTMENTS_PER_SEGMENT_MAX} of one group code"
        )


def _total(adjustments: Iterable[PayerAdjustment]) -> int:
    return sum(adjustment.amount_cents for adjustment in adjustments)
