"""Reading care plans and relapse prevention plans."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Max

from cocm.care.course import CareCourse, ScoreOn
from cocm.care.score_trend import ScoreTrend, score_trend
from cocm.rules.care_flags import CareFlags
from cocm.server.access.actor import Actor
from cocm.server.careplans.models import CarePlanVersion, Graduation, RelapsePlan
from cocm.server.records import OrganizationRows
from cocm.server.registry.caseload_reading import plain_key
from cocm.server.registry.models import Episode, Patient


def versions_of(*, actor: Actor, episode: Episode) -> list[CarePlanVersion]:
    """The versions of an episode's care plan, the last first."""
    plans = CarePlanVersion.objects.of(actor).filter(episode=episode)
    return list(plans.select_related("owner", "recorded_by").prefetch_related("problems").order_by("-number"))


def plan_of(*, actor: Actor, episode: Episode) -> CarePlanVersion | None:
    """The version that holds."""
    return next(iter(versions_of(actor=actor, episode=episode)), None)


def revised_on(*, actor: Actor, episodes: OrganizationRows) -> dict[str, date]:
    """By episode (its key as plain text): the day of the care plan's last version."""
    rows = CarePlanVersion.objects.of(actor).filter(episode__in=episodes).order_by()
    latest = rows.values("episode_id").annotate(latest=Max("written_on"))
    return dict(latest.values_list(plain_key("episode_id"), "latest"))


def revisions_by_episode(*, actor: Actor) -> dict[UUID, list[date]]:
    """The days of every version, by episode."""
    found: dict[UUID, list[date]] = {}
    rows = CarePlanVersion.objects.of(actor).order_by("written_on")
    for episode, day in rows.values_list("episode_id", "written_on"):
        found.setdefault(episode, []).append(day)
    return found


def plans_due(*, actor: Actor, episodes: OrganizationRows, until: date) -> list[CarePlanVersion]:
    """Of some open episodes, the plans whose day to be looked at again has come, the longest due first."""
    latest = dict(
        CarePlanVersion.objects.of(actor)
        .filter(episode__in=episodes)
        .order_by()
        .values("episode_id")
        .annotate(last=Max("number"))
        .values_list("episode_id", "last")
    )
    rows = (
        CarePlanVersion.objects.of(actor)
        .filter(episode__in=latest, review_on__lte=until)
        .select_related("patient", "owner")
        .order_by("review_on")
    )
    return [row for row in rows if latest[row.episode_id] == row.number]


def relapse_plans_of(*, actor: Actor, patient: Patient) -> list[RelapsePlan]:
    """A patient's relapse prevention plans of all episodes, the last first."""
    plans = RelapsePlan.objects.of(actor).filter(patient=patient)
    return list(
        plans.select_related("written_by", "episode").order_by("-written_on", "-number", "-recorded_at")
    )


def graduation_of(*, actor: Actor, episode: Episode) -> Graduation | None:
    """How the episode was graduated, if it was."""
    return Graduation.objects.of(actor).filter(episode=episode).select_related("relapse_plan").first()


def trends(course: CareCourse, watched: CareFlags) -> list[ScoreTrend]:
    """The trend of each followed scale that has a score."""
    found = (score_trend(scale, course.scores.get(name, ())) for name, scale in watched.scales.items())
    return [trend for trend in found if trend is not None]


def latest_score(trends_found: Sequence[ScoreTrend], instrument: str) -> ScoreOn | None:
    """The latest score of a scale."""
    return next((trend.latest for trend in trends_found if trend.scale.instrument == instrument), None)
