"""What a biller entered in one table is held against the others, so that nothing of it is silently passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Final

from cocm.care.casefile import CaseFile
from cocm.care.records import ClaimStatus, Decision, DecisionKind, HistoryLine
from cocm.claims.build import claim_id_of
from cocm.claims.submission import ORIGINAL, REPLACEMENT, PriorClaim, Submission, SubmissionKind
from cocm.close.worklist import WorkItem
from cocm.coding.records import Proposal
from cocm.edits.codes import cocm_codes
from cocm.rules import PackOn, Severity
from cocm.rules.codes import places_of_service
from cocm.rules.diagnosis_codes import icd10cm_code, icd10cm_is_followed


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


SEQUENCES_MAX: Final = 9
"""How many claims of one patient-month are looked for in the history when the state knows none."""


def with_history(prior: PriorClaim | None, case: CaseFile, payer_id: str) -> PriorClaim | None:
    """The prior claim with what came back for it; one that only the history names is found by its id."""
    answers = {line.claim_id: line for line in case.history if line.service_date in case.month}
    if not answers:
        return prior
    if prior is None:
        for sequence in range(SEQUENCES_MAX, 0, -1):
            found = answers.get(_id_of(case, payer_id, sequence))
            if found is not None:
                return PriorClaim(
                    found.claim_id,
                    sequence,
                    "",
                    found.status,
                    found.payer_claim_control_number,
                    found.frequency_code or ORIGINAL,
                )
        return None
    answer = answers.get(prior.claim_id)
    if answer is None:
        return prior
    number = answer.payer_claim_control_number
    if prior.frequency_code == REPLACEMENT and answer.status is ClaimStatus.REJECTED:
        replaced = (
            answers.get(_id_of(case, payer_id, sequence)) for sequence in range(prior.sequence - 1, 0, -1)
        )
        number = next((line.payer_claim_control_number for line in replaced if line is not None), "")
    return replace(prior, status=answer.status, payer_claim_control_number=number)


def _id_of(case: CaseFile, payer_id: str, sequence: int) -> str:
    return claim_id_of(
        case.practice.organization_id, case.patient.patient_id, case.month.index, payer_id, sequence
    )


def history_beside(
    case: CaseFile, prior: PriorClaim | None, payer_id: str, submission: Submission | None
) -> tuple[HistoryLine, ...]:
    """The earlier claims that stand beside the month's own; not those of ours that it is, replaces or must correct.

    A new original stands beside all of them.
    """
    history = case.history
    if not history or prior is None or submission is None or submission.kind is SubmissionKind.ORIGINAL:
        return history
    ours = {_id_of(case, payer_id, sequence) for sequence in range(1, prior.sequence + 1)}
    return tuple([line for line in history if line.claim_id not in ours])


def sent_to_others(to_others: Mapping[str, PriorClaim], case: CaseFile) -> Iterator[WorkItem]:
    """A claim of the month that another payer already has: a month has one primary payer."""
    for payer_id, known in sorted(to_others.items()):
        prior = with_history(known, case, payer_id) or known
        if prior.status in (ClaimStatus.REJECTED, ClaimStatus.VOIDED):
            continue
        yield WorkItem(
            "other_payer_claim",
            Severity.BLOCK,
            False,
            f"claim {prior.claim_id} of this month went to payer {payer_id}",
            f"take it back first (`cocm void`), or enter its rejection in claim_history under payer {payer_id}",
            (),
        )


def released_items(case: CaseFile) -> frozenset[str]:
    """What people released. A release holds for the entries known on its day: later ones need a new look."""
    last_entry = max(
        (
            contact.recorded_on
            for contact in case.contacts
            if contact.recorded_on and contact.service_date in case.month
        ),
        default=date.min,
    )
    return frozenset(
        decision.item
        for decision in case.decisions
        if decision.kind is DecisionKind.RELEASE and decision.decided_on >= last_entry
    )


def held_by_people(case: CaseFile) -> Iterator[WorkItem]:
    """What keeps a claim back because somebody said so."""
    for decision in case.decisions:
        if decision.kind is DecisionKind.HOLD:
            yield WorkItem(
                "held_by_person",
                Severity.BLOCK,
                False,
                f"{decision.decided_by} holds it back since {decision.decided_on}: {decision.reason}",
                "take the decision back when the claim may go",
                (),
            )


def conflicts_of_choice(
    case: CaseFile, proposal: Proposal, policy: PackOn, history: tuple[HistoryLine, ...], as_of_date: date
) -> Iterator[WorkItem]:
    """What the edits do not look at because a chosen code is none of the service's own: claims, the clock.

    `history` is the case's, less the claim that the month's claim corrects (see `history_beside`).
    """
    rulebook = policy.pack.rulebook
    own_codes = cocm_codes(rulebook)
    chosen = [line for line in proposal.lines if line.hcpcs_code not in own_codes]
    if not chosen:
        return
    for line in history:
        is_standing = line.status not in (ClaimStatus.REJECTED, ClaimStatus.VOIDED)
        if (
            is_standing
            and line.service_date in case.month
            and (line.hcpcs_code in own_codes or any(line.hcpcs_code == mine.hcpcs_code for mine in chosen))
        ):
            yield WorkItem(
                "conflicting_service",
                Severity.BLOCK,
                False,
                f"{line.hcpcs_code} was reported for the month (claim {line.claim_id}) and excludes the chosen code",
                "keep one of the two: void the other, or take back the choice",
                (chosen[0].code_rule,),
            )
    limit_days = case.payer.filing_limit_days if case.payer else None
    limit_days = limit_days if limit_days is not None else policy.integer("filing.limit_days")
    if limit_days is not None and (as_of_date - case.month.last_day).days > limit_days:
        yield WorkItem(
            "filing.payer_limit",
            Severity.BLOCK,
            False,
            f"the filing limit of {limit_days} days has passed",
            "look for proof of timely filing",
            (policy.value("filing.limit_days"),),
        )


def unsure_coverage(case: CaseFile) -> Iterator[WorkItem]:
    """Which policy pays first must be known: two of the same rank, or one that is not ranked first, are a question."""
    if case.has_coverage_tie:
        why = "two policies in force share the first rank; which pays first is not said"
    elif case.coverages and case.coverages[0].rank > 1:
        why = (
            f"the only policy in force is ranked {case.coverages[0].rank}; one that pays first may be missing"
        )
    else:
        return
    action = "enter rank in coverages (1 pays first), or release it when this payer is the first"
    yield WorkItem("coverage_order", Severity.REVIEW, False, why, action, ())


def unfit_codes(case: CaseFile, policy: PackOn) -> tuple[WorkItem, ...]:
    """A place of service that does not exist, or a diagnosis that does not or is only a heading."""
    place = case.site.place_of_service_code if case.site else ""
    return _unfit_codes(place, case.episode.diagnosis_codes, policy)


@lru_cache(maxsize=4096)
def _unfit_codes(place: str, diagnosis_codes: tuple[str, ...], policy: PackOn) -> tuple[WorkItem, ...]:
    rulebook = policy.pack.rulebook
    items = []
    if place and place not in places_of_service(rulebook):
        items.append(
            WorkItem(
                "place_of_service",
                Severity.BLOCK,
                False,
                f"{place} is no place of service code",
                "enter the two digits of the place in sites.place_of_service_code",
                (),
            )
        )
    for code in diagnosis_codes:
        found = icd10cm_code(rulebook, code, policy.day)
        if (found is None and icd10cm_is_followed(rulebook, code)) or (
            found is not None and not found.is_billable
        ):
            why = "is no ICD-10-CM code" if found is None else "is a heading, not a code that can be billed"
            items.append(
                WorkItem(
                    "diagnosis_code",
                    Severity.REVIEW,
                    False,
                    f"{code} {why} in the edition at hand",
                    "enter the code in episodes.diagnosis_codes as the practitioner documented it, or release it",
                    (),
                )
            )
    return tuple(items)


def answers_to(prior: PriorClaim, case: CaseFile, payer_id: str, *, is_unchanged: bool) -> Iterator[WorkItem]:
    """What the claim history says about the month's claim: a denial to work, or an id that is none of ours.

    A denied claim that has since been corrected (`is_unchanged` false) is being worked already.
    """
    if prior.status is ClaimStatus.VOIDED:
        yield WorkItem(
            "after_void",
            Severity.REVIEW,
            False,
            f"claim {prior.claim_id} took the month back; billing it anew must be meant",
            "release it when the month is to be billed again",
            (),
        )
    if prior.status is ClaimStatus.DENIED and is_unchanged:
        yield WorkItem(
            "denied",
            Severity.REVIEW,
            False,
            f"the payer denied claim {prior.claim_id}",
            "read the reason on the remittance; mend the tables and close again, or appeal within the payer's time",
            (),
        )
    ours = {_id_of(case, payer_id, sequence) for sequence in range(1, prior.sequence + 1)}
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


def why_idle(
    decision: Decision, proposal: Proposal, items: tuple[WorkItem, ...], released: frozenset[str]
) -> str:
    """Why a decision changed nothing; empty when it had its effect."""
    if decision.kind is DecisionKind.CHOOSE:
        if any(line.hcpcs_code == decision.item for line in proposal.lines):
            return ""
        return f"the decision to choose {decision.item} has no effect: that code is not offered for the month"
    if decision.kind is DecisionKind.HOLD:
        return (
            "" if proposal.lines else "the decision to hold the claim has no effect: the month earns no code"
        )
    named = [item for item in items if item.item == decision.item]
    if any(item.can_be_released for item in named):
        if decision.item in released:
            return ""
        reason = "entries of the month were recorded after it; look again and decide anew"
    else:
        reason = "that item cannot be released" if named else "the month has no such item"
    return f"the decision to release {decision.item} has no effect: {reason}"


def idle_decision(why: str) -> WorkItem:
    """A decision without effect, to be shown although it holds nothing."""
    action = "mend or delete the row in decisions"
    return WorkItem("idle_decision", Severity.INFORM, False, why, action, (), is_shown=True)
