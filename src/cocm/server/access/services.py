"""Opening a chart outside the care team, and reviewing that."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.charts import ChartNotFound
from cocm.server.access.models import ChartOpening
from cocm.server.access.permissions import ROLE_PERMISSIONS, MemberRole, Permission
from cocm.server.accounts.mail import mail_after_commit
from cocm.server.accounts.models import Membership, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.registry.models import Patient

REVIEWER_ROLES = tuple(role for role in MemberRole if Permission.GLASS_REVIEW in ROLE_PERMISSIONS[role])


@transaction.atomic
def glass_break(
    *, actor: Actor, patient_id: UUID, reason_kind: str, reason: str, review_address: str
) -> ChartOpening:
    """Open a chart for a while to somebody outside its care team; whoever reviews this is told at once.

    `review_address` is the full address of the page of openings, for the letter. Raises `ChartNotFound` and
    `ValidationError`.
    """
    actor.require(Permission.BREAK_GLASS)
    if not Patient.objects.of(actor).filter(pk=patient_id).exists():
        raise ChartNotFound
    now = timezone.now()
    opening = ChartOpening(
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        patient_id=patient_id,
        reason_kind=reason_kind,
        reason=reason,
        opened_at=now,
        until=now + timedelta(minutes=settings.GLASS_MINUTES),
    )
    opening.full_clean()
    opening.save(force_insert=True)
    record(
        actor,
        Verb.GLASS_BROKEN,
        object_type="chart_opening",
        object_id=opening.pk,
        patient_id=patient_id,
        reason=opening.get_reason_kind_display(),
        details={"until": opening.until.isoformat(timespec="seconds")},
    )
    who = User.objects.get(pk=actor.user_id)
    mail_after_commit(
        [person.email for person in reviewers(actor=actor) if person.pk != actor.user_id],
        "OpenCoCM: a chart was opened outside its care team",
        f"{' '.join(who.full_name.split())} opened a chart outside its care team at {now:%Y-%m-%d %H:%M} UTC.\n\n"
        f"Whose chart, and why, stands on the page of openings (after signing in):\n{review_address}\n\n"
        "Please look at it and write down what you found.\n",
    )
    return opening


@transaction.atomic
def opening_review(*, actor: Actor, opening: ChartOpening, finding: str) -> ChartOpening:
    """Write down that an opening was looked at, and what was found. Nobody reviews an opening of their own."""
    actor.require(Permission.GLASS_REVIEW)
    opening = ChartOpening.objects.of(actor).select_for_update().get(pk=opening.pk)
    if opening.user_id == actor.user_id:
        raise ValidationError("your own opening is reviewed by somebody else")
    if opening.acknowledged_at is not None:
        raise ValidationError("this opening was reviewed meanwhile")
    opening.acknowledged_by_id, opening.acknowledged_at = actor.user_id, timezone.now()
    opening.finding = finding
    opening.full_clean()
    opening.save(update_fields=("acknowledged_by", "acknowledged_at", "finding"))
    record(
        actor,
        Verb.REVIEWED,
        object_type="chart_opening",
        object_id=opening.pk,
        patient_id=opening.patient_id,
    )
    return opening


def reviewers(*, actor: Actor) -> list[User]:
    """The organization's people who review openings."""
    members = Membership.objects.of(actor).filter(
        is_active=True, user__is_active=True, role__in=REVIEWER_ROLES
    )
    return [member.user for member in members.select_related("user").order_by("user__full_name")]
