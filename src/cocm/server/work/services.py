"""Writing the ledger of work minutes. One line for whoever offers an action:

work_recorded(actor=actor, task="collect_records", minutes=form.minutes, claim_id=claim_id, once_key=...)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.chains import START_OF_CHAIN, chained_hash
from cocm.server.work.models import WorkEntry, WorkHead
from cocm.server.work.tasks import MINUTES_MAX, task_named


@dataclass(frozen=True, slots=True)
class _Work:
    task: str
    minutes: int
    is_default: bool
    subject: str
    subject_id: str
    payer_id: str
    worked_on: date
    once_key: str = ""
    corrects: WorkEntry | None = None
    reason: str = ""


@transaction.atomic
def work_recorded(
    *,
    actor: Actor,
    task: str,
    minutes: int | None = None,
    claim_id: str = "",
    subject: str = "",
    subject_id: str = "",
    payer_id: str = "",
    worked_on: date | None = None,
    once_key: str = "",
) -> WorkEntry | None:
    """Add minutes of a task; `minutes` None takes the rulebook's assumption and marks it as such, 0 adds nothing.

    `claim_id` is short for the subject `claim`. The same `once_key` again adds nothing and gives the entry there is.
    Raises `UnusableInput` for a task that the rulebook does not have, `ValidationError` for minutes that cannot be.
    """
    actor.require(Permission.OWN_ACCOUNT)
    assumed = task_named(task)
    if minutes == 0:
        return None
    if minutes is not None and not 0 < minutes <= MINUTES_MAX:
        raise ValidationError({"minutes": f"from 0 to {MINUTES_MAX} minutes"})
    work = _Work(
        task,
        minutes if minutes is not None else round(assumed.minutes),
        minutes is None,
        "claim" if claim_id else subject,
        claim_id or subject_id,
        payer_id,
        worked_on or timezone.localdate(),
        once_key,
    )
    return _add(actor, work)


@transaction.atomic
def work_corrected(*, actor: Actor, entry_id: UUID, minutes: int, reason: str) -> WorkEntry:
    """Replace an entry's minutes by a further entry; its author or a manager does, once.

    Raises `ValidationError` without a reason, for minutes that cannot be, and where it was corrected before.
    """
    actor.require(Permission.OWN_ACCOUNT)
    entry = WorkEntry.objects.of(actor).get(pk=entry_id)
    if entry.recorded_by_id != actor.user_id:
        actor.require(Permission.FIGURES_VIEW)
    if not reason.strip():
        raise ValidationError({"reason": "say why"})
    if not 0 <= minutes <= MINUTES_MAX:
        raise ValidationError({"minutes": f"from 0 to {MINUTES_MAX} minutes"})
    _locked_head(actor)  # two corrections at once wait for each other here
    if WorkEntry.objects.of(actor).filter(corrects=entry).exists():
        raise ValidationError("this entry was corrected before; correct the later one")
    return _add(
        actor,
        _Work(
            entry.task,
            minutes,
            False,
            entry.subject,
            entry.subject_id,
            entry.payer_id,
            entry.worked_on,
            corrects=entry,
            reason=reason.strip(),
        ),
    )


def _locked_head(actor: Actor) -> WorkHead:
    heads = WorkHead.objects.of(actor).select_for_update()
    head = heads.first()
    if head is None:
        WorkHead.objects.bulk_create(
            [WorkHead(organization_id=actor.organization_id, last_hash=START_OF_CHAIN)], ignore_conflicts=True
        )
        head = heads.get()
    return head


def _add(actor: Actor, work: _Work) -> WorkEntry:
    head = _locked_head(actor)
    if work.once_key:
        known = WorkEntry.objects.of(actor).filter(once_key=work.once_key).first()
        if known is not None:
            return known
    entry = WorkEntry(
        organization_id=actor.organization_id,
        number=head.last_number + 1,
        task=work.task,
        cause=task_named(work.task).cause,
        minutes=work.minutes,
        is_default=work.is_default,
        subject=work.subject,
        subject_id=work.subject_id,
        payer_id=work.payer_id,
        worked_on=work.worked_on,
        corrects=work.corrects,
        reason=work.reason,
        once_key=work.once_key,
        recorded_at=timezone.now(),
        recorded_by_id=actor.user_id,
        previous_hash=head.last_hash,
    )
    entry.full_clean(exclude=("organization", "recorded_by", "corrects", "row_hash"))
    entry.row_hash = chained_hash(head.last_hash, entry.content())
    entry.save(force_insert=True)
    head.last_number, head.last_hash = entry.number, entry.row_hash
    head.save(update_fields=("last_number", "last_hash"))
    verb = Verb.CORRECTED if work.corrects is not None else Verb.ADDED
    record(actor, verb, object_type="work", object_id=entry.pk, details={"task": work.task})
    return entry
