"""Whose time counts, once: from contacts to a month's countable minutes.

Every logged second of a month is either counted or excluded with its reason; seconds are kept and floored to
whole minutes once, after all exclusions. Sources of the defaults: the rulebook's `minutes.*` rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import itemgetter
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from cocm.basics.months import Month
from cocm.basics.records import maker, quickly_made
from cocm.care.exclusions import (
    Circumstances,
    ContactLog,
    DaySpan,
    Exclusion,
    ExclusionReason,
    Grounds,
    circumstances,
    contact_log,
    counting_rules,
    grounds_to_exclude,
)
from cocm.care.records import Consent, Contact, OtherService, Outcome, Programme
from cocm.rules import PackOn, RuleValue

SECONDS_PER_MINUTE: Final = 60
_SECONDS_PER_DAY: Final = 24 * 60 * 60


class LedgerEntry(NamedTuple):
    """One contact in the ledger: `logged_seconds` = `counted_seconds` + the seconds of `exclusions`.

    `note_seconds` is writing time beside the service; it is reported and never counted. `is_late`: the entry
    was made after the payer's time for entries of the month. (A named tuple, because several are made for
    every patient-month and a frozen dataclass takes five times as long to make.)
    """

    contact_id: str
    service_date: date
    logged_seconds: int
    counted_seconds: int
    note_seconds: int
    exclusions: tuple[Exclusion, ...]
    is_attempt: bool
    is_late: bool

    @property
    def excluded_seconds(self) -> int:
        return self.logged_seconds - self.counted_seconds


@quickly_made
@dataclass(frozen=True, slots=True)
class MinutesLedger:
    """A patient-month's time, entry by entry in order of start, with `counted + excluded = logged`.

    `minutes_counted` are the counted seconds in whole minutes, floored once; `remainder_seconds` are what is
    left. Of the excluded seconds, `undecided_seconds` are left out only because nobody has established the
    `unknown_rules`, and `assumed_seconds` by the `assumed_rules`, which are domain knowledge and no payer's
    text.
    """

    month: Month
    entries: tuple[LedgerEntry, ...]
    logged_seconds: int
    counted_seconds: int
    note_seconds: int
    undecided_seconds: int
    unknown_rules: tuple[RuleValue, ...]
    assumed_seconds: int
    assumed_rules: tuple[RuleValue, ...]
    has_late_entries: bool

    @property
    def excluded_seconds(self) -> int:
        return self.logged_seconds - self.counted_seconds

    @property
    def minutes_counted(self) -> int:
        return self.counted_seconds // SECONDS_PER_MINUTE

    @property
    def remainder_seconds(self) -> int:
        return self.counted_seconds % SECONDS_PER_MINUTE

    def day_reached(self, minutes: int) -> date | None:
        """The first day by whose end so many minutes were counted; None when the month never reached them."""
        needed = minutes * SECONDS_PER_MINUTE
        counted = 0
        for entry in self.entries:
            counted += entry.counted_seconds
            if counted >= needed and entry.counted_seconds:
                return entry.service_date
        return None


def count_minutes(
    contacts: Iterable[Contact],
    *,
    month: Month,
    policy: PackOn,
    consent: Consent,
    episode_start: date,
    other_services: Iterable[OtherService] = (),
    episode_end: date | None = None,
    covered_spans: tuple[DaySpan, ...] | None = None,
) -> MinutesLedger:
    """The ledger of one patient's month under a payer's rules.

    `contacts` may hold other months: a correction is looked for in all of them, and work that began on the
    eve of the month and ran past midnight is not counted a second time. The order of the contacts does not
    matter. `covered_spans` are the days of the payer's policy (None: all).
    """
    log = contact_log(contacts)
    around = circumstances(
        counting_rules(policy),
        consent,
        episode_start,
        other_services,
        log.corrected_ids,
        episode_end=episode_end,
        covered_spans=covered_spans,
    )
    return count_logged(log, month, around)


def count_logged(log: ContactLog, month: Month, around: Circumstances) -> MinutesLedger:
    """As `count_minutes`, from contacts already sorted into months."""
    in_month = log.by_month.get(month.index)
    if not in_month:
        return MinutesLedger(month, (), 0, 0, 0, 0, (), 0, (), False)
    rows = sorted([(_start_of(contact), contact.contact_id, contact) for contact in in_month], key=_by_start)
    eve = _rows_from_the_eve(log, month)
    overlaps = _overlaps(rows, eve, around) if eve or _any_overlap(rows) else _NO_OVERLAPS
    return _ledger(month, rows, overlaps, around)


_Row: TypeAlias = tuple[int, str, Contact]
_Span: TypeAlias = tuple[int, str, int, int, str]
"""First second that may count, contact id, position among the month's rows (-1: the eve's), end, staff id."""
_by_start: Final = itemgetter(0, 1)


def _start_of(contact: Contact) -> int:
    """Real time in whole seconds (the difference of aware datetimes of one zone would be wall-clock time)."""
    at = contact.started_at
    known = _real_seconds.get(id(at))
    if known is not None and known[0] is at:
        return known[1]
    if len(_real_seconds) >= _REAL_SECONDS_MAX:
        _real_seconds.clear()
    seconds = int(at.timestamp())
    _real_seconds[id(at)] = (at, seconds)
    return seconds


_REAL_SECONDS_MAX: Final = 20_000
_real_seconds: Final[dict[int, tuple[datetime, int]]] = {}
"""Remembered by the very object, which is kept: intake hands out one for each minute of the month, and to ask the
zone's table takes ten times as long."""


