"""The evidence that a practice's own case file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from cocm.basics.records import maker
from cocm.care.casefile import CaseFile
from cocm.care.people import Coverage, Role, Site, StaffMember
from cocm.care.records import Programme
from cocm.coding.records import MonthKind
from cocm.edits.subject import Evidence

_NO_CODES: Final[frozenset[str]] = frozenset()


def evidence_from_case(
    case: CaseFile,
    month_kind: MonthKind,
    minutes_counted: int | None,
    *,
    roles_by_npi: Mapping[str, Role] | None = None,
    sites: Mapping[str, Site] | None = None,
) -> Evidence:
    """What the case file tells, and of the practice's other people and sites what is given.

    `roles_by_npi` (see `roles_of`) and `sites` by id are the same for every case of a practice: make them
    once. Without them only the case's own practitioner, care manager and site are known.
    """
    if roles_by_npi is None:
        roles_by_npi = roles_of(
            [member for member in (case.billing_practitioner, case.bhcm) if member is not None]
        )
    if sites is None:
        sites = {} if case.site is None else {case.site.site_id: case.site}
    coverage = _policy_billed(case.coverages)
    return _evidence(
        month_kind=month_kind,
        minutes_counted=minutes_counted,
        episode_start_date=case.episode.start_date,
        consent=case.episode.consent,
        initiating_visit=case.episode.initiating_visit,
        group_npi=case.practice.billing_npi,
        roles_by_npi=roles_by_npi,
        credentialed_places=_places(case.billing_practitioner, sites),
        first_service_date=case.episode.first_service_date or case.episode.start_date,
        coverage_from_date=None if coverage is None else coverage.coverage_from,
        coverage_to_date=None if coverage is None else coverage.coverage_to,
        is_authorized=_is_authorized(coverage, case),
        minutes_set_apart=_minutes_set_apart(case) if case.history else None,
        recorded_codes=_recorded_codes(case) if case.other_services else _NO_CODES,
    )


def _policy_billed(coverages: Sequence[Coverage]) -> Coverage | None:
    """The coverage that pays first, from its first day to its last over all rows of the same policy."""
    if not coverages:
        return None
    primary = coverages[0]
    if len(coverages) == 1:
        return primary
    rows = [coverage for coverage in coverages if coverage.is_same_policy(primary)]
    ends = [coverage.coverage_to for coverage in rows]
    return replace(
        primary,
        coverage_from=min(coverage.coverage_from for coverage in rows),
        coverage_to=None if None in ends else max(end for end in ends if end is not None),
    )


def _is_authorized(coverage: Coverage | None, case: CaseFile) -> bool:
    """Whether the policy has an authorization on record that reaches to the month's end."""
    return coverage is not None and coverage.is_authorized_until(case.month.last_day)


def _minutes_set_apart(case: CaseFile) -> int | None:
    """Whole minutes of the month's contacts that were reported with another code or belong to another programme.

    Read only where the practice billed anything else in the month: otherwise nobody asks.
    """
    month = case.month
    if not any(line.service_date in month for line in case.history):
        return None
    seconds = sum(
        contact.billed_elsewhere_seconds if contact.programme is Programme.COCM else contact.service_seconds
        for contact in case.contacts
        if contact.service_date in month
    )
    return seconds // 60


def _recorded_codes(case: CaseFile) -> frozenset[str]:
    """The codes of the month's other services that the practice or its practitioner rendered."""
    practitioner = case.billing_practitioner
    own = {"", case.practice.billing_npi, practitioner.npi if practitioner is not None else ""}
    return frozenset(
        service.hcpcs_code
        for service in case.other_services
        if service.service_date in case.month and service.rendering_npi in own
    )


_evidence = maker(Evidence)


def roles_of(staff: Sequence[StaffMember]) -> dict[str, Role]:
    """The role of each person of the practice who has an NPI."""
    return {member.npi: member.role for member in staff if member.npi}


def _places(practitioner: StaffMember | None, sites: Mapping[str, Site]) -> frozenset[str] | None:
    if practitioner is None or not sites:
        return None
    return frozenset(
        [sites[site_id].place_of_service_code for site_id in practitioner.site_ids if site_id in sites]
    )
