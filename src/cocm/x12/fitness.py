"""What keeps a claim from being written at all: each refusal names the claim, the field and what to do."""

from __future__ import annotations

import re
from typing import Final

from cocm.basics.errors import X12Error
from cocm.care.people import Address, Subscriber
from cocm.claims.records import DIAGNOSES_MAX, POINTERS_MAX, Claim, Organization, Paperwork, ServiceLine
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.x12.coordination import PRIMARY, refuse_uncoordinated
from cocm.x12.patterns import is_npi, is_post_office_box

CLAIM_ID_CHARACTERS_MAX: Final = 20  # what a payer must be able to return in CLP01
LINES_MAX: Final = 50
MODIFIERS_MAX: Final = 4

FREQUENCIES: Final = (ORIGINAL, REPLACEMENT, VOID)
SELF: Final = "self"
SELF_CODE: Final = "18"

ELECTRONIC_PARTS: Final = (
    "other_payers",
    "insurance_type_code",
    "referral_number",
    "note",
    "paperwork",
)
ELECTRONIC_LINE_PARTS: Final = (
    "place_of_service_code",
    "service_from_date",
    "rendering",
    "supervising",
    "referring",
    "prior_authorization_number",
    "referral_number",
    "note",
    "paperwork",
    "adjudications",
)
PAPERWORK_MAX: Final = 10
AT_REQUEST: Final = "AA"
RELATIONSHIP_CODES: Final = {"spouse": "01", "child": "19", "other": "G8"}

