"""The parties of a plan's answers on the wire: the plan, the sender of a claim, its patient."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cocm.plan.records import PlanProfile
from cocm.x12.claim_record import ClaimRecord, PartyRecord
from cocm.x12.wire_parts import ContactRecord

_PAYER_IDENTIFIER: Final = "PI"
_SUBMITTER_IDENTIFIER: Final = "46"
_MEMBER_IDENTIFIER: Final = "MI"
_INFORMATION: Final = "IC"
_TELEPHONE: Final = "TE"


def plan_party(profile: PlanProfile) -> PartyRecord:
    """The plan by its payer id."""
    return PartyRecord(
        False, profile.name, "", "", "", _PAYER_IDENTIFIER, profile.payer_identifier
    )  # fmt: skip


def plan_contact(profile: PlanProfile) -> ContactRecord:
    """Whom to ask at the plan."""
    return ContactRecord(_INFORMATION, profile.name, ((_TELEPHONE, profile.phone),))


def claim_sender(record: ClaimRecord) -> PartyRecord:
    """Who submitted the claim: the submitter it names, else its biller under the sender id of its envelope."""
    submitter = record.transmission.submitter
    if submitter is not None and submitter.identifier:
        return bare(submitter)
    return replace(
        bare(record.billing),
        identifier_type=_SUBMITTER_IDENTIFIER,
        identifier=record.transmission.sender_id.strip(),
    )


def patient_name(record: ClaimRecord) -> PartyRecord:
    """The patient by name with the member id, which on the claim may stand with the subscriber."""
    identifier = record.patient.identifier or record.member_id
    return replace(bare(record.patient), identifier_type=_MEMBER_IDENTIFIER, identifier=identifier)


def bare(party: PartyRecord) -> PartyRecord:
    """A party by name and number only."""
    return replace(party, tin="", taxonomy_code="", address=None, phone="", birth_date=None, sex="")
