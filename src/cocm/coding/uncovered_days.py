"""A month whose contacts all lie on days that the payer's policy does not cover: what it would earn, and the gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cocm.care.casefile import CaseFile
from cocm.care.exclusions import ExclusionReason
from cocm.coding.concerns import ALL_DAYS_OF_ANOTHER, ALL_DAYS_UNCOVERED, missing
from cocm.coding.proposal import propose
from cocm.coding.records import Proposal
from cocm.rules import PackOn


def as_if_covered(
    proposal: Proposal, case: CaseFile, policy: PackOn, *, as_of_date: date | None = None
) -> Proposal:
    """The proposal as it would be if the policy were in force all month, with the coverage as what is missing.

    As it was given where any minute counts, where no time was left out for the policy's days, or where the time
    would earn nothing anyhow.
    """
    if proposal.lines or proposal.has_no_data or proposal.ledger.counted_seconds or not case.coverages:
        return proposal
    days = [
        entry.service_date
        for entry in proposal.ledger.entries
        for exclusion in entry.exclusions
        if exclusion.reason is ExclusionReason.NOT_COVERED
    ]
    if not days:
        return proposal
    primary, *others = case.coverages
    whole = replace(primary, coverage_from=min(primary.coverage_from, case.month.first_day), coverage_to=None)
    covered = propose(replace(case, coverages=(whole, *others)), policy, as_of_date=as_of_date)
    if not covered.lines and not covered.has_no_data:
        return proposal
    is_of_another = all(any(coverage.covers(day) for coverage in others) for day in days)
    gap = missing(policy, ALL_DAYS_OF_ANOTHER if is_of_another else ALL_DAYS_UNCOVERED)
    return replace(covered, missing=(*covered.missing, gap))
