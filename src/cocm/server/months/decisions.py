"""What a person decides about a patient's month: release an item, take an offered code, hold the claim back."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction

from cocm.basics.months import Month
from cocm.care.records import DecisionKind
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import StaffMember, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.registry.models import MonthDecision, Patient

WHOLE_MONTH: Final = "month"
"""The item of a hold, which is about the claim as a whole."""


def decisions_of(*, actor: Actor, patient: Patient, month: Month) -> list[MonthDecision]:
    """What was decided about the month, in order of the items."""
    rows = MonthDecision.objects.of(actor).filter(patient=patient, month_index=month.index)
    return list(rows.order_by("decision", "item"))


@transaction.atomic
def decide(
    *, actor: Actor, patient: Patient, month: Month, kind: DecisionKind, item: str, reason: str, today: date
) -> MonthDecision:
    """Put a decision on record; one that is there already is made anew, with today's date and reason.

    Whether it has an effect is the core's to say, when the month is decided. Raises `ValueError` without a reason.
    """
    actor.require(Permission.BILLING_EDIT)
    if not reason.strip():
        raise ValueError("a decision needs its reason")
    values = {"decided_by": decided_by(actor), "decided_on": today, "reason": " ".join(reason.split())[:300]}
    made = MonthDecision(
        organization_id=actor.organization_id,
        patient=patient,
        month_index=month.index,
        decision=kind.value,
        item=item,
        **values,
    )
    made.full_clean(exclude=("organization", "patient"), validate_constraints=False)
    made, _ = MonthDecision.objects.of(actor).update_or_create(
        organization_id=actor.organization_id,
        patient=patient,
        month_index=month.index,
        decision=kind.value,
        item=item,
        defaults=values,
    )
    _recorded(actor, patient, month, made, "made")
    return made


@transaction.atomic
def take_back(*, actor: Actor, patient: Patient, month: Month, kind: DecisionKind, item: str) -> bool:
    """Take a decision back; whether there was one. The trail keeps that it was made."""
    actor.require(Permission.BILLING_EDIT)
    made = (
        MonthDecision.objects.of(actor)
        .filter(patient=patient, month_index=month.index, decision=kind.value, item=item)
        .first()
    )
    if made is None:
        return False
    _recorded(actor, patient, month, made, "taken back")
    made.delete()
    return True


def decided_by(actor: Actor) -> str:
    """Who decides, as the contract has it: the staff id, else the sign-in's initials."""
    if actor.staff_member_id is not None:
        return str(
            StaffMember.objects.of(actor).values_list("staff_id", flat=True).get(pk=actor.staff_member_id)
        )
    if actor.user_id is None:
        return "SITE"
    name = User.objects.values_list("full_name", flat=True).get(pk=actor.user_id)
    return "".join(part[0] for part in name.split() if part[0].isalnum()).upper() or "SITE"


def _recorded(actor: Actor, patient: Patient, month: Month, made: MonthDecision, what: str) -> None:
    record(
        actor,
        Verb.DECIDED,
        object_type="month",
        object_id=str(month),
        patient_id=patient.pk,
        reason=made.reason,
        details={"decision": made.decision, "item": made.item, "what": what},
    )
