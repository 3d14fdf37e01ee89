"""What a demonstration's caseload review, care plans and relapse prevention plans look like: a past one of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from cocm.care.recommendations import AdviceAnswer
from cocm.server.access.actor import Actor
from cocm.server.careplans.services import plan_write, relapse_plan_write
from cocm.server.contacts.entries import NeedsConfirmation
from cocm.server.contacts.services import MonthFrozen
from cocm.server.registry.caseload import IN_CARE, CaseloadRow
from cocm.server.registry.models import Episode, Patient
from cocm.server.review import services
from cocm.server.review.models import AgendaItem, Recommendation
from cocm.server.review.selectors import recommendations_about, review_list

DISCUSSED_MAX: Final = 6
DAYS_AGO: Final = 6
AT: Final = time(13, 0)

_SERTRALINE: Final = {
    "kind": "medication", "change": "increase", "subject": "sertraline", "dose": "100 mg daily",
    "text": "No side effects at 50 mg. PHQ-9 again in four weeks.",
}  # fmt: skip
_ACTIVATION: Final = {
    "kind": "therapy",
    "subject": "behavioral activation",
    "text": "Two planned activities a week; review them at each call.",
}
_BUSPIRONE: Final = {
    "kind": "medication", "change": "start", "subject": "buspirone", "dose": "5 mg twice a day", "text": "",
}  # fmt: skip
_EVALUATION: Final = {
    "kind": "referral",
    "text": "Direct evaluation by the consultant; question of bipolar disorder.",
}
_BEGIN: Final = {**_SERTRALINE, "change": "start", "dose": "25 mg, then 50 mg after a week", "text": ""}
_TALK: Final = (
    ("Little change since the last increase.", (_SERTRALINE,), "accepted-done"),
    ("Sleep is the main complaint; alcohol was asked about.", (_ACTIVATION,), "modified"),
    ("Anxiety before appointments; declines calls.", (_BUSPIRONE,), "declined"),
    ("Second antidepressant without response.", (_EVALUATION,), "accepted"),
    ("New in care; history of panic.", (_BEGIN,), ""),
    ("Stable; goes on as it is.", (), ""),
)
"""What was said of each, what was recommended, and what the practitioner answered."""


@transaction.atomic
def add_care(*, actor: Actor, today: date, time_zone: str) -> None:
    """A session a few days ago with recommendations in each state, care plans, and a relapse prevention plan."""
    with timezone.override(time_zone):
        _add_care(actor, today)


def _add_care(actor: Actor, today: date) -> None:
    held_on = today - timedelta(days=DAYS_AGO)
    team = _team(actor)
    if team is None:
        return
    found = review_list(
        actor=actor, today=held_on, bhcm=str(team.bhcm_id), consultant=str(team.psychiatric_consultant_id)
    )
    rows = [place.key for place in found.places if place.key.values["start_date"] < held_on]
    own = _keys(team.billing_practitioner_id)
    rows.sort(key=lambda row: row.values["practitioner_pk"] not in own)  # whom the sign-ins may all open
    if rows:
        _session(
            actor, team, held_on, rows[:DISCUSSED_MAX], {id(place.key): place.flags for place in found.places}
        )
    _plans(actor, [row for row in found.load.rows if row.values["bhcm_pk"] in _keys(team.bhcm_id)], today)


def _keys(key: UUID | None) -> tuple[str, ...]:
    """A key as either database tells it."""
    return () if key is None else (str(key), key.hex)


def _team(actor: Actor) -> Episode | None:
    """The team of the first patient, which is the clinical sign-ins'."""
    return (
        Episode.objects.of(actor)
        .filter(bhcm__isnull=False, psychiatric_consultant__isnull=False, end_date__isnull=True)
        .select_related("bhcm", "psychiatric_consultant", "billing_practitioner", "patient")
        .order_by("patient__patient_id")
        .first()
    )


def _session(
    actor: Actor, team: Episode, held_on: date, rows: Sequence[CaseloadRow], flags: dict[int, Any]
) -> None:
    episodes = Episode.objects.of(actor).in_bulk([row.values["key"] for row in rows])
    by_key = {episode.pk.hex: episode for episode in episodes.values()}
    picked = [
        services.Picked(
            by_key[str(row.values["key"]).replace("-", "")],
            flags[id(row)],
            "Is a change of medication due?" if not place else "",
        )
        for place, row in enumerate(rows)
    ]
    session = services.session_prepare(
        actor=actor,
        bhcm=team.bhcm,
        psychiatric_consultant=team.psychiatric_consultant,
        started_at=datetime.combine(held_on, AT, timezone.get_current_timezone()),
        picked=picked,
    )
    items = AgendaItem.objects.of(actor).filter(session=session).select_related("patient", "episode")
    for item, (summary, advice, answer) in zip(items.order_by("place"), _TALK, strict=False):
        _discuss(actor, item, summary, advice)
        for recommendation in recommendations_about(actor=actor, patient=item.patient):
            _answer(actor, item.patient, recommendation, answer, held_on)
    services.session_close(
        actor=actor, session=session, other_minutes=10, other_note="Teaching on tapering benzodiazepines"
    )


