"""What stands beside each patient on an agenda, read at once for all of them; and one patient's prepared summary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import cached_property

from cocm.care.course import REACHING_ACTIVITIES, REACHING_MODALITIES
from cocm.care.recommendations import AdviceState
from cocm.care.records import Outcome
from cocm.care.score_trend import ScoreTrend
from cocm.care.scoring import years_on
from cocm.rules.care_flags import CareFlags
from cocm.server.access.actor import Actor
from cocm.server.careplans.models import CarePlanVersion
from cocm.server.careplans.selectors import plan_of, trends
from cocm.server.contacts.entries import standing_entries
from cocm.server.contacts.models import Contact
from cocm.server.contacts.words import ACTIVITY_WORDS
from cocm.server.registry.case_file import CaseFilePage
from cocm.server.registry.caseload import Caseload, CaseloadRow
from cocm.server.registry.models import CaseloadReview, Patient, TreatmentChange
from cocm.server.review.models import AgendaItem, Recommendation
from cocm.server.review.selectors import recommendations_about, recommendations_of

CONTACTS_SHOWN = 4
TREATMENTS_ON_AGENDA = 3


@dataclass(frozen=True, slots=True)
class AgendaLine:
    """One patient of an agenda. `row` is None for an episode that has ended since."""

    item: AgendaItem
    row: CaseloadRow | None
    trends: list[ScoreTrend]
    treatments: list[TreatmentChange]
    open_advice: list[Recommendation]
    weeks: int
    age: int


def agenda_lines(
    *, actor: Actor, items: Sequence[AgendaItem], today: date
) -> tuple[list[AgendaLine], CareFlags]:
    """The lines in the agenda's order, in a fixed number of queries."""
    load = Caseload.of_episodes(actor, today, [item.episode_id for item in items])
    rows = {_plain(row.values["key"]): row for row in load.rows}
    patients = [item.patient_id for item in items]
    treatments: dict[UUID, list[TreatmentChange]] = defaultdict(list)
    changes = TreatmentChange.objects.of(actor).filter(patient__in=patients, changed_on__lte=today)
    for change in changes.order_by("-changed_on", "-recorded_at"):
        treatments[change.patient_id].append(change)
    advice: dict[UUID, list[Recommendation]] = defaultdict(list)
    for recommendation in recommendations_of(actor=actor).filter(patient__in=patients):
        if recommendation.state in (AdviceState.WAITING, AdviceState.TO_DO):
            advice[recommendation.patient_id].append(recommendation)
    lines = []
    for item in items:
        row = rows.get(_plain(item.episode_id))
        lines.append(
            AgendaLine(
                item,
                row,
                trends(row.course, load.watched) if row is not None else [],
                treatments[item.patient_id][:TREATMENTS_ON_AGENDA],
                advice[item.patient_id],
                (today - item.episode.start_date).days // 7,
                years_on(item.patient.birth_date, today),
            )
        )
    return lines, load.watched


def _plain(key: object) -> str:
    return str(key).replace("-", "")


@dataclass
class PreparedSummary:
    """Everything that a review of one patient begins with, worked out from the chart."""

    actor: Actor
    patient: Patient
    today: date
    file: CaseFilePage = field(init=False)

    def __post_init__(self) -> None:
        self.file = CaseFilePage(self.actor, self.patient, self.today)

    @cached_property
    def trends(self) -> list[ScoreTrend]:
        row = self.file.row
        return trends(row.course, self.file.watched) if row is not None else []

    @property
    def weeks(self) -> int:
        episode = self.file.episode
        return (self.today - episode.start_date).days // 7 if episode is not None else 0

    @property
    def age(self) -> int:
        return years_on(self.patient.birth_date, self.today)

    @cached_property
    def treatments(self) -> list[TreatmentChange]:
        return [change for change in self.file.treatments if change.changed_on <= self.today]

    @cached_property
    def _entries(self) -> list[Contact]:
        rows = standing_entries(actor=self.actor).filter(
            patient=self.patient,
            outcome=Outcome.DONE,
            modality__in=REACHING_MODALITIES,
            activity__in=REACHING_ACTIVITIES,
        )
        return list(rows.select_related("staff_member").order_by("-started_at")[:CONTACTS_SHOWN])

    @cached_property
    def contacts(self) -> list[dict[str, Any]]:
        """The last contacts that reached the patient, with what was noted of them."""
        return [
            {
                "day": entry.started_at.astimezone(self.file.zone).date(),
                "what": ACTIVITY_WORDS[entry.activity],
                "who": entry.staff_member.full_name,
                "note": entry.note_text,
            }
            for entry in self._entries
        ]

    @property
    def attempts(self) -> int:
        """Attempts since the last contact that reached the patient."""
        return len(self.file.row.course.attempts_on) if self.file.row is not None else 0

    @cached_property
    def last_review(self) -> CaseloadReview | None:
        return next(iter(self.file.reviews), None)

    @cached_property
    def last_note(self) -> Any:
        return getattr(self.last_review, "note", None) if self.last_review is not None else None

    @cached_property
    def recommendations(self) -> list[Recommendation]:
        return recommendations_about(actor=self.actor, patient=self.patient)

    @cached_property
    def plan(self) -> CarePlanVersion | None:
        episode = self.file.episode
        return plan_of(actor=self.actor, episode=episode) if episode is not None else None
