"""One professional claim as segments, from the subscriber's level to its last service line.

The map decides what may stand where; this module decides which of the claim's values goes into which named
element. Standing answers, where a claim carries none: provider's signature on file (CLM06 Y), assignment
accepted (CLM07 A), benefits assigned (CLM08 Y), release of information signed (CLM09 Y). Names and addresses
of the policy holder beyond the name are left out where another is the patient, as the guide has it.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Final

from cocm.basics.errors import X12Error
from cocm.claims.records import POINTERS_MAX, Claim, Organization, ServiceLine
from cocm.claims.submission import ORIGINAL
from cocm.x12.fitness import (
    MODIFIERS_MAX,
    RELATIONSHIP_CODES,
    SELF,
    refuse_address,
    refuse_pointer,
    refuse_unfit_diagnoses,
    refuse_unfit_head,
    refuse_unfit_line,
)
from cocm.x12.form import BlockForm
from cocm.x12.guide_parts import Guide
from cocm.x12.party_writer import FIRST_NAME_MAX, KEPT_PARTS_MAX, LAST_NAME_MAX, Forms, Kept, PartyWriter
from cocm.x12.tokens import Delimiters

_NAMES: Final = ("last_or_organization_name", "first_name")
_LEVELS: Final = ("level_number", "parent_level_number")
_COVERAGE: Final = ("payer_sequence", "group_number", "claim_filing_code")
_BIRTH: Final = {"birth_date_format": "D8"}
_STANDING_ANSWERS: Final = {
    "facility_code_type": "B",
    "provider_signature": "Y",
    "assignment": "A",
    "benefits_assigned": "Y",
    "release_of_information": "Y",
}


class ClaimWriter:
    """Writes claims under one guide and one set of delimiters."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self._forms = Forms(guide, delimiters)
        self._parties = PartyWriter(self._forms)
        self.billing = self._parties.billing
        self._make_level_blocks()
        self._make_claim_blocks()
        self._diagnoses = Kept(self._written_diagnoses)
        self._service_line = Kept(self._written_line)

    def claim(
        self, claim: Claim, charge_amount_cents: int, level_number: int, billing_level_number: int
    ) -> tuple[str, int]:
        """The claim under its subscriber (and patient, where another), and how many levels it took.

        `charge_amount_cents` is the claim's total, given because its sum has been taken already.
        Raises `X12Error` naming the claim and the field where it cannot be sent.
        """
        try:
            refuse_unfit_head(claim)
            refuse_address("patient_address", claim.patient_address)
            if claim.relationship == SELF:
                level_count = 1
                parts = self._subscriber_as_patient(claim, level_number, billing_level_number)
            else:
                level_count = 2
                parts = self._holder_and_dependent(claim, level_number, billing_level_number)
            self._add_claim(parts, claim, charge_amount_cents)
            self._add_lines(parts, claim)
        except X12Error as problem:
            raise X12Error(f"claim {claim.claim_id}: {problem}") from None
        return "".join(parts), level_count

    def _subscriber_as_patient(self, claim: Claim, level_number: int, parent_number: int) -> list[str]:
        plain = self._forms.plain
        text = self._subscriber.fill(
            str(level_number),
            str(parent_number),
            claim.payer_sequence,
            claim.group_number,
            claim.claim_filing_code,
            plain(claim.patient_last_name, LAST_NAME_MAX),
            plain(claim.patient_first_name, FIRST_NAME_MAX),
            claim.member_id,
            *self._forms.address_values(claim.patient_address),
            _digits(claim.patient_birth_date),
            claim.patient_sex,
        )
        return [text, self._parties.payer(claim.payer)]

    def _holder_and_dependent(self, claim: Claim, level_number: int, parent_number: int) -> list[str]:
        plain, holder = self._forms.plain, claim.subscriber
        assert holder is not None  # refuse_unfit_head has seen to it
        holder_text = self._holder.fill(
            str(level_number),
            str(parent_number),
            claim.payer_sequence,
            claim.group_number,
            claim.claim_filing_code,
            plain(holder.last_name, LAST_NAME_MAX),
            plain(holder.first_name, FIRST_NAME_MAX),
            claim.member_id,
        )
        dependent_text = self._dependent.fill(
            str(level_number + 1),
            str(level_number),
            RELATIONSHIP_CODES[claim.relationship],
            plain(claim.patient_last_name, LAST_NAME_MAX),
            plain(claim.patient_first_name, FIRST_NAME_MAX),
            *self._forms.address_values(claim.patient_address),
            _digits(claim.patient_birth_date),
            claim.patient_sex,
        )
        return [holder_text, self._parties.payer(claim.payer), dependent_text]

    def _add_claim(self, parts: list[str], claim: Claim, charge_amount_cents: int) -> None:
        """Loop 2300 down to the providers. The order of the parts is the guide's."""
        charge, parties = _dollars(charge_amount_cents), self._parties
        parts.append(
            self._claim.fill(claim.claim_id, charge, claim.place_of_service_code, claim.frequency_code)
        )
        if claim.frequency_code != ORIGINAL:
            parts.append(self._control_number.fill(claim.payer_claim_control_number))
        parts.append(self._diagnoses(claim.diagnosis_codes))
        if claim.referring is not None:
            parts.append(parties.referring(claim.referring))
        if claim.rendering is not None and claim.rendering.npi != claim.billing.identifier:
            parts.append(parties.rendering(claim.rendering))
        if claim.service_facility is not None and _is_elsewhere(claim.service_facility, claim.billing):
            parts.append(parties.service_facility((claim.service_facility, claim.billing.identifier)))
        if claim.supervising is not None:
            parts.append(parties.supervising(claim.supervising))

    def _written_line(self, line: ServiceLine) -> tuple[str, int]:
        """Line number, service and date, and the highest diagnosis it points to. Many claims have the same lines."""
        refuse_unfit_line(line)
        text = self._lines[len(line.modifiers)][len(line.diagnosis_pointers)].fill(
            str(line.claim_line_number),
            line.hcpcs_code,
            *line.modifiers,
            _dollars(line.charge_amount_cents),
            str(line.service_unit_quantity),
            *map(str, line.diagnosis_pointers),
            _digits(line.service_date),
        )
        return text, max(line.diagnosis_pointers)

    def _add_lines(self, parts: list[str], claim: Claim) -> None:
        """The lines, each with our own number for it, which the payer returns."""
        diagnosis_count, claim_id = len(claim.diagnosis_codes), claim.claim_id
        for number, line in enumerate(claim.lines, start=1):
            text, highest_pointer = self._service_line(line)
            if line.claim_line_number != number:
                raise X12Error(
                    f"claim_line_number {line.claim_line_number} in place {number}; number lines from 1"
                )
            if highest_pointer > diagnosis_count:
                refuse_pointer(number, highest_pointer, diagnosis_count)
            parts.append(text)
            parts.append(self._line_control_number.fill(f"{claim_id}-{number}"))

    def _written_diagnoses(self, codes: tuple[str, ...]) -> str:
        """All diagnoses in their order, the principal first, without points."""
        refuse_unfit_diagnoses(codes)
        places = range(1, len(codes) + 1)
        fixed = {f"code_type_{place}": "ABK" if place == 1 else "ABF" for place in places}
        form = self._forms.form("2300", "diagnoses", fixed, [f"code_{place}" for place in places])
        return form.fill(*(code.replace(".", "") for code in codes))

    def _make_level_blocks(self) -> None:
        form = self._forms.form
        name = {"entity": "IL", "entity_type": "1", "identifier_type": "MI"}
        subscriber_name = form("2010BA", "subscriber_name", name, (*_NAMES, "identifier"))
        self._subscriber = BlockForm(
            form("2000B", "subscriber_level", {"level": "22", "has_children": "0"}, _LEVELS),
            form("2000B", "subscriber", {"relationship": "18"}, _COVERAGE),
            subscriber_name,
            form("2010BA", "subscriber_address", {}, ("line_1", "line_2")),
            form("2010BA", "subscriber_city", {}, ("city", "state", "postal_code")),
            form("2010BA", "subscriber_birth", _BIRTH, ("birth_date", "sex")),
        )
        self._holder = BlockForm(
            form("2000B", "subscriber_level", {"level": "22", "has_children": "1"}, _LEVELS),
            form("2000B", "subscriber", {}, _COVERAGE),
            subscriber_name,
        )
        self._dependent = BlockForm(
            form("2000C", "patient_level", {"level": "23", "has_children": "0"}, _LEVELS),
            form("2000C", "patient", {}, ("relationship",)),
            form("2010CA", "patient_name", {"entity": "QC", "entity_type": "1"}, _NAMES),
            form("2010CA", "patient_address", {}, ("line_1", "line_2")),
            form("2010CA", "patient_city", {}, ("city", "state", "postal_code")),
            form("2010CA", "patient_birth", _BIRTH, ("birth_date", "sex")),
        )

    def _make_claim_blocks(self) -> None:
        form = self._forms.form
        self._claim = form(
            "2300",
            "claim",
            _STANDING_ANSWERS,
            ("claim_id", "charge_amount", "place_of_service_code", "frequency_code"),
        )
        self._control_number = form("2300", "payer_claim_control_number", {"number_type": "F8"}, ("number",))
        self._line_control_number = form("2400", "line_control_number", {"number_type": "6R"}, ("number",))
        self._lines = [
            {pointers: self._line_block(modifiers, pointers) for pointers in range(1, POINTERS_MAX + 1)}
            for modifiers in range(MODIFIERS_MAX + 1)
        ]

    def _line_block(self, modifier_count: int, pointer_count: int) -> BlockForm:
        form = self._forms.form
        modifiers = [f"modifier_{place}" for place in range(1, modifier_count + 1)]
        pointers = [f"pointer_{place}" for place in range(1, pointer_count + 1)]
        return BlockForm(
            form("2400", "line_number", {}, ("line_number",)),
            form(
                "2400",
                "service",
                {"code_type": "HC", "unit": "UN"},
                ("hcpcs_code", *modifiers, "charge_amount", "quantity", *pointers),
            ),
            form("2400", "service_date", {"kind": "472", "date_format": "D8"}, ("date",)),
        )


def _is_elsewhere(facility: Organization, billing: Organization) -> bool:
    """Whether the service took place at another address or organization than the billing provider's."""
    return facility.address != billing.address or facility.identifier not in ("", billing.identifier)


def _digits(day: date) -> str:
    return day.isoformat().replace("-", "")


@lru_cache(maxsize=KEPT_PARTS_MAX)
def _dollars(cents: int) -> str:
    """Money as the standard wants it: no needless zeros after the point."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}" if rest else str(whole)
