"""One plain e-mail a day to whoever has something waiting: counts by heading and a link, nothing of a patient's.

`cocm manage send_reminders` (from cron) sends them. A person who acts for several organizations gets one letter with a
part for each. Who has said no is left alone; who was told today is not told again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from cocm.server.access.actor import Actor, acting_for
from cocm.server.access.permissions import Permission
from cocm.server.accounts.models import Membership, Organization, User
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.today.models import DayReminder
from cocm.server.today.sources import Day, day_of

logger = logging.getLogger(__name__)
SUBJECT: Final = "OpenCoCM: your day"


@dataclass(slots=True)
class Letter:
    """What one person is told: a part for each organization."""

    user: User
    parts: list[tuple[UUID, str, Day, date]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(day.total for _, _, day, _ in self.parts)

    def text(self, address: str) -> str:
        """The letter: headings, figures, a link."""
        lines = ["Waiting for you today:", ""]
        for _, organization, day, today in self.parts:
            if len(self.parts) > 1:
                lines += [organization, ""]
            for group, items in day.items.items():
                late = sum(item.count for item in items if item.is_overdue(today))
                lines.append(f"  {group.value}: {day.count(group)}" + (f" ({late} overdue)" if late else ""))
            lines.append("")
        lines += [
            f"Open My day: {address}",
            "",
            "To end these e-mails, sign in and turn them off below My day.",
        ]
        return "\n".join(lines)


def letters(*, today: date | None = None) -> list[Letter]:
    """The letters of a day, by each organization's clock, for whoever is still to be told. Sends nothing."""
    found: dict[UUID, Letter] = {}
    for organization in Organization.objects.order_by("name", "pk"):
        with timezone.override(organization.time_zone):
            with acting_for(Actor.system(organization.pk)) as system:
                day = today or timezone.localdate()
                untold = _untold(system, day)
            for (
                membership
            ) in untold:  # each in a transaction of its own: nobody who writes waits for all of them
                with acting_for(membership.as_actor()) as actor:
                    waiting = day_of(actor=actor, today=day)
                if waiting.total:
                    letter = found.setdefault(membership.user_id, Letter(membership.user))
                    letter.parts.append((organization.pk, organization.name, waiting, day))
    return list(found.values())


def _untold(system: Actor, today: date) -> list[Membership]:
    """Active members who want reminders and have had none today."""
    left_alone: dict[UUID, bool] = defaultdict(bool)
    for reminder in DayReminder.objects.of(system):
        left_alone[reminder.user_id] = reminder.is_off or (
            reminder.sent_on is not None and reminder.sent_on >= today
        )
    members = Membership.objects.of(system).filter(is_active=True, user__is_active=True)
    found = members.select_related("user").order_by("user__email")
    return [member for member in found if not left_alone[member.user_id]]


def send(*, address: str, today: date | None = None) -> tuple[int, int]:
    """Send the day's letters; how many were sent, and how many the mail server did not take.

    A letter that went out is noted at once, so that a run that breaks off repeats none.
    """
    sent = failed = 0
    for letter in letters(today=today):
        try:
            EmailMessage(SUBJECT, letter.text(address), to=[letter.user.email]).send()
        except Exception as problem:  # whatever the mail server does, the others are told
            logger.error("a reminder could not be sent (%s)", type(problem).__name__)
            failed += 1
            continue
        sent += 1
        for organization_id, _, waiting, day in letter.parts:
            with acting_for(Actor.system(organization_id)) as system:
                _note_sent(system, letter.user.pk, day, waiting)
    return sent, failed


def _note_sent(system: Actor, user_id: UUID, day: date, waiting: Day) -> None:
    DayReminder.objects.update_or_create(
        organization_id=system.organization_id, user_id=user_id, defaults={"sent_on": day}
    )
    counts = {group.key: waiting.count(group) for group in waiting.items}
    record(system, Verb.REMINDED, object_type="user", object_id=user_id, details={"waiting": counts})


def wants_reminders(*, actor: Actor) -> bool:
    """Whether the acting person is reminded at this organization."""
    return not DayReminder.objects.of(actor).filter(user_id=actor.user_id, is_off=True).exists()


@transaction.atomic
def reminders_set(*, actor: Actor, is_wanted: bool) -> None:
    """Turn one's own reminders on or off."""
    actor.require(Permission.OWN_ACCOUNT)
    DayReminder.objects.update_or_create(
        organization_id=actor.organization_id, user_id=actor.user_id, defaults={"is_off": not is_wanted}
    )
    record(
        actor,
        Verb.CHANGED,
        object_type="day reminder",
        object_id=actor.user_id,
        details={"is_off": not is_wanted},
    )
