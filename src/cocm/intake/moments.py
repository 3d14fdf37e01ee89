"""Local times: what the clock on the site's wall said, with the days on which it is changed.

In spring an hour does not exist and in autumn one comes twice. A time in the hour that is skipped is refused;
a time in the hour that repeats is the first of the two unless its offset from UTC says otherwise.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from cocm.intake.cells import NOTE_MONTH_FIRST, REMEMBERED_MAX, CellRefused, NotPlain
from cocm.intake.contract import DATE_FIRST, DATE_LAST

NOTE_REPEATED_HOUR: Final = (
    "a time in the hour that autumn repeats was taken as the first; add the offset if it was the second"
)
NOTE_OFFSET: Final = "a time with another offset than the site's was converted to the site's clock"
LOCAL_TIME_FORM: Final = "a local time written YYYY-MM-DD HH:MM"

_ISO_TIME: Final = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?: ?(Z|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_MONTH_FIRST_TIME: Final = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AP]M))?", re.ASCII | re.IGNORECASE
)
_DATE_ALONE: Final = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{2,4}", re.ASCII)
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?", re.ASCII)


class Moment(NamedTuple):
    """A local time with its zone, its place on the one line of time, and the index of its local month."""

    at: datetime
    timestamp: float
    month_index: int


class LocalClock(dict[str, Moment]):
    """Reads the local times of one zone; `clock[text]` is fast and raises `NotPlain` or `CellRefused`."""

    def __init__(self, time_zone: str) -> None:
        super().__init__()
        self._zone = ZoneInfo(time_zone)

    def __reduce__(self) -> tuple[Any, ...]:
        return (LocalClock, (self._zone.key,))

    def __missing__(self, text: str) -> Moment:
        moment, note = self.read(text)
        if note:
            raise NotPlain
        if len(self) >= REMEMBERED_MAX:
            self.clear()
        self[text] = moment
        return moment

    def read(self, cell: str) -> tuple[Moment, str]:
        """The moment and a note (empty when nothing needs saying). Raises `CellRefused`."""
        text = cell.strip()
        if matched := _ISO_TIME.fullmatch(text):
            *parts, offset = matched.groups()
            return self._placed(_wall_time(*parts), offset)
        if matched := _MONTH_FIRST_TIME.fullmatch(text):
            month, day, year, hour, minute, second, half = matched.groups()
            wall = _wall_time(year, month, day, _hour_of_day(hour, half), minute, second)
            moment, note = self._placed(wall, None)
            return moment, note or NOTE_MONTH_FIRST
        if _DATE_ALONE.fullmatch(text):
            raise CellRefused(f"{LOCAL_TIME_FORM}; the time of day is missing")
        if _SERIAL.fullmatch(text):
            raise CellRefused(f"{LOCAL_TIME_FORM}, not a spreadsheet's day number")
        raise CellRefused(LOCAL_TIME_FORM)

    def _placed(self, wall: datetime, offset: str | None) -> tuple[Moment, str]:
        if offset is not None:
            instant = wall.replace(tzinfo=UTC) - _offset(offset)
            local = instant.astimezone(self._zone)
            return _moment(local), NOTE_OFFSET if local.replace(tzinfo=None, fold=0) != wall else ""
        first = wall.replace(tzinfo=self._zone)
        first_offset, second_offset = first.utcoffset(), first.replace(fold=1).utcoffset()
        assert first_offset is not None and second_offset is not None  # a ZoneInfo always has one
        if first_offset < second_offset:
            raise CellRefused("a time that exists; the clock was set forward over this one")
        return _moment(first), NOTE_REPEATED_HOUR if first_offset > second_offset else ""


def _moment(at: datetime) -> Moment:
    return Moment(at, at.timestamp(), at.year * 12 + at.month - 1)


def _wall_time(year: str, month: str, day: str, hour: str, minute: str, second: str | None) -> datetime:
    parts = (int(year), int(month), int(day), int(hour), int(minute), int(second or 0))
    try:
        wall = datetime(*parts)  # noqa: DTZ001  # the zone follows
    except ValueError:
        raise CellRefused(
            f"a day and time that exist, written {LOCAL_TIME_FORM.removeprefix('a local time written ')}"
        ) from None
    if not DATE_FIRST < wall.date() < DATE_LAST:
        raise CellRefused(f"a day from {DATE_FIRST} to {DATE_LAST}")
    return wall


def _hour_of_day(hour: str, half: str | None) -> str:
    if half is None:
        return hour
    if not 1 <= int(hour) <= 12:
        raise CellRefused(f"{LOCAL_TIME_FORM}; before AM and PM the hour is 1 to 12")
    return str(int(hour) % 12 + (12 if half.upper() == "PM" else 0))


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    hours, minutes = int(text[1:3]), int(text[-2:])
    if hours > 14 or minutes > 59:
        raise CellRefused("an offset from UTC such as -07:00")
    size = timedelta(hours=hours, minutes=minutes)
    return -size if text[0] == "-" else size
