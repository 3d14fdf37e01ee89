"""Other payers of a claim as segments: loops 2320, 2330A and 2330B, and 2430 below a service line.

Standing answers, as for the claim itself: benefits assigned (OI03 Y), release of information signed (OI06 Y).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cocm.basics.errors import X12Error
from cocm.care.people import Address
from cocm.claims.records import Claim, LineAdjudication, OtherPayer, PayerAdjustment
from cocm.x12.coordination import ADJUSTMENTS_PER_SEGMENT_MAX, adjustment_groups
from cocm.x12.fitness import (
    MODIFIERS_MAX,
    RELATIONSHIP_CODES,
    SELF,
    SELF_CODE,
    refuse_address,
    refuse_relationship,
)
from cocm.x12.form import SegmentForm
from cocm.x12.party_writer import FIRST_NAME_MAX, LAST_NAME_MAX, Forms
from cocm.x12.values import date_digits, dollars_text

_NOWHERE: Final = Address("", "", "", "")


class CoordinationWriter:
    """Writes what other payers decided. What does not belong together is refused before (`coordination`)."""

    def __init__(self, forms: Forms) -> None:
        self._forms = forms
        form = forms.form
        self._coverage = form(
            "2320",
            "other_coverage",
            {},
            ("payer_sequence", "relationship", "group_number", "insurance_type", "claim_filing_code"),
        )
        self._claim_adjustments = self._adjustment_forms("2320", "claim_adjustments")
        self._paid = form("2320", "payer_paid", {"amount_type": "D"}, ("amount",))
        self._noncovered = form("2320", "total_noncovered", {"amount_type": "A8"}, ("amount",))
        self._liability = form("2320", "remaining_liability", {"amount_type": "EAF"}, ("amount",))
        self._answers = form(
            "2320", "other_coverage_details", {"benefits_assigned": "Y", "release_of_information": "Y"}
        ).fill()
        self._subscriber_name = form(
            "2330A",
            "other_subscriber_name",
            {"entity": "IL", "entity_type": "1", "identifier_type": "MI"},
            ("last_or_organization_name", "first_name", "identifier"),
        )
        self._subscriber_address = forms.address("2330A", "other_subscriber")
        self._payer_name = form(
            "2330B",
            "other_payer_name",
            {"entity": "PR", "entity_type": "2", "identifier_type": "PI"},
            ("last_or_organization_name", "identifier"),
        )
        self._payer_address = forms.address("2330B", "other_payer")
        self._date = form("2330B", "adjudication_date", {"kind": "573", "date_format": "D8"}, ("date",))
        self._control_number = form(
            "2330B", "other_payer_claim_control_number", {"number_type": "F8"}, ("number",)
        )
        self._make_line_forms()

    def _make_line_forms(self) -> None:
        form = self._forms.form
        modifiers = [f"modifier_{place}" for place in range(1, MODIFIERS_MAX + 1)]
        self._line_decision = form(
            "2430",
            "line_adjudication",
            {"code_type": "HC"},
            ("payer_number", "paid_amount", "hcpcs_code", *modifiers, "paid_quantity", "bundled_line_number"),
        )
        self._line_adjustments = self._adjustment_forms("2430", "line_adjustments")
        self._line_date = form(
            "2430", "line_adjudication_date", {"kind": "573", "date_format": "D8"}, ("date",)
        )
        self._line_liability = form("2430", "line_remaining_liability", {"amount_type": "EAF"}, ("amount",))

    def other_payers(self, claim: Claim) -> str:
        """Every other payer of a claim, in their order."""
        texts = []
        for place, payer in enumerate(claim.other_payers, start=1):
            try:
                texts.append(self._other_payer(claim, payer))
            except X12Error as problem:
                raise X12Error(f"other_payers, place {place}: {problem}") from None
        return "".join(texts)

    def _other_payer(self, claim: Claim, payer: OtherPayer) -> str:
        refuse_relationship(payer.relationship, payer.subscriber)
        if not payer.claim_filing_code:
            raise X12Error("claim_filing_code is missing: the payer's class (MB, MC, CI …)")
        is_self = payer.relationship == SELF
        parts = [
            self._coverage.fill(
                payer.payer_sequence,
                SELF_CODE if is_self else RELATIONSHIP_CODES[payer.relationship],
                payer.group_number,
                payer.insurance_type_code,
                payer.claim_filing_code,
            ),
            self._adjustments(self._claim_adjustments, payer.adjustments),
        ]
        for form, amount_cents in (
            (self._paid, payer.paid_amount_cents),
            (self._noncovered, payer.noncovered_amount_cents),
            (self._liability, payer.remaining_liability_cents),
        ):
            if amount_cents is not None:
                parts.append(form.fill(dollars_text(amount_cents)))
        parts += (self._answers, self._other_subscriber(claim, payer), self._payer(payer))
        return "".join(parts)

    def _other_subscriber(self, claim: Claim, payer: OtherPayer) -> str:
        holder = payer.subscriber
        if payer.relationship == SELF or holder is None:
            last_name, first_name = claim.patient_last_name, claim.patient_first_name
            address = claim.patient_address
        else:
            last_name, first_name, address = holder.last_name, holder.first_name, holder.address
        plain = self._forms.plain
        text = self._subscriber_name.fill(
            plain(last_name, LAST_NAME_MAX), plain(first_name, FIRST_NAME_MAX), payer.member_id
        )
        if address == _NOWHERE:
            return text
        refuse_address("subscriber", address)
        return text + self._subscriber_address(address)

    def _payer(self, payer: OtherPayer) -> str:
        organization = payer.payer
        parts = [
            self._payer_name.fill(
                self._forms.plain(organization.name, LAST_NAME_MAX), organization.identifier
            )
        ]
        if organization.address is not None:
            refuse_address("payer", organization.address)
            parts.append(self._payer_address(organization.address))
        if payer.adjudication_date is not None:
            parts.append(self._date.fill(date_digits(payer.adjudication_date)))
        if payer.payer_claim_control_number:
            parts.append(self._control_number.fill(payer.payer_claim_control_number))
        return "".join(parts)

    def line_adjudications(self, adjudications: tuple[LineAdjudication, ...]) -> str:
        """What each payer decided on one line: loop 2430 as often as it takes."""
        return "".join(map(self._line_adjudication, adjudications))

    def _line_adjudication(self, decided: LineAdjudication) -> str:
        if len(decided.modifiers) > MODIFIERS_MAX:
            raise X12Error(f"an adjudication has {len(decided.modifiers)} modifiers; at most {MODIFIERS_MAX}")
        bundled, liability = decided.bundled_line_number, decided.remaining_liability_cents
        parts = [
            self._line_decision.fill(
                decided.payer_identifier,
                dollars_text(decided.paid_amount_cents),
                decided.hcpcs_code,
                *decided.modifiers,
                *[""] * (MODIFIERS_MAX - len(decided.modifiers)),
                _quantity(decided.paid_unit_quantity),
                "" if bundled is None else str(bundled),
            ),
            self._adjustments(self._line_adjustments, decided.adjustments),
            self._line_date.fill(date_digits(decided.adjudication_date)),
        ]
        if liability is not None:
            parts.append(self._line_liability.fill(dollars_text(liability)))
        return "".join(parts)

    def _adjustment_forms(self, loop_id: str, name: str) -> list[SegmentForm]:
        """One form for each number of adjustments in a segment."""
        names = [
            f"{part}_{place}"
            for place in range(1, ADJUSTMENTS_PER_SEGMENT_MAX + 1)
            for part in ("reason", "amount", "quantity")
        ]
        return [
            self._forms.form(loop_id, name, {}, ("group_code", *names[: count * 3]))
            for count in range(1, ADJUSTMENTS_PER_SEGMENT_MAX + 1)
        ]

    @staticmethod
    def _adjustments(forms: list[SegmentForm], adjustments: tuple[PayerAdjustment, ...]) -> str:
        texts = []
        for group in adjustment_groups(adjustments):
            values = [group[0].group_code]
            for one in group:
                values += (one.reason_code, dollars_text(one.amount_cents), _quantity(one.quantity))
            texts.append(forms[len(group) - 1].fill(*values))
        return "".join(texts)


def _quantity(quantity: Decimal | None) -> str:
    return "" if quantity is None else f"{quantity.normalize():f}"
