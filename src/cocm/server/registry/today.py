"""What the registry has for My day: flags of the patients who are one's own to care for, and next actions that are due.

Which flags are whose follows from the part a person has in the episode's team: the care manager (or who covers) reaches
out, the consultant reviews. Safety alerts and scores that are due are told by `measures`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from cocm.care.flags import CareFlag
from cocm.rules.care_flags import FlagKind, Threshold
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import ChartReach, Permission
from cocm.server.registry.caseload import IN_CARE, Caseload, CaseloadRow, Status, caseload_of
from cocm.server.registry.caseload_table import STATUS_WORDS, chart_address
from cocm.server.registry.models import WorkNote
from cocm.server.today.items import DayGroup, DayItem

SOON_DAYS: Final = 3
"""A contact stands in My day so many days before it is due."""
_OF_CARE_MANAGER: Final[Mapping[FlagKind, DayGroup]] = {
    FlagKind.OUTREACH_FAILING: DayGroup.CONTACTS,
    FlagKind.NO_CONTACT: DayGroup.CONTACTS,
    FlagKind.STEP_DOWN: DayGroup.PLANS,
    FlagKind.PLAN_NOT_REVISED: DayGroup.PLANS,
    FlagKind.MONTH_AT_RISK: DayGroup.MINUTES,
}
_OF_CONSULTANT: Final[Mapping[FlagKind, DayGroup]] = {
    FlagKind.CONSULT_MISSED: DayGroup.REVIEW,
    FlagKind.NOT_IMPROVED_NO_CONSULT: DayGroup.REVIEW,
    FlagKind.DISCUSS: DayGroup.REVIEW,
    FlagKind.REVIEW_DUE: DayGroup.REVIEW,
    FlagKind.NEW: DayGroup.REVIEW,
}
_WAITING: Final = (Status.REFERRED, Status.PENDING_CONSENT)


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Contacts and reviews that are due, referrals, minutes short of the next code, next actions."""
    me = actor.staff_member_id
    if me is None or not actor.may(Permission.CASELOAD_VIEW) or actor.chart_reach is not ChartReach.CARE_TEAM:
        return
    load = caseload_of(actor, today)
    for row in load.rows:
        yield from _of_row(row, _own_flags(row, me), load, today)
    yield from _actions(actor, load, today)


def _own_flags(row: CaseloadRow, me: UUID) -> Mapping[FlagKind, DayGroup]:
    """The flags that are the person's, by their part in the episode's team."""
    values = row.values
    parts = {part for part in ("bhcm", "consultant", "practitioner") if _is(values[f"{part}_pk"], me)}
    if "bhcm" in parts or not parts:  # whoever is on the team without a part covers for the care manager
        return _OF_CARE_MANAGER if "consultant" not in parts else {**_OF_CONSULTANT, **_OF_CARE_MANAGER}
    return _OF_CONSULTANT if "consultant" in parts else {}


def _is(key: str | None, me: UUID) -> bool:
    return key is not None and key.replace("-", "") == me.hex


def _of_row(
    row: CaseloadRow, own: Mapping[FlagKind, DayGroup], load: Caseload, today: date
) -> Iterator[DayItem]:
    by_group: dict[DayGroup, list[CareFlag]] = {}
    for flag in row.flags:
        if flag.kind in own:
            by_group.setdefault(own[flag.kind], []).append(flag)
    for group, flags in by_group.items():
        yield DayItem(
            group,
            row.listed_name,
            chart_address(row.values["patient_pk"]),
            reason="; ".join(flag.reason for flag in flags),
            due_on=_due(flags[0], row, load, today),
            order=-flags[0].urgency,
            patient_pk=row.values["patient_pk"],
        )
    if FlagKind.NO_CONTACT not in own:
        return
    if row.status in _WAITING:
        yield DayItem(
            DayGroup.REFERRALS,
            row.listed_name,
            chart_address(row.values["patient_pk"]),
            reason=f"{str(STATUS_WORDS[row.status]).lower()} since {row.status_since}",
            order=-(today - (row.status_since or today)).days,
            patient_pk=row.values["patient_pk"],
        )
    elif DayGroup.CONTACTS not in by_group and row.status in IN_CARE and row.values["end_date"] is None:
        due = _contact_due(row, load)
        if today <= due <= today + timedelta(days=SOON_DAYS):
            yield DayItem(
                DayGroup.CONTACTS,
                row.listed_name,
                chart_address(row.values["patient_pk"]),
                reason=f"last reached on {row.last_reached_on}" if row.last_reached_on else "not yet reached",
                due_on=due,
                patient_pk=row.values["patient_pk"],
            )


def _due(flag: CareFlag, row: CaseloadRow, load: Caseload, today: date) -> date | None:
    if flag.kind in (FlagKind.NO_CONTACT, FlagKind.OUTREACH_FAILING):
        return min(_contact_due(row, load), today)
    # the urgency of a review that is due is the days by which it is late
    return today - timedelta(days=flag.urgency) if flag.kind is FlagKind.REVIEW_DUE else None


def _contact_due(row: CaseloadRow, load: Caseload) -> date:
    """The last day on which a contact is not late, by the limits that the flags go by."""
    limits, start = load.watched.thresholds, row.values["start_date"]
    last = row.last_reached_on
    if last is None or last <= start:
        return start + timedelta(days=limits[Threshold.EARLY_FOLLOW_UP_DAYS])
    in_maintenance = row.status == Status.MAINTENANCE
    limit = Threshold.CONTACT_DAYS_MAINTENANCE if in_maintenance else Threshold.CONTACT_DAYS_ACTIVE
    return last + timedelta(days=limits[limit])


def _actions(actor: Actor, load: Caseload, today: date) -> Iterator[DayItem]:
    """Next actions that are due: one's own, and those of nobody for patients one manages."""
    names = {row.values["patient_pk"]: row.listed_name for row in load.rows}
    me = actor.staff_member_id
    managed = {
        row.values["patient_pk"] for row in load.rows if me is not None and _is(row.values["bhcm_pk"], me)
    }
    notes = WorkNote.objects.of(actor).filter(done_at__isnull=True, due_on__lte=today)
    for note in notes.order_by("due_on", "recorded_at").only("patient_id", "owner_id", "due_on", "text"):
        is_mine = note.owner_id == me or (note.owner_id is None and note.patient_id in managed)
        if is_mine and note.patient_id in names:
            yield DayItem(
                DayGroup.ACTIONS,
                names[note.patient_id],
                f"{chart_address(note.patient_id)}#actions",
                reason=note.text if len(note.text) <= 120 else f"{note.text[:117]}…",
                due_on=note.due_on,
                patient_pk=note.patient_id,
            )
