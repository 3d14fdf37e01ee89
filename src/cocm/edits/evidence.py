"""The evidence that a practice's own case file holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cocm.care.casefile import CaseFile
from cocm.care.people import Role, Site, StaffMember
from cocm.coding.records import MonthKind
from cocm.edits.subject import Evidence


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
    return Evidence(
        month_kind=month_kind,
        minutes_counted=minutes_counted,
        episode_start_date=case.episode.start_date,
        consent=case.episode.consent,
        initiating_visit=case.episode.initiating_visit,
        group_npi=case.practice.billing_npi,
        roles_by_npi=roles_by_npi,
        credentialed_places=_places(case.billing_practitioner, sites),
    )


def roles_of(staff: Sequence[StaffMember]) -> dict[str, Role]:
    """The role of each person of the practice who has an NPI."""
    return {member.npi: member.role for member in staff if member.npi}


def _places(practitioner: StaffMember | None, sites: Mapping[str, Site]) -> frozenset[str] | None:
    if practitioner is None or not sites:
        return None
    return frozenset(
        [sites[site_id].place_of_service_code for site_id in practitioner.site_ids if site_id in sites]
    )
