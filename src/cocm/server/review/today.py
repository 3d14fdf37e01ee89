"""What of the caseload review waits for a person today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.urls import reverse

from cocm.care.recommendations import AdviceState
from cocm.rules.care_flags import Threshold, care_flags
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import MemberRole, Permission
from cocm.server.review.models import AgendaItem, Recommendation
from cocm.server.review.selectors import recommendations_open_to, sessions_of
from cocm.server.rules_in_force import rulebook
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Sessions under way; recommendations to answer (practitioner) and to carry out (care manager)."""
    if actor.may(Permission.REVIEW_RECORD):
        yield from _sessions(actor, today)
    if actor.role in (MemberRole.PCP, MemberRole.BHCM):
        yield from _recommendations(actor)


def _sessions(actor: Actor, today: date) -> Iterator[DayItem]:
    for session in sessions_of(actor=actor).filter(closed_at__isnull=True, held_on__lte=today):
        left = AgendaItem.objects.of(actor).filter(session=session, review__isnull=True, put_off_reason="")
        total = left.count()
        yield DayItem(
            DayGroup.REVIEW,
            f"Review with {_other(actor, session)}",
            reverse("review:session", args=(session.pk,)),
            reason=f"{total} patient{'' if total == 1 else 's'} left" if total else "to be closed",
            due_on=session.held_on,
            count=max(1, total),
        )


def _other(actor: Actor, session: object) -> str:
    """The other of the two."""
    is_mine = session.bhcm_id == actor.staff_member_id  # type: ignore[attr-defined]  # a review session
    member = session.psychiatric_consultant if is_mine else session.bhcm  # type: ignore[attr-defined]  # as above
    return str(member.full_name)


def _recommendations(actor: Actor) -> Iterator[DayItem]:
    days = care_flags(rulebook()).thresholds[Threshold.RECOMMENDATION_DAYS]
    wanted = AdviceState.WAITING if actor.role is MemberRole.PCP else AdviceState.TO_DO
    page = "review:answer" if actor.role is MemberRole.PCP else "review:carried_out"
    for row in recommendations_open_to(actor=actor).filter(episode__end_date__isnull=True):
        if row.state is wanted:
            yield DayItem(
                DayGroup.RECOMMENDATIONS,
                f"{row.patient.last_name}, {row.patient.first_name}",
                reverse(page, args=(row.patient_id, row.pk)),
                reason=_reason(row),
                due_on=_since(row) + timedelta(days=days),
                patient_pk=row.patient_id,
            )


def _since(row: Recommendation) -> date:
    answer = row.last_answer
    return answer.answered_on if answer is not None else row.given_on


def _reason(row: Recommendation) -> str:
    answer = row.last_answer
    told = f"recommended on {row.given_on}" if answer is None else f"{answer.answer} on {answer.answered_on}"
    return f"{row.headline}, {told}"
