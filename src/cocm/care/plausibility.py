"""What a person should look at before they confirm an entry of time: doubts with their reasons, never a refusal.

A timer proposes, its author confirms. The levels come from the rulebook (`minutes.*_review_*`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from cocm.basics.records import quickly_made
from cocm.rules import PackOn, RuleValue

SECONDS_PER_MINUTE: Final = 60
ENTRY_RULE: Final = "minutes.entry_review_above"
DAY_RULE: Final = "minutes.day_review_above"
IDLE_RULE: Final = "minutes.idle_review_after"


class Doubt(StrEnum):
    """Why an entry of time should be looked at, in the order in which doubts are told."""

    FUTURE = "future"
    OVERNIGHT = "overnight"
    LONG = "long"
    OVERLAP_PERSON = "overlap_person"
    OVERLAP_PATIENT = "overlap_patient"
    DAY_TOTAL = "day_total"
    ABOVE_TIMER = "above_timer"
    IDLE = "idle"

    @property
    def words(self) -> str:
        """A short name for people."""
        return _WORDS[self]


_WORDS: Final = MappingProxyType(
    {
        Doubt.FUTURE: "not over yet",
        Doubt.OVERNIGHT: "past midnight",
        Doubt.LONG: "unusually long",
        Doubt.OVERLAP_PERSON: "overlaps your own time",
        Doubt.OVERLAP_PATIENT: "overlaps a colleague",
        Doubt.DAY_TOTAL: "long day",
        Doubt.ABOVE_TIMER: "more than the timer",
        Doubt.IDLE: "quiet timer",
    }
)


class TimeEntry(NamedTuple):
    """An entry of time that stands (not replaced by a correction), or one that is about to be made (no id yet)."""

    entry_id: str
    patient_id: str
    staff_id: str
    started_at: datetime
    service_seconds: int

    @property
    def ended_at(self) -> datetime:
        return self.started_at + timedelta(seconds=self.service_seconds)


@quickly_made
@dataclass(frozen=True, slots=True)
class DoubtFound:
    """A doubt, why, and by which rule value (None: it lies in the entry itself). `entry_ids` are the others."""

    doubt: Doubt
    text: str
    rule: RuleValue | None = None
    entry_ids: tuple[str, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class TimerReading:
    """What a timer measured: seconds it ran, and of these the seconds in stretches without a sign of work."""

    seconds: int
    quiet_seconds: int = 0

    @property
    def minutes_proposed(self) -> int:
        """Whole minutes, floored: what the author may take or change."""
        return self.seconds // SECONDS_PER_MINUTE


def quiet_stretch(last_sign_at: datetime, now: datetime, policy: PackOn) -> int:
    """The seconds from the last sign of work until now, where they are long enough to be doubted; else 0."""
    limit = policy.integer(IDLE_RULE)
    gap = int((now - last_sign_at).total_seconds())
    return gap if limit is not None and gap > limit * SECONDS_PER_MINUTE else 0


def doubts(
    entry: TimeEntry,
    *,
    others: Iterable[TimeEntry],
    zone: tzinfo,
    now: datetime,
    policy: PackOn,
    timer: TimerReading | None = None,
) -> tuple[DoubtFound, ...]:
    """What its author should look at. `others` are the person's and the patient's standing entries around that day.

    `zone` is the site's clock, which decides days; `policy` is the payer's pack on the entry's day. Entries of no time
    are never doubted for overlaps.
    """
    known = [other for other in others if not (other.entry_id and other.entry_id == entry.entry_id)]
    found = _of_itself(entry, zone, now, policy)
    found += _overlaps(entry, known)
    found += _of_the_day(entry, known, zone, policy)
    if timer is not None:
        found += _of_the_timer(entry, timer, policy)
    return tuple(sorted(found, key=lambda item: _ORDER[item.doubt]))


_ORDER: Final = MappingProxyType({doubt: position for position, doubt in enumerate(Doubt)})


def _of_itself(entry: TimeEntry, zone: tzinfo, now: datetime, policy: PackOn) -> list[DoubtFound]:
    found: list[DoubtFound] = []
    # an entry is told to the minute, so up to a minute ahead is no doubt
    if entry.ended_at > now + timedelta(minutes=1):
        found.append(DoubtFound(Doubt.FUTURE, "it ends after now"))
    began, ended = entry.started_at.astimezone(zone), entry.ended_at.astimezone(zone)
    if entry.service_seconds and (ended - timedelta(seconds=1)).date() > began.date():
        found.append(
            DoubtFound(
                Doubt.OVERNIGHT,
                f"it runs past midnight, to {ended:%H:%M} of {ended:%Y-%m-%d}; it belongs to the day it began",
            )
        )
    level = policy.value(ENTRY_RULE)
    if level.integer is not None and entry.service_seconds > level.integer * SECONDS_PER_MINUTE:
        text = f"{entry.service_seconds // SECONDS_PER_MINUTE} minutes in one entry; above {level.integer} is unusual"
        found.append(DoubtFound(Doubt.LONG, text, level))
    return found


def _overlaps(entry: TimeEntry, others: Sequence[TimeEntry]) -> list[DoubtFound]:
    """With the person's other entries, and with colleagues' for the same patient: shared time counts once."""
    own: list[tuple[TimeEntry, int]] = []
    shared: list[tuple[TimeEntry, int]] = []
    for other in others:
        seconds = _shared_seconds(entry, other)
        if not seconds:
            continue
        if other.staff_id == entry.staff_id:
            own.append((other, seconds))
        elif other.patient_id == entry.patient_id:
            shared.append((other, seconds))
    found: list[DoubtFound] = []
    if own:
        text = f"{_minutes(own)} at the same time as {_entries(own)} of yours"
        found.append(DoubtFound(Doubt.OVERLAP_PERSON, text, None, _ids(own)))
    if shared:
        text = f"{_minutes(shared)} at the same time as {_entries(shared)} of a colleague for this patient"
        found.append(DoubtFound(Doubt.OVERLAP_PATIENT, text, None, _ids(shared)))
    return found


def _shared_seconds(one: TimeEntry, other: TimeEntry) -> int:
    seconds = (min(one.ended_at, other.ended_at) - max(one.started_at, other.started_at)).total_seconds()
    return max(0, int(seconds))


def _minutes(overlaps: Sequence[tuple[TimeEntry, int]]) -> str:
    seconds = sum(seconds for _, seconds in overlaps)
    if seconds < SECONDS_PER_MINUTE:
        return f"{seconds} seconds"
    minutes = seconds // SECONDS_PER_MINUTE
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def _entries(overlaps: Sequence[tuple[TimeEntry, int]]) -> str:
    return "another entry" if len(overlaps) == 1 else f"{len(overlaps)} other entries"


def _ids(overlaps: Sequence[tuple[TimeEntry, int]]) -> tuple[str, ...]:
    return tuple(other.entry_id for other, _ in overlaps)


def _of_the_day(
    entry: TimeEntry, others: Sequence[TimeEntry], zone: tzinfo, policy: PackOn
) -> list[DoubtFound]:
    level = policy.value(DAY_RULE)
    if level.integer is None:
        return []
    day = entry.started_at.astimezone(zone).date()
    seconds = entry.service_seconds + sum(
        other.service_seconds
        for other in others
        if other.staff_id == entry.staff_id and other.started_at.astimezone(zone).date() == day
    )
    if seconds <= level.integer * SECONDS_PER_MINUTE:
        return []
    text = (
        f"{seconds // SECONDS_PER_MINUTE} service minutes of yours on {day}; above {level.integer} is unusual"
    )
    return [DoubtFound(Doubt.DAY_TOTAL, text, level)]


def _of_the_timer(entry: TimeEntry, timer: TimerReading, policy: PackOn) -> list[DoubtFound]:
    found: list[DoubtFound] = []
    minutes = entry.service_seconds // SECONDS_PER_MINUTE
    if minutes > timer.minutes_proposed:
        text = f"{minutes} minutes are more than the {timer.minutes_proposed} that the timer ran"
        found.append(DoubtFound(Doubt.ABOVE_TIMER, text))
    working_minutes = max(0, timer.seconds - timer.quiet_seconds) // SECONDS_PER_MINUTE
    if timer.quiet_seconds and minutes > working_minutes:
        quiet = timer.quiet_seconds // SECONDS_PER_MINUTE
        text = f"the timer saw no sign of work for {quiet} of its {timer.minutes_proposed} minutes"
        found.append(DoubtFound(Doubt.IDLE, text, policy.value(IDLE_RULE)))
    return found
