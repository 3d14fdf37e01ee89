"""The claims of many remittances written at once: what claims share is laid out once, the rest is filled in.

A claim is of a kind: which segments it has and every value in them but ids, names, numbers and amounts. The first claim
of each kind is written and checked as `tree_writer` does it, and what is filled in here must give the same text; of its
like each segment must meet its map's pattern, and its amounts must balance. Whatever does not is not filled in, but
laid out and checked exactly, which names what is wrong with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from cocm.basics.errors import X12Error
from cocm.x12.claim_record import PartyRecord
from cocm.x12.element_check import SegmentCheck
from cocm.x12.guide_parts import Guide
from cocm.x12.remittance_record import ClaimPayment, ServicePayment
from cocm.x12.segment_pattern import segment_matcher
from cocm.x12.tokens import Delimiters, Segment
from cocm.x12.tree_values import (
    FIRST_NAME_MAX,
    MIDDLE_NAME_MAX,
    NAME_MAX,
    SUFFIX_MAX,
    amount_text,
    day_text,
    name_values,
    plain,
)
from cocm.x12.tree_writer import LoopValues, loop_text, segment_text

KEPT_MAX: Final = 16_384
AMOUNT_CENTS_END: Final = 10**12
"""Amounts from here on are written exactly: an element has room for so many digits only."""
_OPEN: Final = "\ue000"  # no X12 text holds it
_PATIENT: Final = "PR"
_MEMBER_NUMBER: Final = "MI"
_CODE_TYPE: Final = "HC"
_PARTY_ENTITIES: Final = {"rendering_name": "82", "crossover_payer": "TT"}
"""The parties that are alike on many claims, by the map's name, with their entity codes in the guide's order."""


class WrittenClaim(NamedTuple):
    """A claim's segments, and its kind."""

    text: str
    kind: Hashable


class _WrittenLine(NamedTuple):
    """A line's segments before and after its own number; its kind; what of its charge the patient owes."""

    before: str
    after: str
    kind: Hashable
    patient_cents: int


