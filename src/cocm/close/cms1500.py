"""Claims on the paper form CMS-1500 (02/12): one page a claim, the data alone at the form's positions.

The PDF is laid over the printed red form, whose artwork is copyrighted and not here. The grid is the form's own: ten
characters and six lines an inch. The same claims give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import BinaryIO, Final

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from cocm.basics.errors import FormError, X12Error
from cocm.care.people import Address
from cocm.claims.records import Claim, Organization, Person, ServiceLine
from cocm.claims.submission import ORIGINAL
from cocm.close.form_layout import Field, PlacedText, load_layout, placed_texts
from cocm.x12.charset import plain_text
from cocm.x12.fitness import (
    SELF,
    phone_digits,
    refuse_billing,
    refuse_unfit,
)

LAYOUT: Final = "cms1500-02-12"
LINES_MAX: Final = 6
LINES_PER_SERVICE: Final = 2
ACCOUNT_NUMBER_CHARACTERS_MAX: Final = 14

COLUMN_POINTS: Final = 7.2
LINE_POINTS: Final = 12.0
FONT: Final = "Courier"
FONT_POINTS: Final = 12  # Courier at this size advances 7.2 points: ten characters an inch

# Where the grid begins on the sheet; printers differ, so both may be given.
LEFT_MARGIN_POINTS: Final = 20.0
TOP_MARGIN_POINTS: Final = 24.0

_SERVICE_BOX: Final = "24"
_ON_FILE: Final = "SIGNATURE ON FILE"
_NOTHING_PAID: Final = "0 00"
_ICD_10: Final = "0"
_NO_NAME_SIGNS: Final = str.maketrans("", "", ".#'")
_MAY_CUT: Final = frozenset(
    {
        "payer_name", "payer_line", "payer_city", "patient_name", "patient_line", "patient_city", "insured_name",
        "insured_line", "insured_city", "plan_name", "source_name", "facility_name", "facility_line", "facility_city",
        "billing_name", "billing_line", "billing_city",
    }
)  # fmt: skip


def write_cms1500_pdf(
    claims: Iterable[Claim],
    out: BinaryIO,
    *,
    left_margin_points: float = LEFT_MARGIN_POINTS,
    top_margin_points: float = TOP_MARGIN_POINTS,
) -> int:
    """Write one page a claim and return how many.

    Raises `FormError` naming the claim where the form cannot hold it (more than six lines, a number too long), and
    `X12Error` for a claim that could not be sent in any way; then nothing is written.
    """
    pages = [form_texts(claim) for claim in claims]
    if not pages:
        raise FormError("there is no claim to print")
    canvas = Canvas(out, pagesize=letter, invariant=1, pageCompression=1)
    canvas.setTitle("CMS-1500 claims")
    page_height_points = letter[1]
    for page in pages:
        canvas.setFont(FONT, FONT_POINTS)
        for placed in page:
            x = left_margin_points + (placed.column - 1) * COLUMN_POINTS
            y = page_height_points - top_margin_points - placed.line * LINE_POINTS
            canvas.drawString(x, y, placed.text)
        canvas.showPage()
    canvas.save()
    return len(pages)


def form_texts(claim: Claim) -> tuple[PlacedText, ...]:
    """What stands where on a claim's page. Raises as `write_cms1500_pdf` does."""
    if len(claim.lines) > LINES_MAX:
        raise FormError(
            f"claim {claim.claim_id}: {len(claim.lines)} service lines, and the form has {LINES_MAX}; "
            "split the claim or send it electronically"
        )
    try:
        refuse_unfit(claim)
        refuse_billing(claim.billing, claim.billing_phone)
        return tuple(_all_texts(claim))
    except (FormError, X12Error) as problem:
        raise type(problem)(f"claim {claim.claim_id}: {problem}") from None


def account_number(claim_id: str) -> str:
    """Box 26 of a claim: its id without dashes, of a long one the last fourteen characters. The payer returns it."""
    return claim_id.replace("-", "")[-ACCOUNT_NUMBER_CHARACTERS_MAX:]


def _all_texts(claim: Claim) -> Iterator[PlacedText]:
    layout = load_layout(LAYOUT)
    service_fields = tuple(field for field in layout if field.box.startswith(_SERVICE_BOX))
    page_fields = tuple(field for field in layout if field not in service_fields)
    yield from placed_texts(page_fields, _page_values(claim), may_cut=_MAY_CUT)
    for line in claim.lines:
        yield from _service_texts(service_fields, claim, line)


def _service_texts(fields: tuple[Field, ...], claim: Claim, line: ServiceLine) -> Iterator[PlacedText]:
    day = f"{line.service_date:%m %d %y}"
    values = {
        "service_from": day,
        "service_to": day,
        "place_of_service_code": claim.place_of_service_code,
        "hcpcs_code": line.hcpcs_code,
        "pointers": "".join(chr(ord("A") + pointer - 1) for pointer in line.diagnosis_pointers),
        "charge_amount": _money(line.charge_amount_cents),
        "units": str(line.service_unit_quantity),
        "rendering_npi": claim.rendering.npi if claim.rendering is not None else claim.billing.identifier,
    }
    values |= {f"modifier_{place}": modifier for place, modifier in enumerate(line.modifiers, start=1)}
    offset = (line.claim_line_number - 1) * LINES_PER_SERVICE
    yield from placed_texts(fields, values, may_cut=frozenset(), line_offset=offset)


