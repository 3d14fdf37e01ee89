"""Whose move an item of the close's worklist is, and the page on which it is mended.

The items are the close's own (docs/worklist.md). What is not named here (an edit, a rule) is billing's, on the page of
the patient-month.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from django.urls import reverse

from cocm.basics.months import Month
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ROLE_WORDS, MemberRole, Permission

_R = MemberRole


@dataclass(frozen=True, slots=True)
class Mending:
    """Who mends an item and where: a `part` of the case file, a `section` of set-up, an `anchor` of the case file,
    `minutes` of the month, or the patient-month itself.
    """

    owner: MemberRole
    label: str
    part: str = ""
    section: str = ""
    anchor: str = ""
    is_minutes: bool = False


_TEAM = Mending(_R.BHCM, "Team", part="team")
_CONSENT = Mending(_R.BHCM, "Consent", part="consent")
_REVIEW = Mending(_R.BHCM, "Review", part="review")
_STAFF = Mending(_R.MANAGER, "Staff", section="staff")
_PAYERS = Mending(_R.MANAGER, "Payers", section="payers")
_SITES = Mending(_R.MANAGER, "Sites", section="sites")
_DIAGNOSES = Mending(_R.PCP, "Diagnoses", part="diagnoses")
_COVER = Mending(_R.BILLING, "Policies", anchor="cover")
_SERVICES = Mending(_R.BILLING, "Services", anchor="programmes")
_CHART = Mending(_R.BHCM, "Chart", anchor="episode")
DENIED: Final = "denied"
MINE: Final = Mending(_R.BILLING, "Look")
MENDINGS: Final = MappingProxyType(
    {
        "consent": _CONSENT,
        "consent_form": _CONSENT,
        "diagnosis": _DIAGNOSES,
        "diagnosis_code": _DIAGNOSES,
        "initiating_visit": Mending(_R.PCP, "Visit", part="visit"),
        "month_kind": Mending(_R.BHCM, "Visit", part="visit"),
        "site": _TEAM,
        "billing_practitioner": _TEAM,
        "rendering_practitioner": _STAFF,
        "rendering_npi": _STAFF,
        "rendering_role": _PAYERS,
        "practitioner_type": _STAFF,
        "consultant_type": _STAFF,
        "place_of_service": _SITES,
        "attestation": _PAYERS,
        "claim_format": _PAYERS,
        "charge": Mending(_R.MANAGER, "Charges", section="charges"),
        "caseload_review": _REVIEW,
        "patient_review": _REVIEW,
        "scale": Mending(_R.BHCM, "Score", part="measure"),
        "care_due": Mending(_R.BHCM, "Minutes", is_minutes=True),
        "late_entry": Mending(_R.BILLING, "Minutes", is_minutes=True),
        "time_billed_elsewhere": Mending(_R.BHCM, "Minutes", is_minutes=True),
        "coverage": _COVER,
        "coverage_order": _COVER,
        "authorization": _COVER,
        "patient_age": _COVER,
        "conflicting_service": _SERVICES,
        "required_base": _SERVICES,
        "two_episodes": _CHART,
        "rejected_rows": _CHART,
        "claim_form": Mending(_R.MANAGER, "Set-up", section="practice"),
    }
)


def mending_of(item: str) -> Mending:
    """Whose move the item is, and where it is mended."""
    return MENDINGS.get(item, MINE)


def owner_words(owner: str) -> str:
    """The role's name for people."""
    return ROLE_WORDS[MemberRole(owner)]


def mending_link(
    actor: Actor, item: str, patient_pk: UUID | None, month: Month, claim_id: str = ""
) -> tuple[str, str]:
    """(label, address) of where the acting person mends or sees it; empty where nothing of it is open to them."""
    if item == DENIED and claim_id and patient_pk is not None and actor.may(Permission.BILLING_VIEW):
        return "Denial", reverse("denials:claim", kwargs={"patient_id": patient_pk, "claim_id": claim_id})
    mending = mending_of(item)
    if mending.section:
        may = actor.may(Permission.PEOPLE_EDIT)
        return (mending.label, reverse("setup:section", args=[mending.section])) if may else ("", "")
    if patient_pk is None:
        return "", ""
    if mending.is_minutes:
        return mending.label, reverse("contacts:month", kwargs={"patient_id": patient_pk, "month": month})
    if mending.part:
        from cocm.server.registry.parts import PARTS  # its forms need the apps loaded

        part = PARTS[mending.part]
        if actor.may(part.permission):
            address = reverse(
                f"registry:{part.url_name}", kwargs={"patient_id": patient_pk, "part": part.name}
            )
            return mending.label, address
    if mending is MINE:
        return mending.label, reverse("months:patient", kwargs={"patient_id": patient_pk, "month": month})
    chart = reverse("registry:chart", kwargs={"patient_id": patient_pk})
    return mending.label, f"{chart}#{mending.anchor}" if mending.anchor else chart
