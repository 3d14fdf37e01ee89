"""Writing care plans, relapse prevention plans and graduations: each a new row, with its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from cocm.care.care_plan import plan_changes
from cocm.care.score_trend import ScoreTrend
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember
from cocm.server.careplans.models import CarePlanVersion, Graduation, PlanProblemRow, RelapsePlan
from cocm.server.careplans.selectors import plan_of, relapse_plans_of
from cocm.server.registry.models import Episode, EpisodeStatus, Patient
from cocm.server.registry.services.changes import add
from cocm.server.registry.services.episodes import relapse_plan_set, status_change

PROBLEMS_MAX = 12


@transaction.atomic
def plan_write(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    based_on: int,
    owner: StaffMember,
    written_on: date,
    reason: str,
    patient_goal: str = "",
    guideline: str = "",
    review_on: date | None = None,
    problems: Sequence[dict[str, Any]],
) -> CarePlanVersion:
    """Write the next version of an episode's care plan. `based_on`: the version that its author saw (0: none).

    A problem keeps the number that it brings; a new one gets a number of its own. Raises `ValidationError` where
    somebody wrote a version in between, or where nothing differs and the plan was not looked at for another day.
    """
    actor.require(Permission.CHART_EDIT)
    Episode.objects.of(actor).select_for_update().get(
        pk=episode.pk
    )  # versions are written one after the other
    before = plan_of(actor=actor, episode=episode)
    if based_on != (before.number if before is not None else 0):
        raise ValidationError(
            "somebody has written a version in the meantime; compare with it, then write yours again"
        )
    _check_days(episode, before, written_on, review_on)
    if not problems or len(problems) > PROBLEMS_MAX:
        raise ValidationError(f"a care plan has 1 to {PROBLEMS_MAX} problems")
    plan: CarePlanVersion = add(
        actor,
        CarePlanVersion(
            patient=patient,
            episode=episode,
            number=based_on + 1,
            written_on=written_on,
            reason=reason,
            patient_goal=patient_goal,
            guideline=guideline,
            owner=owner,
            review_on=review_on,
            recorded_by_id=actor.user_id,
        ),
        patient,
        version=based_on + 1,
    )
    _write_problems(actor, patient, episode, plan, problems)
    if before is not None and before.written_on == written_on and not changes_of(before, plan):
        raise ValidationError("nothing differs from the version before")
    return plan


def _check_days(
    episode: Episode, before: CarePlanVersion | None, written_on: date, review_on: date | None
) -> None:
    if episode.end_date is not None:
        raise ValidationError("the episode has ended; a new episode has a plan of its own")
    if written_on < episode.start_date:
        raise ValidationError({"written_on": f"the episode began on {episode.start_date}"})
    if before is not None and written_on < before.written_on:
        raise ValidationError({"written_on": f"the last version is of {before.written_on}"})
    if review_on is not None and review_on <= written_on:
        raise ValidationError({"review_on": "the plan is looked at again after it was written"})


def _write_problems(
    actor: Actor,
    patient: Patient,
    episode: Episode,
    plan: CarePlanVersion,
    problems: Sequence[dict[str, Any]],
) -> None:
    known = PlanProblemRow.objects.of(actor).filter(plan__episode=episode)
    highest = known.aggregate(last=Max("number"))["last"] or 0
    for place, values in enumerate(problems, 1):
        number = values.get("number")
        if not number or number > highest:
            highest += 1
            number = highest
        if values.get("target_at_most") is not None and not values.get("instrument"):
            raise ValidationError(f"problem {place}: a target score needs its scale")
        kept = {name: value for name, value in values.items() if name != "number"}
        add(actor, PlanProblemRow(plan=plan, number=number, place=place, **kept), patient)


def changes_of(before: CarePlanVersion, after: CarePlanVersion) -> tuple[Any, ...]:
    """What differs between two versions, beside their days."""
    return plan_changes(before.version, after.version)


@transaction.atomic
def relapse_plan_write(
    *, actor: Actor, patient: Patient, episode: Episode, written_on: date, **values: Any
) -> RelapsePlan:
    """Write a relapse prevention plan with the patient; its day stands in the registry from now on."""
    actor.require(Permission.CHART_EDIT)
    if episode.end_date is not None and written_on > episode.end_date:
        raise ValidationError("the episode has ended; a new episode has a plan of its own")
    if written_on < episode.start_date:
        raise ValidationError({"written_on": f"the episode began on {episode.start_date}"})
    Episode.objects.of(actor).select_for_update().get(pk=episode.pk)
    last = RelapsePlan.objects.of(actor).filter(episode=episode).aggregate(last=Max("number"))["last"] or 0
    plan: RelapsePlan = add(
        actor,
        RelapsePlan(
            patient=patient,
            episode=episode,
            number=last + 1,
            written_on=written_on,
            written_by_id=actor.staff_member_id,
            recorded_by_id=actor.user_id,
            **values,
        ),
        patient,
        version=last + 1,
    )
    relapse_plan_set(actor=actor, patient=patient, episode=episode, relapse_plan_on=written_on)
    return plan


@transaction.atomic
def graduate(
    *,
    actor: Actor,
    patient: Patient,
    episode: Episode,
    graduated_on: date,
    outcome: str,
    scores: Sequence[ScoreTrend],
    note: str = "",
    without_plan_reason: str = "",
) -> Graduation:
    """End an episode by graduation, with its outcome and its relapse prevention plan, or why there is none."""
    actor.require(Permission.CHART_EDIT)
    plans = relapse_plans_of(actor=actor, patient=patient)
    plan = next((item for item in plans if item.episode_id == episode.pk), None)
    if plan is None and not without_plan_reason.strip():
        raise ValidationError(
            {"without_plan_reason": "write the relapse prevention plan first, or say why there is none"}
        )
    made: Graduation = add(
        actor,
        Graduation(
            patient=patient,
            episode=episode,
            graduated_on=graduated_on,
            outcome=outcome,
            note=note.strip(),
            scores=[
                [
                    trend.scale.label,
                    trend.first.score,
                    str(trend.first.taken_on),
                    trend.latest.score,
                    str(trend.latest.taken_on),
                ]
                for trend in scores
            ],
            relapse_plan=plan,
            without_plan_reason="" if plan is not None else without_plan_reason.strip(),
            recorded_by_id=actor.user_id,
        ),
        patient,
        outcome=str(outcome),
    )
    status_change(
        actor=actor,
        patient=patient,
        episode=episode,
        status=EpisodeStatus.Status.GRADUATED,
        from_date=graduated_on,
        reason=Graduation.Outcome(outcome).label,
    )
    return made
