"""Reading reviews: who is to be discussed, sessions, recommendations and where they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Prefetch, Q

from cocm.care.recommendations import Advice, AdviceAnswer, AdviceState, waiting_since
from cocm.care.review_order import ReviewPlace, patients_a_session, review_order
from cocm.server.access.actor import Actor
from cocm.server.records import OrganizationRows
from cocm.server.registry.caseload import IN_CARE, Caseload, CaseloadRow
from cocm.server.registry.models import Episode, Patient
from cocm.server.registry.selectors import open_patients
from cocm.server.review.models import (
    AgendaItem,
    FollowThrough,
    Recommendation,
    RecommendationAnswer,
    ReviewSession,
)


@dataclass(frozen=True, slots=True)
class ReviewList:
    """The caseload as a review sees it: those to be discussed in their order, and those without a reason."""

    load: Caseload
    places: tuple[ReviewPlace[CaseloadRow], ...]
    others: tuple[CaseloadRow, ...]

    @property
    def time_for(self) -> int:
        """How many patients a session has time for."""
        return patients_a_session(self.load.watched)


def review_list(*, actor: Actor, today: date, bhcm: str = "", consultant: str = "") -> ReviewList:
    """The open episodes of a care manager and a consultant (keys; empty: anybody) as a review takes them."""
    load = Caseload(actor, today, with_billing=False)
    rows = [
        row
        for row in load.rows
        if row.status in IN_CARE
        and (not bhcm or _key(row.values["bhcm_pk"]) == _key(bhcm))
        and (not consultant or _key(row.values["consultant_pk"]) == _key(consultant))
    ]
    places = review_order((row, row.flags) for row in rows)
    chosen = {id(place.key) for place in places}
    return ReviewList(load, places, tuple(row for row in rows if id(row) not in chosen))


def _key(value: object) -> str:
    return str(value or "").replace("-", "")


def pairs_of(*, actor: Actor) -> list[tuple[UUID, str, UUID, str, int]]:
    """Care manager and consultant with their names, and how many open episodes they share; the most first."""
    episodes = (
        Episode.objects.of(actor)
        .filter(end_date__isnull=True, bhcm__isnull=False, psychiatric_consultant__isnull=False)
        .select_related("bhcm", "psychiatric_consultant")
    )
    mine = actor.staff_member_id
    if mine is not None:
        episodes = episodes.filter(patient__in=open_patients(actor=actor))
    counts: dict[tuple[UUID, str, UUID, str], int] = defaultdict(int)
    for episode in episodes:
        manager, consultant = episode.bhcm, episode.psychiatric_consultant
        counts[(manager.pk, manager.full_name, consultant.pk, consultant.full_name)] += 1
    rows = [(*pair, total) for pair, total in counts.items()]
    return sorted(rows, key=lambda row: (mine not in (row[0], row[2]), -row[4], row[1]))


def sessions_of(*, actor: Actor) -> OrganizationRows:
    """The sessions that a person takes part in, the latest first; the system's are all."""
    sessions = (
        ReviewSession.objects.of(actor)
        .select_related("bhcm", "psychiatric_consultant")
        .order_by("-held_on", "-started_at")
    )
    if actor.role is None:
        return sessions
    mine = actor.staff_member_id
    if mine is None:
        return sessions.none()
    return sessions.filter(Q(bhcm_id=mine) | Q(psychiatric_consultant_id=mine))


def agenda_of(*, actor: Actor, session: ReviewSession) -> list[AgendaItem]:
    """The patients of a session in their order, those only whose charts are open to the person."""
    items = AgendaItem.objects.of(actor).filter(session=session).order_by("place")
    if actor.role is not None:
        items = items.filter(patient__in=open_patients(actor=actor))
    return list(items.select_related("patient", "episode", "review", "review__note"))


# Recommendations ------------------------------------------------------------------------------------------------


def recommendations_of(*, actor: Actor) -> OrganizationRows:
    """Every recommendation with its answers and outcomes, the latest first."""
    answers = RecommendationAnswer.objects.of(actor).select_related("answered_by")
    outcomes = FollowThrough.objects.of(actor).select_related("carried_out_by")
    return (
        Recommendation.objects.of(actor)
        .select_related("patient", "given_by", "episode", "episode__billing_practitioner", "episode__bhcm")
        .prefetch_related(Prefetch("answers", answers), Prefetch("outcomes", outcomes))
        .order_by("-given_on", "-recorded_at")
    )


def recommendations_open_to(*, actor: Actor) -> OrganizationRows:
    """Those about patients whose charts are the person's to open."""
    return recommendations_of(actor=actor).filter(patient__in=open_patients(actor=actor))


def recommendations_about(
    *, actor: Actor, patient: Patient, episode: Episode | None = None
) -> list[Recommendation]:
    """A patient's, the latest first; of one episode where it is given."""
    found = recommendations_of(actor=actor).filter(patient=patient)
    return list(found if episode is None else found.filter(episode=episode))


def in_state(rows: Iterable[Recommendation], *states: AdviceState) -> list[Recommendation]:
    """Those that stand so."""
    return [row for row in rows if row.state in states]


def unanswered_since(*, actor: Actor, episodes: OrganizationRows) -> dict[str, date]:
    """By episode (its key as plain text): since when the oldest recommendation waits for an answer."""
    rows = Recommendation.objects.of(actor).filter(episode__in=episodes, answers__isnull=True)
    found: dict[str, list[Advice]] = defaultdict(list)
    for episode_id, given_on in rows.values_list("episode_id", "given_on"):
        found[plain(episode_id)].append(Advice(given_on))
    return {key: since for key, advice in found.items() if (since := waiting_since(advice)) is not None}


def plain(key: UUID) -> str:
    """A key as `caseload_reading.plain_key` gives it: as this database writes it."""
    from django.db import connection

    return str(key) if connection.features.has_native_uuid_field else key.hex


def advice_by_episode(*, actor: Actor, episodes: Collection[UUID] | None = None) -> dict[UUID, list[Advice]]:
    """Each episode's recommendations as the core reads them, in three queries."""
    answers: dict[UUID, tuple[str, date]] = {}
    for row in RecommendationAnswer.objects.of(actor).order_by("recorded_at"):
        answers[row.recommendation_id] = (row.answer, row.answered_on)
    outcomes: dict[UUID, tuple[bool, date]] = {}
    for row in FollowThrough.objects.of(actor).order_by("recorded_at"):
        outcomes[row.recommendation_id] = (row.is_carried_out, row.carried_out_on)
    rows = Recommendation.objects.of(actor)
    if episodes is not None:
        rows = rows.filter(episode__in=episodes)
    found: dict[UUID, list[Advice]] = defaultdict(list)
    for pk, episode, given_on in rows.order_by("given_on").values_list("pk", "episode_id", "given_on"):
        answer, answered_on = answers.get(pk, ("", None))
        done, done_on = outcomes.get(pk, (None, None))
        found[episode].append(
            Advice(given_on, AdviceAnswer(answer) if answer else None, answered_on, done, done_on)
        )
    return found
