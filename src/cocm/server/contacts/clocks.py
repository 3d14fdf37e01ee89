"""The site's clock: which zone a patient's entries are told in, and the local moments that people type."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cocm.basics.months import Month
from cocm.intake.cells import CellRefused
from cocm.intake.moments import LocalClock
from cocm.server.access.actor import Actor, entered
from cocm.server.accounts.models import Organization
from cocm.server.practice_port import zone_on
from cocm.server.registry.models import Episode, Patient

_KEPT: Final = "clocks"


class NoSuchTime(ValueError):
    """The clock on the site's wall never showed this time."""


def zone_of(actor: Actor, patient: Patient, instant: datetime) -> ZoneInfo:
    """The time zone in which an entry of the patient's that begins at an instant is told."""
    own_zone, clocks = _clocks(actor, patient)
    return ZoneInfo(zone_on(instant, clocks) if clocks else own_zone)


def clocks_changed() -> None:
    """An episode, a site or the organization was saved: the transaction at hand asks for the clocks anew."""
    here = entered()
    if here is not None:
        here.kept.pop(_KEPT, None)


def _clocks(actor: Actor, patient: Patient) -> tuple[str, list[tuple[date, str]]]:
    """The organization's zone, and from which day on which site's zone holds; asked once in a transaction."""
    here = entered()
    known: dict[UUID, tuple[str, list[tuple[date, str]]]] = {}
    if here is not None and str(here.organization_id) == str(actor.organization_id):
        known = here.kept.setdefault(_KEPT, known)
    if patient.pk not in known:
        own_zone = Organization.objects.values_list("time_zone", flat=True).get(pk=actor.organization_id)
        episodes = Episode.objects.of(actor).filter(patient=patient).order_by("start_date", "episode_id")
        known[patient.pk] = (
            own_zone,
            [
                (start, zone or own_zone)
                for start, zone in episodes.values_list("start_date", "site__time_zone")
            ],
        )
    return known[patient.pk]


def site_day(actor: Actor, patient: Patient, instant: datetime) -> date:
    """The day of an instant by the clock of the patient's site: at 23:30 on the 31st it is still that month."""
    return instant.astimezone(zone_of(actor, patient, instant)).date()


def month_of(actor: Actor, patient: Patient, instant: datetime) -> Month:
    """The month an instant belongs to by the clock of the patient's site."""
    return Month.of(site_day(actor, patient, instant))


def site_moment(zone: ZoneInfo, day: date, time_of_day: str) -> datetime:
    """The moment of a local day and time (HH:MM). Raises `NoSuchTime` for the hour that spring leaves out."""
    try:
        moment, _ = LocalClock(zone.key).read(f"{day:%Y-%m-%d} {time_of_day}")
    except CellRefused as refusal:
        raise NoSuchTime(str(refusal)) from refusal
    return moment.at
