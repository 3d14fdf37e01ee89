"""From a patient-month and its code proposal to a claim.

Who renders, where, on which date and with whose supervision are the payer's rules. Diagnoses stand in the episode's
own order (principal first) and are never reordered; each CoCM line points to the behavioral ones among them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter
from typing import Final

from cocm.basics.identity import Provenance, stable_id
from cocm.basics.records import maker
from cocm.care.casefile import CaseFile
from cocm.care.people import Coverage, Practice, Site, StaffMember
from cocm.claims.records import DIAGNOSES_MAX, POINTERS_MAX, Claim, Organization, Person, ServiceLine
from cocm.claims.submission import Submission
from cocm.coding.gates import diagnosis_is_behavioral
from cocm.coding.records import Proposal
from cocm.coding.tiers import minutes_needed
from cocm.rules import PackOn, RuleValue
from cocm.rules.values import UNKNOWN

_FURTHER_CONTENT: Final = (
    "insurance_type_code",
    "prior_authorization_number",
    "referral_number",
    "note",
    "paperwork",
    "other_payers",
)
_FURTHER_LINE_CONTENT: Final = (
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

INSTITUTIONAL: Final = "institutional"
"""The reason id of a month whose claim goes on the institutional form."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why no claim was built, what to do, and the rule that asks for it (None where the form itself does)."""

    reason_id: str
    why: str
    action: str
    rule: RuleValue | None


def build_claim(
    case: CaseFile,
    proposal: Proposal,
    policy: PackOn,
    charges: Mapping[str, int],
    provenance: Provenance,
) -> Claim | tuple[Hold, ...]:
    """The month's professional claim as an original, or everything that keeps it from being built.

    A payer that takes the setting's claims on the institutional form gets none here: `month_claim` has its data.
    """
    built = month_claim(case, proposal, policy, charges, provenance)
    form = _other_form(policy)
    if form is None:
        return built
    return (form,) if isinstance(built, Claim) else (*built, form)


def _other_form(policy: PackOn) -> Hold | None:
    """Why no professional claim may be written, if so: the form is institutional, or nobody has established it."""
    rule = policy.value("claim.format")
    if rule.text == "institutional":
        return Hold(
            INSTITUTIONAL,
            "this payer takes CoCM from this setting on an institutional claim",
            "bill it on an institutional claim; the close writes its data sheet once nothing else holds it",
            rule,
        )
    if rule.state == UNKNOWN:
        return Hold(
            "claim_format",
            "on which form this payer takes CoCM from this setting is not established",
            "ask the payer and enter the answer in the practice's own rules (--rules)",
            rule,
        )
    return None


