"""The care behind a claim: the month's case file, its minutes, and what our own edits say of the claim as sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from cocm.basics.identity import Provenance
from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.claims.records import Claim
from cocm.coding.proposal import propose
from cocm.coding.records import Proposal
from cocm.edits.check import check_claim
from cocm.edits.discovery import catalogue
from cocm.edits.evidence import evidence_from_case, roles_of
from cocm.edits.finding import CheckResult
from cocm.edits.subject import EditSubject
from cocm.intake.groups import PatientRows
from cocm.intake.patients import parse_patient
from cocm.receivables.practice_books import OpenBooks
from cocm.remits.denial import OwnKnowledge
from cocm.rules import PackOn
from cocm.rules.denial_causes import DenialFact
from cocm.store.state import RecordedClaim
from cocm.x12 import ClaimRecord, claim_from_record


@dataclass(frozen=True)
class MonthCase:
    """A sent claim with the case file of its month. `sent` is None where the state holds no bytes of the claim."""

    books: OpenBooks
    recorded: RecordedClaim
    case: CaseFile
    policy: PackOn
    sent: ClaimRecord | None

    @cached_property
    def proposal(self) -> Proposal:
        """What the month's records support today."""
        return propose(self.case, self.policy, as_of_date=self.books.request.as_of_date)

    @cached_property
    def claim(self) -> Claim | None:
        """The claim as it was sent."""
        if self.sent is None:
            return None
        organization_id = self.books.reference.practice.organization_id
        provenance = Provenance(
            organization_id, self.books.request.as_of_date, self.books.rulebook.content_hash
        )
        return claim_from_record(
            self.sent,
            organization_id=organization_id,
            pack_id=self.policy.pack.payer_id,
            patient_id=self.recorded.patient_id,
            provenance=provenance,
        )

    @cached_property
    def check(self) -> CheckResult | None:
        """What our edits say of the claim as it was sent, with everything the practice knows."""
        return None if self.subject is None else check_claim(self.subject)

    @cached_property
    def subject(self) -> EditSubject | None:
        """The claim as it was sent with everything the practice knows of it, as our edits look at it."""
        if self.claim is None:
            return None
        reference = self.books.reference
        evidence = evidence_from_case(
            self.case,
            self.proposal.month_kind,
            self.proposal.ledger.minutes_counted,
            roles_by_npi=roles_of(tuple(reference.staff.values())),
            sites=reference.sites,
        )
        return EditSubject(
            claim=self.claim,
            payer=reference.payers.get(self.recorded.payer_id),
            policy=self.policy,
            history=tuple(line for line in self.case.history if line.claim_id != self.claim.claim_id),
            evidence=evidence,
            as_of_date=self.books.request.as_of_date,
        )

    def own_knowledge(self) -> OwnKnowledge:
        """What the practice's records say about a denial of this claim.

        An edit without a finding counts as passed: it passes, or there is nothing it applies to.
        """
        month = Month.from_index(self.recorded.month_index)
        facts = {
            DenialFact.COVERAGE_ENDED: not any(
                coverage.payer_id == self.recorded.payer_id for coverage in self.case.coverages
            ),
            DenialFact.COVERAGE_ELSEWHERE: len({coverage.payer_id for coverage in self.case.coverages}) > 1,
            DenialFact.OTHER_BEHAVIORAL_CARE_IN_MONTH: any(
                service.service_date in month for service in self.case.other_services
            ),
        }
        payer = self.case.payer
        attested = self.policy.value("enrollment.attestation")
        if attested.is_known and payer is not None:
            facts[DenialFact.ATTESTATION_ASKED] = attested.text is not None and payer.attested_from is None
        if self.check is None:
            return OwnKnowledge(facts)
        found = {finding.edit_id for finding in self.check.findings}
        return OwnKnowledge(
            facts,
            failed_edits=frozenset(
                finding.edit_id for finding in self.check.findings if not finding.is_no_data
            ),
            passed_edits=frozenset(edit.id for edit in catalogue()) - found,
        )


def month_cases(books: OpenBooks, claims: Iterable[RecordedClaim]) -> Mapping[str, MonthCase]:
    """The month of each claim by its id, in one pass over the practice's tables.

    A claim whose patient or payer the tables no longer hold, or hold unreadably, has none.
    """
    wanted: dict[str, list[RecordedClaim]] = defaultdict(list)
    for claim in claims:
        wanted[claim.patient_id].append(claim)
    found: dict[str, MonthCase] = {}
    for rows in books.patient_groups(wanted):
        found |= patient_cases(books, rows, wanted[rows.patient_id])
    return found


def patient_cases(
    books: OpenBooks, rows: PatientRows, claims: Iterable[RecordedClaim]
) -> Mapping[str, MonthCase]:
    """The months of a patient's claims by their ids, from the patient's rows."""
    found: dict[str, MonthCase] = {}
    for recorded in claims:
        month = Month.from_index(recorded.month_index)
        pack_id = _pack_of(books, recorded)
        cases = parse_patient(rows, books.reference, month).case_files
        if cases and pack_id is not None:
            policy = books.rulebook.pack(pack_id).on(month.last_day)
            sent = books.sent_claim(recorded)
            found[recorded.claim_id] = MonthCase(books, recorded, cases[0], policy, sent)
    return found


def _pack_of(books: OpenBooks, recorded: RecordedClaim) -> str | None:
    payer = books.reference.payers.get(recorded.payer_id)
    return None if payer is None else payer.pack_id
