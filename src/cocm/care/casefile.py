"""The case file: everything known of one patient-month, the unit that is closed and billed."""

from __future__ import annotations

from dataclasses import dataclass

from cocm.basics.months import Month
from cocm.basics.records import quickly_made
from cocm.care.people import Coverage, Patient, Payer, Practice, Site, StaffMember
from cocm.care.records import (
    CaseloadReview,
    Contact,
    Decision,
    Episode,
    HistoryLine,
    MeasureScore,
    OtherService,
)


@quickly_made
@dataclass(frozen=True, slots=True)
class CaseFile:
    """One patient-month with its evidence.

    `contacts`, `history`, `measures` and `other_services` hold all that the practice gave, also from other months:
    whether this month is a first month depends on the earlier ones. `staff` and `sites` are the practice's, by id.
    `coverages` are those in force in the month, the primary first; `payer` is the primary's product (None: no
    coverage in the month). `caseload_review_held`: the care manager and the consultant met in the month at all.
    `decisions` are those that people made about this month. `psychiatric_consultant` is the episode's, where the
    staff table has them. `has_coverage_tie`: of the coverages ranked first, two are in force at the same time, so
    that the practice did not say which one pays first.
    """

    practice: Practice
    month: Month
    patient: Patient
    episode: Episode
    coverages: tuple[Coverage, ...]
    payer: Payer | None
    site: Site | None
    billing_practitioner: StaffMember | None
    bhcm: StaffMember | None
    referring_practitioner: StaffMember | None
    contacts: tuple[Contact, ...]
    measures: tuple[MeasureScore, ...]
    reviews: tuple[CaseloadReview, ...]
    caseload_review_held: bool
    other_services: tuple[OtherService, ...]
    history: tuple[HistoryLine, ...]
    decisions: tuple[Decision, ...] = ()
    psychiatric_consultant: StaffMember | None = None
    has_coverage_tie: bool = False
