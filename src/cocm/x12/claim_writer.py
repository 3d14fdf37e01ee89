"""One professional claim as segments, from the subscriber's level to its last service line.

The map decides what may stand where; this module decides which of the claim's values goes into which named
element. Standing answers, where a claim carries none: provider's signature on file (CLM06 Y), assignment
accepted (CLM07 A), benefits assigned (CLM08 Y), release of information signed (CLM09 Y). Names and addresses
of the policy holder beyond the name are left out where another is the patient, as the guide has it.

This is the exact way, claim by claim, whose refusals name the field. `claim_batch` writes many right claims at
once with the same forms and parts; what it cannot prove right comes here.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from cocm.basics.errors import X12Error
from cocm.claims.records import Claim, Organization
from cocm.claims.submission import ORIGINAL
from cocm.x12.coordination_writer import CoordinationWriter
from cocm.x12.fitness import (
    RELATIONSHIP_CODES,
    SELF,
    SELF_CODE,
    refuse_address,
    refuse_unfit_diagnoses,
    refuse_unfit_head,
)
from cocm.x12.form import BlockForm
from cocm.x12.guide_parts import Guide
from cocm.x12.line_writer import LineWriter
from cocm.x12.paperwork_writer import NoteForm, PaperworkForms
from cocm.x12.party_writer import FIRST_NAME_MAX, LAST_NAME_MAX, Forms, Kept, PartyWriter
from cocm.x12.tokens import Delimiters
from cocm.x12.values import date_digits, dollars_text

_NAMES: Final = ("last_or_organization_name", "first_name")
_LEVELS: Final = ("level_number", "parent_level_number")
_COVERAGE: Final = ("payer_sequence", "group_number", "insurance_type", "claim_filing_code")
_ADDRESS: Final = ("line_1", "line_2")
_CITY: Final = ("city", "state", "postal_code")
_BIRTH: Final = {"birth_date_format": "D8"}
_STANDING_ANSWERS: Final = {
    "facility_code_type": "B",
    "provider_signature": "Y",
    "assignment": "A",
    "benefits_assigned": "Y",
    "release_of_information": "Y",
}

# What stands between the claim's own segment and its diagnoses, and what a plain original has of it.
detail_parts: Final = attrgetter(
    "frequency_code",
    "payer_claim_control_number",
    "prior_authorization_number",
    "referral_number",
    "note",
    "paperwork",
)
NO_DETAILS: Final = (ORIGINAL, "", "", "", "", ())


class ClaimWriter:
    """Writes claims under one guide and one set of delimiters."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self.forms = Forms(guide, delimiters)
        self.parties = PartyWriter(self.forms)
        self.coordination = CoordinationWriter(self.forms)
        self.lines = LineWriter(self.forms, self.parties, self.coordination)
        self.billing = self.parties.billing
        self.diagnoses = Kept(self._written_diagnoses)
        self._make_level_blocks()
        self._make_detail_forms()

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
        except X12Error as problem:
            raise X12Error(f"claim {claim.claim_id}: {problem}") from None
        return "".join(parts), level_count

    def _subscriber_as_patient(self, claim: Claim, level_number: int, parent_number: int) -> list[str]:
        plain = self.forms.plain
        text = self.subscriber.fill(
            str(level_number),
            str(parent_number),
            claim.payer_sequence,
            claim.group_number,
            claim.insurance_type_code,
            claim.claim_filing_code,
            plain(claim.patient_last_name, LAST_NAME_MAX),
            plain(claim.patient_first_name, FIRST_NAME_MAX),
            claim.member_id,
            *self.forms.address_values(claim.patient_address),
            date_digits(claim.patient_birth_date),
            claim.patient_sex,
        )
        return [text, self.parties.payer(claim.payer)]

    def _holder_and_dependent(self, claim: Claim, level_number: int, parent_number: int) -> list[str]:
        plain, holder = self.forms.plain, claim.subscriber
        assert holder is not None  # refuse_unfit_head has seen to it
        holder_text = self.holder.fill(
            str(level_number),
            str(parent_number),
            claim.payer_sequence,
            claim.group_number,
            claim.insurance_type_code,
            claim.claim_filing_code,
            plain(holder.last_name, LAST_NAME_MAX),
            plain(holder.first_name, FIRST_NAME_MAX),
            claim.member_id,
        )
        dependent_text = self.dependent.fill(
            str(level_number + 1),
            str(level_number),
            RELATIONSHIP_CODES[claim.relationship],
            plain(claim.patient_last_name, LAST_NAME_MAX),
            plain(claim.patient_first_name, FIRST_NAME_MAX),
            *self.forms.address_values(claim.patient_address),
            date_digits(claim.patient_birth_date),
            claim.patient_sex,
        )
        return [holder_text, self.parties.payer(claim.payer), dependent_text]

    def _add_claim(self, parts: list[str], claim: Claim, charge_amount_cents: int) -> None:
        """Loop 2300 with all that stands below it. The order of the parts is the guide's."""
        charge, parties = dollars_text(charge_amount_cents), self.parties
        parts.append(
            self.head.fill(claim.claim_id, charge, claim.place_of_service_code, claim.frequency_code)
        )
        parts.append(self.details(claim))
        parts.append(self.diagnoses(claim.diagnosis_codes))
        if claim.referring is not None:
            parts.append(parties.referring(claim.referring))
        if claim.rendering is not None and claim.rendering.npi != claim.billing.identifier:
            parts.append(parties.rendering(claim.rendering))
        if claim.service_facility is not None and is_elsewhere(claim.service_facility, claim.billing):
            parts.append(parties.service_facility((claim.service_facility, claim.billing.identifier)))
        if claim.supervising is not None:
            parts.append(parties.supervising(claim.supervising))
        if claim.other_payers:
            parts.append(self.coordination.other_payers(claim))
        parts.append(self.lines.lines(claim))

    def details(self, claim: Claim) -> str:
        """Documents, numbers and the note of a claim: what stands before its diagnoses."""
        if detail_parts(claim) == NO_DETAILS:
            return ""
        parts = [self._paperwork.fill(claim.paperwork)]
        if claim.referral_number:
            parts.append(self._referral.fill(claim.referral_number))
        if claim.prior_authorization_number:
            parts.append(self._authorization.fill(claim.prior_authorization_number))
        if claim.frequency_code != ORIGINAL:
            parts.append(self._control_number.fill(claim.payer_claim_control_number))
        if claim.note:
            parts.append(self._note.fill(claim.note))
        return "".join(parts)

    def _written_diagnoses(self, codes: tuple[str, ...]) -> str:
        """All diagnoses in their order, the principal first, without points."""
        refuse_unfit_diagnoses(codes)
        places = range(1, len(codes) + 1)
        fixed = {f"code_type_{place}": "ABK" if place == 1 else "ABF" for place in places}
        form = self.forms.form("2300", "diagnoses", fixed, [f"code_{place}" for place in places])
        return form.fill(*(code.replace(".", "") for code in codes))

    def _make_level_blocks(self) -> None:
        """The blocks that are filled in for each claim; `claim_batch` fills the same ones."""
        form = self.forms.form
        name = {"entity": "IL", "entity_type": "1", "identifier_type": "MI"}
        subscriber_name = form("2010BA", "subscriber_name", name, (*_NAMES, "identifier"))
        self.subscriber = BlockForm(
            form("2000B", "subscriber_level", {"level": "22", "has_children": "0"}, _LEVELS),
            form("2000B", "subscriber", {"relationship": SELF_CODE}, _COVERAGE),
            subscriber_name,
            form("2010BA", "subscriber_address", {}, _ADDRESS),
            form("2010BA", "subscriber_city", {}, _CITY),
            form("2010BA", "subscriber_birth", _BIRTH, ("birth_date", "sex")),
        )
        self.holder = BlockForm(
            form("2000B", "subscriber_level", {"level": "22", "has_children": "1"}, _LEVELS),
            form("2000B", "subscriber", {}, _COVERAGE),
            subscriber_name,
        )
        self.dependent = BlockForm(
            form("2000C", "patient_level", {"level": "23", "has_children": "0"}, _LEVELS),
            form("2000C", "patient", {}, ("relationship",)),
            form("2010CA", "patient_name", {"entity": "QC", "entity_type": "1"}, _NAMES),
            form("2010CA", "patient_address", {}, _ADDRESS),
            form("2010CA", "patient_city", {}, _CITY),
            form("2010CA", "patient_birth", _BIRTH, ("birth_date", "sex")),
        )
        self.head = BlockForm(
            form(
                "2300",
                "claim",
                _STANDING_ANSWERS,
                ("claim_id", "charge_amount", "place_of_service_code", "frequency_code"),
            )
        )

    def _make_detail_forms(self) -> None:
        form = self.forms.form
        self._paperwork = PaperworkForms(self.forms, "2300", "claim_paperwork")
        self._referral = form("2300", "referral_number", {"number_type": "9F"}, ("number",))
        self._authorization = form("2300", "prior_authorization", {"number_type": "G1"}, ("number",))
        self._control_number = form("2300", "payer_claim_control_number", {"number_type": "F8"}, ("number",))
        self._note = NoteForm(self.forms, "2300", "claim_note")


def is_elsewhere(facility: Organization, billing: Organization) -> bool:
    """Whether the service took place at another address or organization than the billing provider's."""
    return facility.address != billing.address or facility.identifier not in ("", billing.identifier)