def month_claim(
    case: CaseFile,
    proposal: Proposal,
    policy: PackOn,
    charges: Mapping[str, int],
    provenance: Provenance,
) -> Claim | tuple[Hold, ...]:
    """The content of the month's claim, whatever its form, or everything that keeps it from being put together.

    `charges` maps a code to the practice's charge for one unit in cents, on the service date. The claim has the first
    sequence's id; `with_submission` turns it into a later or corrected one.
    """
    holds: list[Hold] = []
    payer, site, practitioner = case.payer, case.site, case.billing_practitioner
    if payer is None:
        holds.append(
            Hold("coverage", "no coverage in the month", "check eligibility and enter the coverage", None)
        )
    if site is None:
        holds.append(
            Hold("site", "the episode names no site", "enter the practitioner's credentialed site", None)
        )
    if practitioner is None:
        holds.append(
            Hold("billing_practitioner", "the episode names no billing practitioner", "enter who bills", None)
        )
    rendering = _rendering(case, policy)
    if isinstance(rendering, Hold):
        holds.append(rendering)
    diagnoses, pointers = _diagnoses(case, policy)
    if not pointers:
        rule = policy.value("diagnosis.prefixes_allowed")
        holds.append(
            Hold("diagnosis", "no behavioral diagnosis to point to", "enter the diagnosis treated", rule)
        )
    missing_charges = [line.hcpcs_code for line in proposal.lines if line.hcpcs_code not in charges]
    if missing_charges:
        text = ", ".join(missing_charges)
        holds.append(
            Hold("charge", f"the practice has no charge for {text}", "add it to the charges table", None)
        )
    if holds or payer is None or site is None or practitioner is None or isinstance(rendering, Hold):
        return tuple(holds)

    practice, patient, coverage = case.practice, case.patient, case.coverages[0]
    on_date = service_date(case, proposal, policy)
    lines = tuple(
        [
            _service_line(
                number,
                line.hcpcs_code,
                (),
                line.units,
                charges[line.hcpcs_code] * line.units,
                on_date,
                pointers,
            )
            for number, line in enumerate(proposal.lines, start=1)
        ]
    )
    needs_supervisor = policy.flag("claim.supervising_provider_required") is True
    return _claim(
        claim_id=claim_id_of(
            practice.organization_id, patient.patient_id, case.month.index, payer.payer_id, 1
        ),
        organization_id=practice.organization_id,
        month=case.month,
        pack_id=payer.pack_id,
        patient_id=patient.patient_id,
        patient_last_name=patient.last_name,
        patient_first_name=patient.first_name,
        patient_birth_date=patient.birth_date,
        patient_sex=patient.sex,
        patient_address=patient.address,
        relationship=coverage.relationship,
        subscriber=coverage.subscriber,
        member_id=coverage.member_id,
        group_number=coverage.group_number,
        claim_filing_code=policy.pack.profile.claim_filing_code,
        payer_sequence="P",
        payer=_payer_organization(payer.name, payer.payer_identifier),
        billing=_billing_organization(practice),
        billing_phone=practice.phone,
        rendering=None if rendering.npi == practice.billing_npi else _person(rendering),
        supervising=_person(practitioner) if needs_supervisor else None,
        referring=_person(case.referring_practitioner) if case.referring_practitioner else None,
        service_facility=_service_facility(site) if site.npi and site.npi != practice.billing_npi else None,
        place_of_service_code=site.place_of_service_code,
        frequency_code="1",
        payer_claim_control_number="",
        diagnosis_codes=diagnoses,
        lines=lines,
        provenance=provenance,
        prior_authorization_number=_authorization_number(case, policy),
    )


def _authorization_number(case: CaseFile, policy: PackOn) -> str:
    """The number of an authorization that reaches to the month's end, unless the payer is known to ask for none."""
    coverage = case.coverages[0]
    asked = policy.value("authorization.after_months")
    if asked.is_known and asked.integer is None:
        return ""
    return coverage.prior_authorization_number if coverage.is_authorized_until(case.month.last_day) else ""


_claim, _service_line = maker(Claim), maker(ServiceLine)


def claim_id_of(organization_id: str, patient_id: str, month_index: int, payer_id: str, sequence: int) -> str:
    """The stable id of the so-many-th claim of a patient-month to a payer: 14 characters fit CLM01 and box 26."""
    return stable_id("C", organization_id, patient_id, month_index, payer_id, sequence)


def with_submission(claim: Claim, submission: Submission, payer_id: str) -> Claim:
    """The claim as it goes out: its sequence's id, frequency code and the payer's control number."""
    if submission.sequence == 1 and submission.frequency_code == "1":
        return claim
    return replace(
        claim,
        claim_id=claim_id_of(
            claim.organization_id, claim.patient_id, claim.month.index, payer_id, submission.sequence
        ),
        frequency_code=submission.frequency_code,
        payer_claim_control_number=submission.payer_claim_control_number,
    )


