"""The consultants' hours of a month: the ledger's entries that are theirs, and other work of sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cocm.basics.months import Month
from cocm.care.people import Role
from cocm.care.records import Activity
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Organization
from cocm.server.contacts.entries import standing_entries
from cocm.server.review.models import ReviewSession

HEADINGS: Final = (
    "Consultant", "NPI", "Day", "Patients", "Caseload review, minutes", "Other work on patients, minutes",
    "Work about no single patient, minutes", "What for", "Minutes in all",
)  # fmt: skip


@dataclass(slots=True)
class HoursLine:
    """One consultant's day. Seconds are added up and made minutes once."""

    consultant: str
    npi: str
    day: date
    patients: set[UUID] = field(default_factory=set)
    review_seconds: int = 0
    other_seconds: int = 0
    general_minutes: int = 0
    general_notes: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> int:
        return self.review_seconds + self.other_seconds + 60 * self.general_minutes

    @property
    def minutes(self) -> int:
        return self.seconds // 60

    @property
    def cells(self) -> tuple[object, ...]:
        """The line as a row of the file; it names no patient."""
        return (
            self.consultant,
            self.npi,
            self.day.isoformat(),
            len(self.patients),
            self.review_seconds // 60,
            self.other_seconds // 60,
            self.general_minutes,
            "; ".join(self.general_notes),
            self.minutes,
        )


def hours_of(*, actor: Actor, month: Month) -> list[HoursLine]:
    """The month's lines by consultant and day: one's own, or everybody's with the practice's figures."""
    zone = ZoneInfo(Organization.objects.values_list("time_zone", flat=True).get(pk=actor.organization_id))
    begin = datetime.combine(month.first_day, time(), zone)
    end = datetime.combine(month.last_day + timedelta(days=1), time(), zone)
    entries = standing_entries(actor=actor).filter(
        staff_member__role=Role.PSYCHIATRIC_CONSULTANT, started_at__gte=begin, started_at__lt=end
    )
    sessions = ReviewSession.objects.of(actor).filter(
        held_on__gte=month.first_day, held_on__lte=month.last_day, other_minutes__gt=0
    )
    if not actor.may(Permission.FIGURES_VIEW):
        entries = entries.filter(staff_member_id=actor.staff_member_id)
        sessions = sessions.filter(psychiatric_consultant_id=actor.staff_member_id)
    lines: dict[tuple[UUID, date], HoursLine] = {}

    def line(member: object, day: date) -> HoursLine:
        return lines.setdefault((member.pk, day), HoursLine(member.full_name, member.npi, day))  # type: ignore[attr-defined]  # a member of the staff

    for entry in entries.select_related("staff_member"):
        found = line(entry.staff_member, entry.started_at.astimezone(zone).date())
        found.patients.add(entry.patient_id)
        if entry.activity == Activity.CASELOAD_REVIEW:
            found.review_seconds += entry.service_seconds
        else:
            found.other_seconds += entry.service_seconds
    for session in sessions.select_related("psychiatric_consultant"):
        found = line(session.psychiatric_consultant, session.held_on)
        found.general_minutes += session.other_minutes
        found.general_notes.append(session.other_note)
    return sorted(lines.values(), key=lambda found: (found.consultant, found.day))


def totals(lines: Iterable[HoursLine]) -> dict[str, int]:
    """Each consultant's seconds of the month."""
    found: dict[str, int] = defaultdict(int)
    for line in lines:
        found[line.consultant] += line.seconds
    return dict(found)


def clock(seconds: int) -> str:
    """Hours and minutes: 3:05."""
    return f"{seconds // 3600}:{seconds % 3600 // 60:02d}"
