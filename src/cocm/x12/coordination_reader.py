"""Other payers and what they decided, documents and notes, out of placed segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cocm.basics.errors import X12Error
from cocm.claims.records import LineAdjudication, Paperwork, PayerAdjustment
from cocm.x12.claim_record import ADDITIONAL_NOTE, OtherPayerRecord, PartyRecord, PlacedSegment
from cocm.x12.coordination import ADJUSTMENTS_PER_SEGMENT_MAX
from cocm.x12.party_reader import PartyReader
from cocm.x12.placed_values import Placed, cents, cents_of, day_of, groups, number, place, value_of, whole

_PAYER_LOOP: Final = "2320"
_PAYER_INSIDE: Final = "2330"
_DECISION_LOOP: Final = "2430"


class CoordinationReader:
    """Reads loops 2320 with 2330, and 2430."""

    def __init__(self, parties: PartyReader) -> None:
        self._parties = parties

    def other_payers(self, claim: Placed) -> tuple[OtherPayerRecord, ...]:
        """The other payers of a claim in their order."""
        return tuple(map(self._other_payer, groups(claim, _PAYER_LOOP, inside=_PAYER_INSIDE)))

    def _other_payer(self, parts: Placed) -> OtherPayerRecord:
        coverage = parts[0]
        uses = {one.use.name: one for one in reversed(parts) if one.use is not None}
        return OtherPayerRecord(
            payer_sequence=coverage.value("payer_sequence"),
            relationship_code=coverage.value("relationship"),
            group_number=coverage.value("group_number"),
            insurance_type_code=coverage.value("insurance_type"),
            claim_filing_code=coverage.value("claim_filing_code"),
            subscriber=self._party(parts, "2330A"),
            payer=self._party(parts, "2330B"),
            paid_amount_cents=cents_of(uses, "payer_paid"),
            noncovered_amount_cents=cents_of(uses, "total_noncovered"),
            remaining_liability_cents=cents_of(uses, "remaining_liability"),
            adjustments=tuple(_adjustments(parts, "claim_adjustments")),
            adjudication_date=day_of(uses, "adjudication_date"),
            payer_claim_control_number=value_of(uses, "other_payer_claim_control_number", "number"),
        )

    def _party(self, parts: Placed, loop_id: str) -> PartyRecord:
        party = self._parties.first(parts, loop_id)
        if party is None:
            raise X12Error(
                f"{place(parts[0].segment)}, loop {_PAYER_LOOP}: loop {loop_id} is missing below it"
            )
        return party

    def line_adjudications(self, line: Placed) -> tuple[LineAdjudication, ...]:
        """What other payers decided on a line, in their order."""
        return tuple(map(_line_adjudication, groups(line, _DECISION_LOOP)))


def _line_adjudication(parts: Placed) -> LineAdjudication:
    decided = parts[0]
    uses = {one.use.name: one for one in reversed(parts) if one.use is not None}
    decided_on = day_of(uses, "line_adjudication_date")
    if decided_on is None:
        raise X12Error(
            f"{place(decided.segment)}, loop {_DECISION_LOOP}: the date of the decision (DTP*573) is missing"
        )
    return LineAdjudication(
        payer_identifier=decided.value("payer_number"),
        paid_amount_cents=cents(decided, "paid_amount"),
        hcpcs_code=decided.value("hcpcs_code"),
        modifiers=tuple(filter(None, (decided.value(f"modifier_{at}") for at in (1, 2, 3, 4)))),
        paid_unit_quantity=number(decided, "paid_quantity"),
        adjudication_date=decided_on,
        adjustments=tuple(_adjustments(parts, "line_adjustments")),
        remaining_liability_cents=cents_of(uses, "line_remaining_liability"),
        bundled_line_number=(
            whole(decided, "bundled_line_number") if decided.value("bundled_line_number") else None
        ),
    )


def _adjustments(parts: Placed, name: str) -> Iterator[PayerAdjustment]:
    for placed in parts:
        if placed.name != name:
            continue
        for at in range(1, ADJUSTMENTS_PER_SEGMENT_MAX + 1):
            if placed.value(f"reason_{at}"):
                yield PayerAdjustment(
                    group_code=placed.value("group_code"),
                    reason_code=placed.value(f"reason_{at}"),
                    amount_cents=cents(placed, f"amount_{at}"),
                    quantity=number(placed, f"quantity_{at}") if placed.value(f"quantity_{at}") else None,
                )


def read_paperwork(placed: Placed, loop_id: str, name: str) -> tuple[Paperwork, ...]:
    """The documents that a loop announces."""
    return tuple(
        Paperwork(one.value("report_type"), one.value("transmission"), one.value("control_number"))
        for one in placed
        if one.loop_id == loop_id and one.name == name
    )


def read_note(placed: PlacedSegment | None) -> str:
    """The text of a note that adds information; notes of other kinds stay with the claim as segments."""
    if placed is None or placed.value("note_type") != ADDITIONAL_NOTE:
        return ""
    return placed.value("text")