def _any_overlap(rows: Sequence[_Row]) -> bool:
    """Whether any entries at all, counted or not, lie at the same time: most months have none."""
    latest_end = 0
    for start, _, contact in rows:
        if start < latest_end:
            return True
        latest_end = start + contact.service_seconds
    return False


def _span(start: int, contact_id: str, position: int, contact: Contact) -> _Span:
    """The time that may count. Time reported elsewhere comes first: 40 of 50 minutes leave the last 10."""
    end = start + contact.service_seconds
    return (start + _billed_elsewhere(contact), contact_id, position, end, contact.staff_id)


def _billed_elsewhere(contact: Contact) -> int:
    return min(contact.billed_elsewhere_seconds, contact.service_seconds)


def _rows_from_the_eve(log: ContactLog, month: Month) -> list[_Row]:
    """Work of the eve that ran past midnight into the month: the month before has counted it."""
    before = log.by_month.get(month.index - 1)
    if not before:
        return []
    first_day = month.first_day
    rows: list[_Row] = []
    for contact in before:
        began = contact.started_at
        if (
            began.day >= _EVE_DAY_MIN
            and began.hour * 3600 + began.minute * 60 + began.second + contact.service_seconds
            > _SECONDS_PER_DAY
            and (began + _ONE_DAY).date() == first_day
        ):
            rows.append((_start_of(contact), contact.contact_id, contact))
    return rows


_EVE_DAY_MIN: Final = 28
_ONE_DAY: Final = timedelta(days=1)


class _Overlaps(NamedTuple):
    """Seconds that do not count, by position among the month's rows: `shared` with counted work that came
    first (by start, then contact id), and `used`: the same person's time, used for another service."""

    shared: Mapping[int, int]
    used: Mapping[int, int]


_NO_OVERLAPS: Final = _Overlaps(MappingProxyType({}), MappingProxyType({}))


def _overlaps(rows: Sequence[_Row], eve: Sequence[_Row], around: Circumstances) -> _Overlaps:
    """What each row may not count of its time because of the others.

    A person's time that another service used is no one's here. Of what is left, each second counts once; where
    a payer counts the time of each person, one person's own minutes still count once.
    """
    spans: list[_Span] = []
    busy: dict[str, list[tuple[int, int]]] = {}
    for position, (start, contact_id, contact) in [(-1, row) for row in eve] + list(enumerate(rows)):
        ground = grounds_to_exclude(contact, contact.started_at.date(), around)
        if ground is None:
            spans.append(_span(start, contact_id, position, contact))
        seconds = _used_for_another_service(contact, ground)
        if seconds:
            busy.setdefault(contact.staff_id, []).append((start, start + seconds))
    used: dict[int, int] = {}
    if busy:
        free = [part for span in spans for part in _free_parts(span, busy.get(span[4], ()))]
        used = _seconds_by_position(spans)
        for position, seconds in _seconds_by_position(free).items():
            used[position] -= seconds
        spans = free
    spans.sort()
    covered_until: dict[str, int] = {}
    shared: dict[int, int] = {}
    for start, _, position, end, staff_id in spans:
        whose = "" if around.rules.counts_shared_time_once else staff_id
        covered = covered_until.get(whose, start)
        if covered > start:
            shared[position] = shared.get(position, 0) + min(covered, end) - start
        covered_until[whose] = max(covered, end)
    return _Overlaps(shared, used)


def _used_for_another_service(contact: Contact, ground: Grounds | None) -> int:
    """The seconds, from its start, of an entry that belong to another service (replaced entries: none)."""
    if ground is not None and ground[0] in _NO_SERVICE:
        return 0
    return _billed_elsewhere(contact) if contact.programme is Programme.COCM else contact.service_seconds


_NO_SERVICE: Final = (ExclusionReason.CORRECTED, ExclusionReason.ADMINISTRATIVE)