def _page_values(claim: Claim) -> dict[str, str]:
    is_correction = claim.frequency_code != ORIGINAL
    values = {
        "claim_filing_code": claim.claim_filing_code,
        "member_id": claim.member_id,
        "patient_name": _person_name(claim.patient_last_name, claim.patient_first_name),
        "patient_birth_date": _full_date(claim.patient_birth_date),
        "patient_sex": claim.patient_sex,
        "relationship": claim.relationship,
        "group_number": claim.group_number or "NONE",
        "plan_name": _plain(claim.payer.name),
        "other_plan": "no",
        "patient_signature": _ON_FILE,
        "insured_signature": _ON_FILE,
        "employment": "no",
        "auto_accident": "no",
        "other_accident": "no",
        "outside_laboratory": "no",
        "diagnosis_version": _ICD_10,
        "resubmission_code": claim.frequency_code if is_correction else "",
        "original_number": claim.payer_claim_control_number if is_correction else "",
        "authorization_number": claim.prior_authorization_number,
        "tin": claim.billing.tin,
        "tin_type": "EIN",
        "account_number": account_number(claim.claim_id),
        "assignment": "yes",
        "total_charge_amount": _money(claim.charge_amount_cents),
        "paid_amount": _NOTHING_PAID,
        "practitioner_signature": _ON_FILE,
        "signature_date": f"{claim.provenance.as_of_date:%m %d %y}",
        "payer_name": _plain(claim.payer.name),
    }
    values |= {
        f"diagnosis_{place}": code.replace(".", "")
        for place, code in enumerate(claim.diagnosis_codes, start=1)
    }
    values |= _address_values("patient", claim.patient_address)
    values |= _insured_values(claim)
    values |= _source_values(claim)
    values |= _place_values(claim)
    if claim.payer.address is not None:
        values["payer_line"] = _plain(claim.payer.address.line)
        values["payer_city"] = _city_line(claim.payer.address)
    return values


def _insured_values(claim: Claim) -> dict[str, str]:
    """The policy holder: the patient, or the subscriber as far as known."""
    holder = claim.subscriber
    if claim.relationship == SELF or holder is None:
        return {
            "insured_name": _person_name(claim.patient_last_name, claim.patient_first_name),
            "insured_birth_date": _full_date(claim.patient_birth_date),
            "insured_sex": claim.patient_sex,
            **_address_values("insured", claim.patient_address),
        }
    return {
        "insured_name": _person_name(holder.last_name, holder.first_name),
        "insured_birth_date": _full_date(holder.birth_date) if holder.birth_date is not None else "",
        "insured_sex": holder.sex,
        **_address_values("insured", holder.address),
    }


def _source_values(claim: Claim) -> dict[str, str]:
    """Box 17 has room for one: the referring provider, else the supervising one."""
    sources: tuple[tuple[str, Person | None], ...] = (("DN", claim.referring), ("DQ", claim.supervising))
    for source_type, person in sources:
        if person is not None:
            name = _plain(f"{person.first_name} {person.last_name}")
            return {"source_type": source_type, "source_name": name, "source_npi": person.npi}
    return {}


def _place_values(claim: Claim) -> dict[str, str]:
    """Boxes 32 and 33: where the service took place (the billing provider's own place, unless another is named).

    Telephone numbers and ZIP codes have no hyphen. Source: NUCC, 1500 reference instruction manual for form 02/12.
    """
    digits = phone_digits(claim.billing_phone)
    facility = claim.service_facility or claim.billing
    values = {
        "billing_area_code": digits[:3],
        "billing_telephone": digits[3:],
    }
    for prefix, organization in (("facility", facility), ("billing", claim.billing)):
        values |= _organization_values(prefix, organization)
    return values


def _organization_values(prefix: str, organization: Organization) -> dict[str, str]:
    values = {f"{prefix}_name": _plain(organization.name), f"{prefix}_npi": organization.identifier}
    if organization.address is not None:
        values[f"{prefix}_line"] = _plain(organization.address.line)
        values[f"{prefix}_city"] = _city_line(organization.address)
    return values


def _address_values(prefix: str, address: Address) -> dict[str, str]:
    return {
        f"{prefix}_line": _plain(address.line),
        f"{prefix}_city": _plain(address.city),
        f"{prefix}_state": address.state,
        f"{prefix}_postal_code": address.postal_code,
    }


def _city_line(address: Address) -> str:
    return f"{_plain(address.city)} {address.state} {address.postal_code}"


def _person_name(last_name: str, first_name: str) -> str:
    """Last name, comma, first name: the comma is the form's own; other punctuation is left out."""
    return ", ".join(filter(None, (_plain(last_name).replace(",", ""), _plain(first_name).replace(",", ""))))


def _plain(text: str) -> str:
    return plain_text(text).translate(_NO_NAME_SIGNS)


def _full_date(day: date) -> str:
    return f"{day:%m %d %Y}"


def _money(cents: int) -> str:
    """Dollars and cents with a blank for the form's dividing line."""
    return f"{cents // 100} {cents % 100:02d}"
