"""What a biller entered in one table is held against the others, so that nothing of it is silently passed over."""

from __future__ import annotations

from collections.abc import Iterator

from cocm.care.casefile import CaseFile
from cocm.care.records import ClaimStatus, DecisionKind
from cocm.claims.build import claim_id_of
from cocm.claims.submission import PriorClaim
from cocm.close.worklist import WorkItem
from cocm.coding.records import Proposal
from cocm.rules import Severity


def time_used_twice(case: CaseFile, proposal: Proposal) -> Iterator[WorkItem]:
    """Another service by the same person on the day of a counted contact may have used the same minutes."""
    if not case.other_services:
        return
    people = {
        member.npi: member.staff_id for member in (case.bhcm, case.billing_practitioner) if member is not None
    }
    counted = {entry.contact_id for entry in proposal.ledger.entries if entry.counted_seconds}
    for service in case.other_services:
        staff_id = people.get(service.rendering_npi)
        if staff_id is None or service.is_inpatient_stay or not service.hcpcs_code:
            continue
        for contact in case.contacts:
            if (
                contact.contact_id in counted
                and contact.staff_id == staff_id
                and contact.service_date == service.service_date
                and not contact.billed_elsewhere_seconds
            ):
                yield WorkItem(
                    "time_billed_elsewhere",
                    Severity.REVIEW,
                    False,
                    f"the same person also reported {service.hcpcs_code} on {service.service_date}, the day of contact "
                    f"{contact.contact_id}, which counts whole: minutes may be used twice",
                    "enter billed_elsewhere_code and billed_elsewhere_minutes on the contact, or release it if the "
                    "times were apart",
                    (),
                )


def answers_to(prior: PriorClaim, case: CaseFile, payer_id: str, *, is_unchanged: bool) -> Iterator[WorkItem]:
    """What the claim history says about the month's claim: a denial to work, or an id that is none of ours.

    A denied claim that has since been corrected (`is_unchanged` false) is being worked already.
    """
    if prior.status is ClaimStatus.DENIED and is_unchanged:
        yield WorkItem(
            "denied",
            Severity.REVIEW,
            False,
            f"the payer denied claim {prior.claim_id}",
            "read the reason on the remittance; mend the tables and close again, or appeal within the payer's time",
            (),
        )
    ours = {
        claim_id_of(
            case.practice.organization_id, case.patient.patient_id, case.month.index, payer_id, sequence
        )
        for sequence in range(1, prior.sequence + 1)
    }
    strangers = {
        line.claim_id
        for line in case.history
        if line.service_date in case.month
        and line.payer_id == payer_id
        and (line.billing_npi == case.practice.billing_npi or line.billing_tin == case.practice.billing_tin)
        and line.claim_id not in ours
    }
    for claim_id in sorted(strangers):
        yield WorkItem(
            "unknown_claim_id",
            Severity.REVIEW,
            True,
            f"claim_history names claim {claim_id} of the practice for this month; the one written is {prior.claim_id}",
            "check the claim_id in claim_history: an answer under another id is not seen",
            (),
        )


def idle_decisions(case: CaseFile, proposal: Proposal, items: tuple[WorkItem, ...]) -> Iterator[WorkItem]:
    """Decisions that changed nothing, with the reason."""
    for decision in case.decisions:
        if decision.kind is DecisionKind.CHOOSE:
            if any(line.hcpcs_code == decision.item for line in proposal.lines):
                continue
            why = f"the decision to choose {decision.item} has no effect: that code is not offered for the month"
        else:
            named = [item for item in items if item.item == decision.item]
            if any(item.can_be_released for item in named):
                continue
            reason = "that item cannot be released" if named else "the month has no such item"
            why = f"the decision to release {decision.item} has no effect: {reason}"
        action = "mend or delete the row in decisions"
        yield WorkItem("idle_decision", Severity.INFORM, False, why, action, (), is_shown=True)