def _free_parts(span: _Span, busy: Iterable[tuple[int, int]]) -> list[_Span]:
    """What is left of a span outside the busy times; nothing left: an empty part where it began."""
    start, contact_id, position, end, staff_id = span
    parts: list[_Span] = []
    free_from = start
    for busy_from, busy_until in sorted(busy):
        if busy_from >= end:
            break
        if busy_from > free_from:
            parts.append((free_from, contact_id, position, busy_from, staff_id))
        free_from = max(free_from, busy_until)
    if free_from < end or not parts:
        parts.append((min(free_from, end), contact_id, position, end, staff_id))
    return parts


def _seconds_by_position(spans: Iterable[_Span]) -> dict[int, int]:
    seconds: dict[int, int] = {}
    for start, _, position, end, _ in spans:
        seconds[position] = seconds.get(position, 0) + end - start
    return seconds


def _ledger(
    month: Month,
    rows: Sequence[_Row],
    overlaps: _Overlaps,
    around: Circumstances,
) -> MinutesLedger:
    entries: list[LedgerEntry] = []
    logged_seconds = counted_seconds = note_seconds = 0
    weak: list[Exclusion] = []
    last_day = month.last_day
    has_late_entries = False
    shared, used = overlaps
    for position, (_, contact_id, contact) in enumerate(rows):
        logged = counted = contact.service_seconds
        day = contact.started_at.date()
        ground = grounds_to_exclude(contact, day, around)
        exclusions: tuple[Exclusion, ...] = ()
        if ground is not None or contact.billed_elsewhere_seconds or position in shared or position in used:
            exclusions = _exclusions(
                contact, ground, shared.get(position, 0), used.get(position, 0), around.rules.overlap_grounds
            )
            counted -= sum(exclusion.seconds for exclusion in exclusions)
            weak += [exclusion for exclusion in exclusions if exclusion.rule and not exclusion.rule.may_block]
        recorded_on = contact.recorded_on
        is_late = (
            recorded_on is not None
            and recorded_on > last_day
            and _is_late(recorded_on, last_day, around.rules.late_entry_days)
        )
        has_late_entries = has_late_entries or is_late
        logged_seconds += logged
        counted_seconds += counted
        note_seconds += contact.note_seconds
        entries.append(
            LedgerEntry(
                contact_id,
                day,
                logged,
                counted,
                contact.note_seconds,
                exclusions,
                contact.outcome is Outcome.ATTEMPT,
                is_late,
            )
        )
    undecided_seconds, unknown_rules = _total([exclusion for exclusion in weak if exclusion.is_undecided])
    assumed_seconds, assumed_rules = _total([exclusion for exclusion in weak if not exclusion.is_undecided])
    return _minutes_ledger(
        month,
        tuple(entries),
        logged_seconds,
        counted_seconds,
        note_seconds,
        undecided_seconds,
        unknown_rules,
        assumed_seconds,
        assumed_rules,
        has_late_entries,
    )


_minutes_ledger = maker(MinutesLedger)


def _total(exclusions: Sequence[Exclusion]) -> tuple[int, tuple[RuleValue, ...]]:
    """The seconds of exclusions and their rules, each once, by id."""
    if not exclusions:
        return 0, ()
    rules = {item.rule.rule_id: item.rule for item in exclusions if item.rule and item.seconds}
    return sum(exclusion.seconds for exclusion in exclusions), tuple(
        rules[rule_id] for rule_id in sorted(rules)
    )


def _exclusions(
    contact: Contact, ground: Grounds | None, shared_seconds: int, used_seconds: int, shared_grounds: Grounds
) -> tuple[Exclusion, ...]:
    if ground is not None:
        return (Exclusion(contact.service_seconds, ground[0], ground[1]),)
    billed_elsewhere = _billed_elsewhere(contact)
    exclusions: list[Exclusion] = []
    if billed_elsewhere:
        exclusions.append(Exclusion(billed_elsewhere, ExclusionReason.BILLED_ELSEWHERE, None))
    if used_seconds:
        exclusions.append(Exclusion(used_seconds, ExclusionReason.OTHER_SERVICE, None))
    if shared_seconds:
        reason, rule = shared_grounds
        exclusions.append(Exclusion(shared_seconds, reason, rule))
    return tuple(exclusions)


def _is_late(recorded_on: date | None, last_day: date, late_entry_days: RuleValue) -> bool:
    """Whether an entry came too long after the month. A stated "none" sets no limit; unknown allows no day."""
    if recorded_on is None or (late_entry_days.is_known and late_entry_days.integer is None):
        return False
    return recorded_on > last_day + timedelta(days=late_entry_days.integer or 0)


def without_late_entries(log: ContactLog, month: Month, late_entry_days: RuleValue) -> ContactLog:
    """The contacts as they stood before the month's late entries (and late corrections) were made."""
    last_day = month.last_day
    return contact_log(
        contact
        for index, contacts in log.by_month.items()
        for contact in contacts
        if index != month.index or not _is_late(contact.recorded_on, last_day, late_entry_days)
    )
