"""What measures add to My day: open safety alerts and measures that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.measures.selectors import alerts_of_practice, measures_due, names_of
from cocm.server.today.items import DayGroup, DayItem


def day_items(actor: Actor, today: date) -> Iterator[DayItem]:
    """Open alerts, the acute first; then patients without a recent score."""
    if actor.may(Permission.ALERT_VIEW):
        yield from _alerts(actor)
    if actor.may(Permission.CHART_EDIT):
        for order, (row, flag) in enumerate(measures_due(actor=actor, today=today)):
            if actor.staff_member_id in (row.values["practitioner_pk"], row.values["consultant_pk"]):
                continue  # scores are the care manager's, or of who covers
            yield DayItem(
                DayGroup.MEASURES,
                f"{row.values['last_name']}, {row.values['first_name']}",
                reverse("measures:patient", args=(row.values["patient_pk"],)),
                reason=flag.reason,
                order=order,
                patient_pk=row.values["patient_pk"],
            )


def _alerts(actor: Actor) -> Iterator[DayItem]:
    own, others = alerts_of_practice(actor=actor)
    names = names_of([item.alert.patient_id for item in own], actor=actor)
    for order, item in enumerate(own):
        patient = names[item.alert.patient_id]
        yield DayItem(
            DayGroup.SAFETY,
            f"{patient.last_name}, {patient.first_name}",
            reverse("measures:alert", args=(patient.pk, item.alert.pk)),
            reason=f"{item.alert.reason}; told so far: {item.level.step.label.lower()}",
            due_on=item.alert.raised_on,
            order=order,
            patient_pk=patient.pk,
            tone="danger",
        )
    if others and not actor.may(Permission.ALERT_CLOSE):
        yield DayItem(
            DayGroup.SAFETY,
            f"{len(others)} open safety alert{'s' if len(others) > 1 else ''} in the practice",
            reverse("measures:alerts"),
            reason="nobody has closed it yet" if len(others) == 1 else "nobody has closed them yet",
            due_on=min(item.alert.raised_on for item in others),
            count=len(others),
            tone="danger",
        )