class ClaimTexts:
    """Writes claims under one set of delimiters. `exact` lays out a claim or line as `tree_writer` does."""

    def __init__(
        self,
        guide: Guide,
        delimiters: Delimiters,
        exact_claim: Callable[[ClaimPayment], LoopValues],
        exact_line: Callable[[ServicePayment], LoopValues],
    ) -> None:
        self._guide, self._delimiters = guide, delimiters
        self._exact_claim, self._exact_line = exact_claim, exact_line
        by = delimiters.element
        self._claim_is_right = segment_matcher(guide.use("2100", "claim"), delimiters).fullmatch
        self._name_is_right = segment_matcher(guide.use("2100", "patient_name"), delimiters).fullmatch
        self._number_is_right = segment_matcher(
            guide.use("2110", "line_control_number"), delimiters
        ).fullmatch
        self._number_head = f"REF{by}6R{by}"
        self._holds_delimiter = re.compile(f"[{re.escape(delimiters.all)}]").search
        self._lines: dict[Hashable, _WrittenLine | None] = {}
        self._parties: dict[tuple[str, PartyRecord], str | None] = {}
        self._party_checks = {
            name: SegmentCheck(guide.use("2100", name), delimiters, {}) for name in _PARTY_ENTITIES
        }
        self._dates: dict[Hashable, str] = {}
        self._names: dict[tuple[str, int], str] = {}

    def exact(self, claim: ClaimPayment) -> str:
        """A claim as `tree_writer` lays it out."""
        return loop_text(self._guide, self._exact_claim(claim), self._delimiters)

    def write(self, claim: ClaimPayment) -> WrittenClaim | None:
        """A claim; None where it must be written exactly."""
        if not _is_plain(claim):
            return None
        lines = [self._line(line) for line in claim.lines]
        written = [line for line in lines if line is not None]
        if len(written) != len(lines) or not _balances(claim, written):
            return None
        numbers = [line.line_control_number for line in claim.lines]
        head = self._head(claim)
        if head is None or not all(map(self._is_number, numbers)):
            return None
        dates = (claim.statement_from_date, claim.statement_to_date, claim.received_date)
        rendering = self._party("rendering_name", claim.rendering)
        crossover = self._party("crossover_payer", claim.crossover_payer)
        if rendering is None or crossover is None:
            return None
        text = "".join(
            (
                head,
                rendering,
                crossover,
                self._date_texts(dates),
                *[
                    f"{line.before}{number}{line.after}"
                    for line, number in zip(written, numbers, strict=True)
                ],
            )
        )
        kind = (
            claim.status_code,
            claim.claim_filing_code,
            claim.place_of_service_code,
            claim.frequency_code,
            bool(claim.patient_responsibility_amount_cents),
            dates,
            bool(rendering),
            bool(crossover),
            claim.patient.is_person,
            *[line.kind for line in written],
        )
        return WrittenClaim(text, kind)

    def _head(self, claim: ClaimPayment) -> str | None:
        """The claim's own segment and its patient's name."""
        patient = claim.patient
        by, end = self._delimiters.element, self._delimiters.terminator
        share = claim.patient_responsibility_amount_cents
        values = (
            claim.claim_id,
            claim.status_code,
            amount_text(claim.charge_amount_cents),
            amount_text(claim.paid_amount_cents),
            amount_text(share) if share else "",
            claim.claim_filing_code,
            claim.payer_claim_control_number,
            claim.place_of_service_code,
            claim.frequency_code,
        )
        names = (
            self._plain(patient.last_or_organization_name, NAME_MAX),
            self._plain(patient.first_name, FIRST_NAME_MAX),
            self._plain(patient.middle_name, MIDDLE_NAME_MAX),
            "",
            self._plain(patient.name_suffix, SUFFIX_MAX),
            _MEMBER_NUMBER,
            patient.identifier,
        )
        own = by.join(("CLP", *values))
        name = by.join(("NM1", "QC", "1" if patient.is_person else "2", *names))
        if self._holds_delimiter("".join((*values, *names))) is not None:
            return None
        if self._claim_is_right(own) is None or self._name_is_right(name) is None:
            return None
        return f"{own}{end}{name}{end}"

    def _plain(self, text: str, length_max: int) -> str:
        if not text:
            return ""
        known = self._names.get((text, length_max))
        if known is None:
            known = plain(text, length_max)
            if len(self._names) >= KEPT_MAX:
                self._names.clear()
            self._names[text, length_max] = known
        return known

    def _is_number(self, number: str) -> bool:
        if not number:
            return True
        if self._holds_delimiter(number) is not None:
            return False
        return self._number_is_right(self._number_head + number) is not None

    def _party(self, name: str, party: PartyRecord | None) -> str | None:
        """A party's name segment, empty without one; None where it must be written exactly."""
        if party is None:
            return ""
        if (name, party) in self._parties:
            return self._parties[name, party]
        use, marks = self._guide.use("2100", name), self._delimiters
        written: str | None = segment_text(use, name_values(party, _PARTY_ENTITIES[name]), marks)
        assert written is not None
        text = written.removesuffix(marks.terminator)
        named = Segment(use.tag, text, text.split(marks.element), 0, 0, 0, marks)
        if self._party_checks[name].examine(named)[0]:
            written = None
        if len(self._parties) >= KEPT_MAX:
            self._parties.clear()
        self._parties[name, party] = written
        return written

    def _date_texts(self, dates: tuple[object, ...]) -> str:
        known = self._dates.get(dates)
        if known is None:
            by, end = self._delimiters.element, self._delimiters.terminator
            known = "".join(
                f"DTM{by}{kind}{by}{day_text(day)}{end}"  # type: ignore[arg-type]  # days or None
                for kind, day in zip(("232", "233", "050"), dates, strict=True)
                if day is not None
            )
            if len(self._dates) >= KEPT_MAX:
                self._dates.clear()
            self._dates[dates] = known
        return known

    def _line(self, line: ServicePayment) -> _WrittenLine | None:
        key = (
            line.hcpcs_code,
            line.modifiers,
            line.charge_amount_cents,
            line.paid_amount_cents,
            line.paid_quantity,
            line.service_from_date,
            line.service_to_date,
            bool(line.line_control_number),
            line.allowed_amount_cents,
            line.adjustments,
            line.remark_codes,
            line.submitted_quantity,
        )
        if key in self._lines:
            return self._lines[key]
        written = self._written_line(line) if _is_plain_line(line) else None
        if len(self._lines) >= KEPT_MAX:
            self._lines.clear()
        self._lines[key] = written
        return written

    def _written_line(self, line: ServicePayment) -> _WrittenLine | None:
        adjusted = sum(one.amount_cents for one in line.adjustments)
        if line.charge_amount_cents - adjusted != line.paid_amount_cents:
            return None
        amounts = [line.charge_amount_cents, line.paid_amount_cents, line.allowed_amount_cents or 0]
        if max(map(abs, [*amounts, *[one.amount_cents for one in line.adjustments]])) >= AMOUNT_CENTS_END:
            return None
        number = _OPEN if line.line_control_number else ""
        values = self._exact_line(replace(line, line_control_number=number))
        before, _, after = loop_text(self._guide, values, self._delimiters).partition(_OPEN)
        kind = (
            line.hcpcs_code,
            line.modifiers,
            line.paid_quantity,
            line.submitted_quantity,
            line.service_from_date,
            line.service_to_date,
            bool(number),
            line.allowed_amount_cents is None,
            tuple((one.group_code, one.reason_code, one.quantity) for one in line.adjustments),
            line.remark_codes,
        )
        patient = sum(one.amount_cents for one in line.adjustments if one.group_code == _PATIENT)
        return _WrittenLine(before, after, kind, patient)


def _is_plain(claim: ClaimPayment) -> bool:
    """Whether the claim has no other parts than are filled in here."""
    patient = claim.patient
    return (
        patient.identifier_type == _MEMBER_NUMBER
        and bool(patient.identifier and claim.frequency_code and claim.lines)
        and not (claim.adjustments or claim.remark_codes or claim.numbers or claim.contacts or claim.amounts)
        and claim.subscriber is None
        and claim.corrected is None
        and claim.corrected_payer is None
        and claim.other_subscriber is None
        and claim.coverage_end_date is None
    )


def _is_plain_line(line: ServicePayment) -> bool:
    return not (
        line.submitted_hcpcs_code
        or line.revenue_code
        or line.numbers
        or line.amounts
        or line.code_type != _CODE_TYPE
    )


def _balances(claim: ClaimPayment, lines: Sequence[_WrittenLine]) -> bool:
    """Whether the claim is the sum of its lines, each of which balances, and tells what the patient owes."""
    share = claim.patient_responsibility_amount_cents
    return (
        claim.charge_amount_cents == sum([line.charge_amount_cents for line in claim.lines])
        and claim.paid_amount_cents == sum([line.paid_amount_cents for line in claim.lines])
        and (not share or share == sum([line.patient_cents for line in lines]))
    )


def refuse_different(written: WrittenClaim, exact: str) -> None:
    """Raise `X12Error` where a claim was filled in to another text than it is laid out to."""
    if written.text != exact:
        raise X12Error("a claim filled in differs from the claim laid out")