def content_hash(claim: Claim) -> str:
    """A digest of what the payer reads: not of our ids, the frequency or when the claim was made."""
    subscriber, referring = claim.subscriber, claim.referring
    parts = [
        claim.patient_last_name,
        claim.patient_first_name,
        f"{claim.patient_birth_date}{claim.patient_sex}{claim.relationship}",
        claim.group_number,
        f"{subscriber.last_name}^{subscriber.first_name}^{subscriber.birth_date}" if subscriber else "",
        claim.billing.tin,
        claim.billing.taxonomy_code,
        referring.npi if referring else "",
        claim.payer.identifier,
        claim.member_id,
        claim.billing.identifier,
        claim.rendering.npi if claim.rendering else "",
        claim.supervising.npi if claim.supervising else "",
        claim.service_facility.identifier if claim.service_facility else "",
        claim.place_of_service_code,
        "+".join(claim.diagnosis_codes),
    ]
    for line in claim.lines:
        parts.append(
            f"{line.hcpcs_code}:{line.service_unit_quantity}:{line.charge_amount_cents}:{line.service_date}"
            f":{line.diagnosis_pointers}"
        )
    parts += _further_content(claim)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def _further_content(claim: Claim) -> list[str]:
    """What only some claims carry; a claim without it keeps the digest it always had."""
    values = _further_values(claim)
    given = [f"{name}={value}" for name, value in zip(_FURTHER_CONTENT, values, strict=True) if value]
    for line in claim.lines:
        of_line = zip(_FURTHER_LINE_CONTENT, _further_line_values(line), strict=True)
        given += [f"{line.claim_line_number}.{name}={value}" for name, value in of_line if value]
    return given


_further_values, _further_line_values = attrgetter(*_FURTHER_CONTENT), attrgetter(*_FURTHER_LINE_CONTENT)


def service_date(case: CaseFile, proposal: Proposal, policy: PackOn) -> date:
    """The date of service: the month's last day covered, or the day the minutes earned the lines, as the payer rules.

    Where the policy ended within the month (death, disenrolment) and was not renewed, it is the last covered day.
    """
    last_day = case.month.last_day
    if case.coverages and case.coverages[0].coverage_to is not None:
        last_day = min(last_day, _policy_ends(case.coverages))
    if policy.text("claim.service_date_basis") != "threshold_date":
        return last_day
    reached = proposal.ledger.day_reached(minutes_needed(proposal.lines, policy))
    return last_day if reached is None else min(last_day, reached)


def _policy_ends(coverages: Sequence[Coverage]) -> date:
    """The last day of the policy that pays first, over all its rows."""
    primary = coverages[0]
    return max(coverage.coverage_to or date.max for coverage in coverages if coverage.is_same_policy(primary))


def _rendering(case: CaseFile, policy: PackOn) -> StaffMember | Hold:
    rule = policy.value("claim.rendering_role")
    if rule.text == "bhcm":
        if case.bhcm is None or not case.bhcm.npi:
            return Hold(
                "rendering_npi",
                "this payer wants the care manager as rendering provider, who has no NPI on file",
                "enter the care manager's NPI (and enrol where the payer asks); never fall back to the practitioner",
                rule,
            )
        return case.bhcm
    if rule.text == "billing_practitioner":
        if case.billing_practitioner is None or not case.billing_practitioner.npi:
            return Hold("rendering_npi", "the billing practitioner has no NPI on file", "enter the NPI", rule)
        return case.billing_practitioner
    return Hold(
        "rendering_role", "who renders is not established for this payer", "ask the payer, then set it", rule
    )


def _diagnoses(case: CaseFile, policy: PackOn) -> tuple[tuple[str, ...], tuple[int, ...]]:
    codes = case.episode.diagnosis_codes[:DIAGNOSES_MAX]
    return codes, _behavioral_positions(codes, policy)


@lru_cache(maxsize=4096)
def _behavioral_positions(codes: tuple[str, ...], policy: PackOn) -> tuple[int, ...]:
    behavioral = [
        position for position, code in enumerate(codes, start=1) if diagnosis_is_behavioral(code, policy)
    ]
    return tuple(behavioral[:POINTERS_MAX])


@lru_cache(maxsize=4096)
def _person(member: StaffMember) -> Person:
    return Person(member.last_name, member.first_name, member.npi, member.taxonomy_code)


@lru_cache(maxsize=256)
def _payer_organization(name: str, identifier: str) -> Organization:
    return Organization(name=name, identifier=identifier, tin="", taxonomy_code="", address=None)


@lru_cache(maxsize=16)
def _billing_organization(practice: Practice) -> Organization:
    return Organization(
        practice.name, practice.billing_npi, practice.billing_tin, practice.taxonomy_code, practice.address
    )


@lru_cache(maxsize=1024)
def _service_facility(site: Site) -> Organization:
    return Organization(name=site.name, identifier=site.npi, tin="", taxonomy_code="", address=site.address)