_TIN: Final = re.compile(r"\d{9}")
_PHONE: Final = re.compile(r"\d{10}")
_POSTAL_CODE: Final = re.compile(r"\d{5}(?:\d{4})?")
_LONG_POSTAL_CODE: Final = re.compile(r"\d{9}")
_DIAGNOSIS: Final = re.compile(r"[A-Z]\d[0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_STATE: Final = re.compile(r"[A-Z]{2}")


def refuse_unfit(claim: Claim) -> None:
    """Raise `X12Error` for a claim whose parts do not belong together, or that paper as we print it cannot carry.

    What single values must look like is the map's business, and is checked when they are written.
    """
    refuse_unfit_head(claim)
    _refuse_electronic_parts(claim)
    refuse_unfit_diagnoses(claim.diagnosis_codes)
    for line in claim.lines:
        refuse_unfit_line(line)
        refuse_pointer(line.claim_line_number, max(line.diagnosis_pointers), len(claim.diagnosis_codes))


def refuse_unfit_head(claim: Claim) -> None:
    """The part of `refuse_unfit` that is about the claim as a whole."""
    if not 1 <= len(claim.claim_id) <= CLAIM_ID_CHARACTERS_MAX:
        raise X12Error(f"claim_id must have 1 to {CLAIM_ID_CHARACTERS_MAX} characters")
    if not 1 <= len(claim.lines) <= LINES_MAX:
        raise X12Error(
            f"lines: {len(claim.lines)}; a claim has 1 to {LINES_MAX} service lines. Split the claim"
        )
    refuse_submission(claim.frequency_code, claim.payer_claim_control_number)
    if (
        claim.payer_sequence != PRIMARY
        or claim.other_payers
        or any(line.adjudications for line in claim.lines)
    ):
        refuse_uncoordinated(claim)
    refuse_relationship(claim.relationship, claim.subscriber)
    if not claim.claim_filing_code:
        raise X12Error(
            "claim_filing_code is missing: the payer's class (MB, MC, CI …) belongs in the payer's profile"
        )


def refuse_submission(frequency_code: str, control_number: str) -> None:
    """Raise `X12Error` unless a replacement or void, and no other claim, names the payer's own number."""
    if frequency_code not in FREQUENCIES:
        raise X12Error(f"frequency_code must be one of {', '.join(FREQUENCIES)}")
    if frequency_code == ORIGINAL:
        if control_number:
            raise X12Error(
                "payer_claim_control_number is given, but the claim is an original; send it as 7 or 8"
            )
    elif not control_number:
        raise X12Error(
            f"frequency_code {frequency_code} needs payer_claim_control_number: the payer's own number "
            "of the claim to replace or void, from its remittance"
        )


def refuse_relationship(relationship: str, subscriber: Subscriber | None) -> None:
    """Raise `X12Error` where the policy holder is another than the patient and not named."""
    if relationship != SELF:
        if relationship not in RELATIONSHIP_CODES:
            raise X12Error(f"relationship must be {SELF} or one of {', '.join(RELATIONSHIP_CODES)}")
        if subscriber is None:
            raise X12Error("subscriber is missing: the patient is not the policy holder")


def _refuse_electronic_parts(claim: Claim) -> None:
    """Name what only the electronic claim carries, so that nothing is left out of a printed one unseen."""
    given = [name for name in ELECTRONIC_PARTS if getattr(claim, name)]
    given += [
        f"line {line.claim_line_number} {name}"
        for line in claim.lines
        for name in ELECTRONIC_LINE_PARTS
        if getattr(line, name)
    ]
    if given or claim.payer_sequence != PRIMARY:
        raise X12Error(
            f"{given[0] if given else 'payer_sequence'}: only the electronic claim carries it; send this one as 837P"
        )


def refuse_billing(billing: Organization, phone: str) -> None:
    """Raise `X12Error` for a billing provider that cannot be named on a claim."""
    refuse_npi("billing", billing.identifier)
    if _TIN.fullmatch(billing.tin) is None:
        raise X12Error("billing.tin must be the nine digits of the tax number")
    refuse_address("billing", billing.address, needs_long_postal_code=True)
    if billing.address is not None and is_post_office_box(billing.address.line):
        raise X12Error("billing: the address must be a street; payers refuse a post office box there")
    if phone and not phone_digits(phone):
        raise X12Error("billing_phone must have ten digits")


def refuse_unfit_diagnoses(codes: tuple[str, ...]) -> None:
    """Raise `X12Error` for diagnoses that a claim cannot carry."""
    if not 1 <= len(codes) <= DIAGNOSES_MAX:
        raise X12Error(f"diagnosis_codes: {len(codes)}; a claim has 1 to {DIAGNOSES_MAX} diagnoses")
    for place, code in enumerate(codes, start=1):
        if _DIAGNOSIS.fullmatch(code) is None:
            raise X12Error(
                f"diagnosis_codes: the code in place {place} is not of ICD-10-CM's form, such as F32.1"
            )


def refuse_unfit_line(line: ServiceLine) -> None:
    """Raise `X12Error` for a service line that fits no claim."""
    number = line.claim_line_number
    if not 1 <= number <= LINES_MAX:
        raise X12Error(f"claim_line_number {number}: number lines from 1")
    if line.service_unit_quantity < 1 or not line.is_whole_quantity:
        raise X12Error(f"line {number}: service_unit_quantity must be a whole number, at least 1")
    if line.charge_amount_cents < 0:
        raise X12Error(f"line {number}: charge_amount_cents must not be negative")
    pointers = line.diagnosis_pointers
    if not 1 <= len(pointers) <= POINTERS_MAX or len(set(pointers)) != len(pointers) or min(pointers) < 1:
        raise X12Error(f"line {number}: a line points to 1 to {POINTERS_MAX} different diagnoses")
    if len(line.modifiers) > MODIFIERS_MAX:
        raise X12Error(f"line {number}: {len(line.modifiers)} modifiers; a line has at most {MODIFIERS_MAX}")
    if line.service_from_date is not None and line.service_from_date > line.service_date:
        raise X12Error(f"line {number}: service_from_date comes after service_date, its last day")


def refuse_paperwork(paperwork: tuple[Paperwork, ...]) -> None:
    """Raise `X12Error` for documents that could not be matched with the claim."""
    if len(paperwork) > PAPERWORK_MAX:
        raise X12Error(f"paperwork: {len(paperwork)}; there is room for {PAPERWORK_MAX} documents")
    for place, document in enumerate(paperwork, start=1):
        if document.transmission != AT_REQUEST and not document.control_number:
            raise X12Error(
                f"paperwork, place {place}: control_number is missing, by which the payer files the document; "
                f"only one that waits for a request ({AT_REQUEST}) goes without"
            )


def refuse_pointer(line_number: int, highest_pointer: int, diagnosis_count: int) -> None:
    """Raise `X12Error` for a line that points past the claim's diagnoses."""
    if highest_pointer > diagnosis_count:
        raise X12Error(f"line {line_number}: a pointer goes past the claim's {diagnosis_count} diagnoses")


def refuse_npi(field: str, npi: str) -> None:
    """Raise `X12Error` unless it is a National Provider Identifier whose check digit is right."""
    if not is_npi(npi):
        raise X12Error(
            f"{field}: the NPI must have ten digits and a right check digit; correct it at the source"
        )


def refuse_facility(facility: Organization) -> None:
    """Raise `X12Error` for a service facility that cannot be named on a claim."""
    if facility.identifier:
        refuse_npi("service_facility", facility.identifier)
    refuse_address("service_facility", facility.address, needs_long_postal_code=True)


def refuse_address(field: str, address: Address | None, *, needs_long_postal_code: bool = False) -> None:
    """Raise `X12Error` for an address that is missing or not of the United States' form.

    The guide wants all nine digits of the postal code for the billing provider and the service facility.
    """
    if address is None:
        raise X12Error(f"{field}: the address is missing")
    if not is_state(address.state):
        raise X12Error(f"{field}: the state must be its two-letter code")
    if needs_long_postal_code and _LONG_POSTAL_CODE.fullmatch(address.postal_code) is None:
        raise X12Error(f"{field}: postal_code must have all nine digits (ZIP+4), without a dash")
    if not is_postal_code(address.postal_code):
        raise X12Error(f"{field}: postal_code must have five or nine digits, without a dash")


def is_state(text: str) -> bool:
    """Whether a text has the form of a state's code."""
    return _STATE.fullmatch(text) is not None


def is_postal_code(text: str) -> bool:
    """Whether a text has the form of a postal code of the United States."""
    return _POSTAL_CODE.fullmatch(text) is not None


def phone_digits(phone: str) -> str:
    """The ten digits of a telephone number; empty where there are not ten."""
    digits = "".join(one for one in phone if one.isascii() and one.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return digits if _PHONE.fullmatch(digits) else ""