def _discuss(actor: Actor, item: AgendaItem, summary: str, advice: Sequence[dict[str, Any]]) -> None:
    said: dict[str, Any] = {
        "actor": actor,
        "patient": item.patient,
        "item": item,
        "summary": summary,
        "recommendations": advice,
    }
    try:
        services.discussed(**said, bhcm_minutes=4, consultant_minutes=4)
    except (NeedsConfirmation, MonthFrozen):
        services.discussed(**said)  # the ledger holds that time already


def _answer(
    actor: Actor, patient: Patient, recommendation: Recommendation, answer: str, held_on: date
) -> None:
    practitioner = recommendation.episode.billing_practitioner
    if not answer or practitioner is None:
        return
    kind = AdviceAnswer(answer.split("-")[0])
    services.recommendation_answer(
        actor=actor,
        patient=patient,
        recommendation=recommendation,
        answer=kind,
        answered_by=practitioner,
        answered_on=held_on + timedelta(days=1),
        instead="One activity a week, chosen by the patient" if kind is AdviceAnswer.MODIFIED else "",
        reason="The patient does not want another medicine" if kind is AdviceAnswer.DECLINED else "",
    )
    if answer.endswith("done"):
        services.follow_through_add(
            actor=actor,
            patient=patient,
            recommendation=Recommendation.objects.of(actor).get(pk=recommendation.pk),
            is_carried_out=True,
            carried_out_on=held_on + timedelta(days=2),
            carried_out_by=practitioner,
            in_the_trend=True,
        )


def _plans(actor: Actor, rows: Sequence[CaseloadRow], today: date) -> None:
    """Two care plans, one of them revised, and a relapse prevention plan for a patient who is better."""
    slow = [row for row in rows if any(flag.kind.value.startswith("not_improved") for flag in row.flags)]
    better = [row for row in rows if row not in slow and row.status in IN_CARE and _is_better(row)]
    for number, row in enumerate(slow[:2]):
        episode = Episode.objects.of(actor).select_related("patient", "bhcm").get(pk=row.values["key"])
        if episode.bhcm is None:
            continue
        first_day = episode.start_date + timedelta(days=7)
        _plan(actor, episode, 0, first_day, "First plan", "sertraline 50 mg daily")
        if not number and first_day < today - timedelta(days=3):
            _plan(
                actor,
                episode,
                1,
                today - timedelta(days=3),
                "No response after eight weeks",
                "sertraline 100 mg daily",
            )
    for row in better[:1]:
        episode = Episode.objects.of(actor).select_related("patient").get(pk=row.values["key"])
        relapse_plan_write(
            actor=actor,
            patient=episode.patient,
            episode=episode,
            written_on=today - timedelta(days=2),
            language="es" if episode.patient.language.startswith("es") else "en",
            medicines="Sertraline 100 mg each morning, until next spring at least",
            other_treatments="Walking group on Tuesdays",
            warning_signs="Waking before five\nNot answering friends\nSkipping meals",
            coping="A walk before dark\nCalling my sister\nOne thing at a time",
            if_signs_return="Go back to my activity list\nCall my care manager within the week",
            contacts="Care manager 555-0100, weekdays 8 to 5",
            next_measure_on=today + timedelta(days=28),
        )


def _is_better(row: CaseloadRow) -> bool:
    """A latest score far below the first one."""
    scores = row.scores("phq-9")
    return len(scores) > 2 and 2 * scores[-1].score <= scores[0].score


def _plan(
    actor: Actor, episode: Episode, based_on: int, written_on: date, reason: str, medicine: str
) -> None:
    problems = [
        {
            "number": 1,
            "problem": "Depression",
            "goal": "Back to work four days a week",
            "interventions": f"{medicine}\nBehavioral activation, two activities a week\nCall every two weeks",
            "instrument": "phq-9",
            "target_at_most": 4,
            "target_by": episode.start_date + timedelta(weeks=16),
            "state": "open",
        },
        {
            "number": 2,
            "problem": "Sleep",
            "goal": "Six hours a night",
            "interventions": "Sleep diary, same time to get up",
            "state": "met" if based_on else "open",
        },
    ]
    plan_write(
        actor=actor,
        patient=episode.patient,
        episode=episode,
        based_on=based_on,
        owner=episode.bhcm,
        written_on=written_on,
        reason=reason,
        patient_goal="To play with my grandchildren again",
        guideline="Treat to target: change at eight weeks without response",
        review_on=written_on + timedelta(days=28),
        problems=problems,
    )
