"""The claims of a batch, part by part: what `claim_batch` checks and writes column by column."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from cocm.care.people import Address, Subscriber
from cocm.claims.records import Claim, Organization, Person, ServiceLine


class Columns(NamedTuple):
    """The claims of a batch, turned by a quarter: one tuple for each part, in the order of `columns_of`.

    `further` is what few claims have, of each claim the first of it: most batches need not look at each part of that.
    """

    claims: Sequence[Claim]
    claim_ids: tuple[str, ...]
    payer_sequences: tuple[str, ...]
    relationships: tuple[str, ...]
    subscribers: tuple[Subscriber | None, ...]
    member_ids: tuple[str, ...]
    group_numbers: tuple[str, ...]
    filing_codes: tuple[str, ...]
    last_names: tuple[str, ...]
    first_names: tuple[str, ...]
    birth_dates: tuple[date, ...]
    sexes: tuple[str, ...]
    addresses: tuple[Address, ...]
    places_of_service: tuple[str, ...]
    frequency_codes: tuple[str, ...]
    diagnoses: tuple[tuple[str, ...], ...]
    payers: tuple[Organization, ...]
    rendering: tuple[Person | None, ...]
    supervising: tuple[Person | None, ...]
    referring: tuple[Person | None, ...]
    facilities: tuple[Organization | None, ...]
    lines: tuple[tuple[ServiceLine, ...], ...]
    control_numbers: tuple[str, ...]
    further: tuple[object, ...]
    billings: tuple[Organization, ...]
    billing_phones: tuple[str, ...]
    address_lines: tuple[str, ...]
    cities: tuple[str, ...]
    states: tuple[str, ...]
    postal_codes: tuple[str, ...]

    @property
    def insurance_types(self) -> list[str]:
        """The insurance types; none where no claim has one."""
        types = [claim.insurance_type_code for claim in self.claims] if any(self.further) else []
        return types if any(types) else []

    @property
    def have_other_payers(self) -> bool:
        """Whether any claim goes to a later payer."""
        return any(self.further) and any(claim.other_payers for claim in self.claims)

    @property
    def have_one_billing(self) -> bool:
        """Whether all claims come from one billing provider with one telephone."""
        is_one = self.billings.count(self.billings[0]) == len(self.billings)
        return is_one and self.billing_phones.count(self.billing_phones[0]) == len(self.billing_phones)


def columns_of(claims: Sequence[Claim]) -> Columns | None:
    """Some claims by their parts; None where a part is missing altogether."""
    try:
        # A claim's parts are named one by one here: Python reads them so in half the time of an attrgetter.
        rows = [
            (
                claim.claim_id,
                claim.payer_sequence,
                claim.relationship,
                claim.subscriber,
                claim.member_id,
                claim.group_number,
                claim.claim_filing_code,
                claim.patient_last_name,
                claim.patient_first_name,
                claim.patient_birth_date,
                claim.patient_sex,
                (address := claim.patient_address),
                claim.place_of_service_code,
                claim.frequency_code,
                claim.diagnosis_codes,
                claim.payer,
                claim.rendering,
                claim.supervising,
                claim.referring,
                claim.service_facility,
                claim.lines,
                claim.payer_claim_control_number,
                claim.insurance_type_code
                or claim.other_payers
                or claim.prior_authorization_number
                or claim.referral_number
                or claim.note
                or claim.paperwork,
                claim.billing,
                claim.billing_phone,
                address.line,
                address.city,
                address.state,
                address.postal_code,
            )
            for claim in claims
        ]
    except AttributeError:
        return None
    return Columns(claims, *zip(*rows, strict=True))
