"""Short words for what the close names by its own ids."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from django.utils.safestring import SafeString

from cocm.close.worklist import Status
from cocm.coding.records import MonthKind
from cocm.server.look.html import joined, safe

STATUS_WORDS: Final = MappingProxyType(
    {
        Status.CLAIM.value: "Ready",
        Status.HELD.value: "Held",
        Status.ALREADY_SENT.value: "Sent",
        Status.CARE_DUE.value: "Short of a code",
        Status.NO_SERVICE.value: "No service",
    }
)
STATUS_TONES: Final = MappingProxyType(
    {
        Status.CLAIM.value: "success",
        Status.HELD.value: "attention",
        Status.ALREADY_SENT.value: "info",
    }
)
GRADE_TONES: Final = MappingProxyType(
    {"stops the claim": "danger", "needs a person": "attention", "no data": "attention", "noted": "neutral"}
)
KIND_WORDS: Final = MappingProxyType(
    {
        MonthKind.FIRST.value: "first month",
        MonthKind.LATER.value: "later month",
        MonthKind.UNKNOWN.value: "first or later not known",
    }
)
ITEM_WORDS: Final = MappingProxyType(
    {
        "authorization": "Prior authorization",
        "attestation": "Attestation",
        "basis_gone": "Claim without a case",
        "billing_practitioner": "Billing practitioner",
        "care_due": "Care due",
        "caseload_review": "Caseload consultation",
        "charge": "Charge missing",
        "claim_form": "Claim cannot be written",
        "claim_format": "Claim form not known",
        "conflicting_service": "Conflicting service",
        "consent": "Consent",
        "consent_form": "Form of consent",
        "consultant_type": "Consultant's type",
        "correction": "Correction",
        "coverage": "No cover",
        "coverage_order": "Order of policies",
        "denied": "Denied",
        "diagnosis": "Diagnosis",
        "diagnosis_code": "Diagnosis code",
        "held_by_person": "Held by a person",
        "idle_decision": "Decision without effect",
        "initiating_visit": "Initiating visit",
        "institutional": "Institutional claim",
        "late_entry": "Late entry",
        "month_kind": "First or later month",
        "no_longer_supported": "No longer supported",
        "other_payer_claim": "Claim at another payer",
        "patient_age": "Patient's age",
        "patient_review": "Not discussed",
        "place_of_service": "Place of service",
        "practitioner_type": "Practitioner's type",
        "rejected_rows": "Unreadable rows",
        "rendering_npi": "Rendering NPI",
        "rendering_practitioner": "Rendering practitioner",
        "rendering_role": "Who renders",
        "required_base": "Base code",
        "scale": "No scale",
        "site": "Site",
        "time_billed_elsewhere": "Time billed elsewhere",
        "two_episodes": "Two episodes",
        "unknown_claim_id": "Unknown claim",
        "after_void": "After a void",
    }
)


def two_lines(first: object, second: object) -> SafeString:
    """A cell of two lines, the second one small."""
    return joined(f'<div>{safe(first)}<span class="under">{safe(second)}</span></div>')


def sentence(text: str) -> str:
    """The core's words with a capital first letter."""
    return text[:1].upper() + text[1:]


def item_words(item: str) -> str:
    """An item's name for people; an edit or a rule keeps its id."""
    return ITEM_WORDS.get(item, item)
