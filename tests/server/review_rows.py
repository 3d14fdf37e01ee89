"""Reviews, recommendations and plans of Ariana's, for tests that need them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from cocm.server.access.permissions import MemberRole

RECOMMENDED = {
    "kind": "medication",
    "change": "increase",
    "subject": "sertraline",
    "dose": "100 mg",
    "text": "Slowly.",
}


def episode_of_ariana(world: Any) -> Any:
    """Her open episode."""
    from cocm.server.registry.models import Episode

    return (
        Episode.objects.of(world.practice)
        .select_related("patient", "bhcm", "psychiatric_consultant")
        .get(patient=world.ariana, end_date__isnull=True)
    )


def session_of_ariana(world: Any, *, days_ago: int = 0) -> Any:
    """A session of her care manager and her consultant with her alone on the agenda."""
    from cocm.server.review import services

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        episode = episode_of_ariana(world)
        return services.session_prepare(
            actor=actor,
            bhcm=episode.bhcm,
            psychiatric_consultant=episode.psychiatric_consultant,
            started_at=timezone.now() - timedelta(days=days_ago, hours=1),
            picked=[services.Picked(episode, (), "Is it time to change?")],
        )


def discussed_ariana(
    world: Any, *, days_ago: int = 0, minutes: int = 0, recommendations: Any = (RECOMMENDED,)
) -> Any:
    """She was discussed; the note."""
    from cocm.server.review import services

    session = session_of_ariana(world, days_ago=days_ago)
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        return services.discussed(
            actor=actor,
            patient=world.ariana,
            item=session.items.get(),
            summary="Little change; sleeps badly.",
            bhcm_minutes=minutes,
            consultant_minutes=minutes,
            recommendations=recommendations,
            confirmed=("overnight", "overlap_person", "overlap_patient", "day_total", "long", "future"),
        )


def recommendation_of_ariana(world: Any, *, is_accepted: bool = False, days_ago: int = 0) -> Any:
    """A recommendation about her, answered where it is to be carried out."""
    from cocm.server.review import services

    discussed_ariana(world, days_ago=days_ago)
    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        from cocm.server.review.models import Recommendation

        made = Recommendation.objects.of(actor).filter(patient=world.ariana).latest("recorded_at")
        if is_accepted:
            services.recommendation_answer(
                actor=actor,
                patient=world.ariana,
                recommendation=made,
                answer="accepted",
                answered_by=episode_of_ariana(world).billing_practitioner,
                answered_on=made.given_on,
            )
        return Recommendation.objects.of(actor).get(pk=made.pk)


PROBLEM = {
    "problem": "Depression",
    "goal": "Back to work",
    "interventions": "A walk a day",
    "instrument": "phq-9",
    "target_at_most": 4,
    "target_by": None,
    "state": "open",
}


def plan_of_ariana(world: Any, *, written_on: date | None = None, based_on: int = 0, **problem: Any) -> Any:
    """A version of her care plan."""
    from cocm.server.careplans.services import plan_write

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        episode = episode_of_ariana(world)
        return plan_write(
            actor=actor,
            patient=world.ariana,
            episode=episode,
            based_on=based_on,
            owner=episode.bhcm,
            written_on=written_on or timezone.localdate(),
            reason="First plan",
            problems=[PROBLEM | problem],
        )


def relapse_plan_of_ariana(world: Any, language: str = "en") -> Any:
    """Her relapse prevention plan."""
    from cocm.server.careplans.services import relapse_plan_write

    actor = world.actor(MemberRole.BHCM)
    with world.inside(actor):
        return relapse_plan_write(
            actor=actor,
            patient=world.ariana,
            episode=episode_of_ariana(world),
            written_on=timezone.localdate(),
            language=language,
            warning_signs="Waking early",
            coping="A walk",
            if_signs_return="Call",
            contacts="555-0100",
        )
