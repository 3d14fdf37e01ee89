"""Why a contact's time does not count: the payer's counting rules on a date, and the first one that excludes.

A value that nobody has established excludes too, because minutes nobody is sure of are never billed; such
seconds are marked undecided (`Exclusion.is_undecided`), so that they are reported as no data and never as a
clean zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from cocm.basics.records import quickly_made
from cocm.care.people import Role
from cocm.care.records import (
    ADMINISTRATIVE_ACTIVITIES,
    Answer,
    Consent,
    Contact,
    OtherService,
    Outcome,
    Programme,
)
from cocm.rules import PackOn, RuleValue


class ExclusionReason(StrEnum):
    """Why seconds are not counted, in the order in which the reasons are tried."""

    CORRECTED = "corrected"
    ADMINISTRATIVE = "administrative"
    OTHER_PROGRAMME = "other_programme"
    ATTEMPT = "attempt"
    ROLE = "role"
    BEFORE_START = "before_start"
    AFTER_END = "after_end"
    NOT_COVERED = "not_covered"
    INPATIENT = "inpatient"
    BILLED_ELSEWHERE = "billed_elsewhere"
    OTHER_SERVICE = "other_service"
    OVERLAP = "overlap"

    @property
    def words(self) -> str:
        """The reason for people."""
        return _WORDS[self]


_WORDS: Final = MappingProxyType(
    {
        ExclusionReason.CORRECTED: "replaced by a later, reasoned correction",
        ExclusionReason.ADMINISTRATIVE: "administrative work, which is never service time",
        ExclusionReason.OTHER_PROGRAMME: "time of another programme",
        ExclusionReason.ATTEMPT: "an attempt that did not reach anyone",
        ExclusionReason.ROLE: "this person's time does not count for this payer",
        ExclusionReason.BEFORE_START: "before the day from which time counts",
        ExclusionReason.AFTER_END: "after the episode's last day",
        ExclusionReason.NOT_COVERED: "a day that this payer's policy does not cover",
        ExclusionReason.INPATIENT: "a day of an inpatient stay",
        ExclusionReason.BILLED_ELSEWHERE: "reported with another code",
        ExclusionReason.OTHER_SERVICE: "the same person's time was used for another service",
        ExclusionReason.OVERLAP: "at the same time as counted work, which counts once",
    }
)

_AS_BHCM: Final = "_as_bhcm"
Grounds: TypeAlias = tuple[ExclusionReason, RuleValue | None]
"""Why, and by which rule (None where the reason lies in the entry itself)."""


@quickly_made
@dataclass(frozen=True, slots=True)
class Exclusion:
    """Seconds of a contact that do not count, why, and by which rule value (None: by the entry itself)."""

    seconds: int
    reason: ExclusionReason
    rule: RuleValue | None

    @property
    def is_undecided(self) -> bool:
        """Whether the seconds are left out only because nobody has established the payer's rule."""
        return self.rule is not None and not self.rule.is_known


@dataclass(frozen=True, slots=True)
class CountingRules:
    """A pack's `minutes.*` values on a date, resolved once. `…_grounds` is None where such time counts.

    What the default leaves out (attempts, inpatient days, the psychiatric consultant's time, shared time a
    second time) counts only where a sourced value says so: an assumed one is not enough.
    """

    role_grounds: Grounds
    counted_roles: tuple[Role, ...]
    counted_roles_as_bhcm: tuple[Role, ...]
    attempt_grounds: Grounds | None
    inpatient_grounds: Grounds | None
    start_grounds: Grounds
    counts_from: str | None
    overlap_grounds: Grounds
    counts_shared_time_once: bool
    late_entry_days: RuleValue


@lru_cache(maxsize=1024)
def counting_rules(policy: PackOn) -> CountingRules:
    """The counting rules of a pack on a date; resolved at the first call, then from memory."""
    roles = policy.value("minutes.roles_counted")
    attempts = policy.value("minutes.attempts_count")
    inpatient = policy.value("minutes.inpatient_days_count")
    counted_from = policy.value("minutes.counted_from")
    shared = policy.value("minutes.shared_time_counts_once")
    counted = [role for role in Role if role.value in roles.members]
    if Role.PSYCHIATRIC_CONSULTANT in counted and not roles.may_block:
        counted.remove(Role.PSYCHIATRIC_CONSULTANT)
    return CountingRules(
        role_grounds=(ExclusionReason.ROLE, roles),
        counted_roles=tuple(counted),
        counted_roles_as_bhcm=tuple(role for role in Role if role.value + _AS_BHCM in roles.members),
        attempt_grounds=None if attempts.flag and attempts.may_block else (ExclusionReason.ATTEMPT, attempts),
        inpatient_grounds=None
        if inpatient.flag and inpatient.may_block
        else (ExclusionReason.INPATIENT, inpatient),
        start_grounds=(ExclusionReason.BEFORE_START, counted_from),
        counts_from=counted_from.text,
        overlap_grounds=(ExclusionReason.OVERLAP, shared),
        counts_shared_time_once=shared.flag is not False or not shared.may_block,
        late_entry_days=policy.value("minutes.late_entry_days"),
    )


DaySpan: TypeAlias = tuple[date, date]
"""The first and the last day, both included."""


class Circumstances(NamedTuple):
    """What, beside the entry itself, decides whether a contact counts.

    `counts_from_date` is the first day that counts (None: no day is excluded). `inpatient_stays` are first
    and last days, both included: on the days of admission and discharge the hospital's payment covers the
    care. `episode_end` is the episode's last day, which counts (None: it is open). `covered_spans` are the
    first and last days of the payer's policy, both included (None: every day is covered).
    """

    rules: CountingRules
    counts_from_date: date | None
    inpatient_stays: tuple[DaySpan, ...]
    corrected_ids: frozenset[str]
    episode_end: date | None = None
    covered_spans: tuple[DaySpan, ...] | None = None


def circumstances(
    rules: CountingRules,
    consent: Consent,
    episode_start: date,
    other_services: Iterable[OtherService],
    corrected_ids: frozenset[str],
    *,
    episode_end: date | None = None,
    covered_spans: tuple[DaySpan, ...] | None = None,
) -> Circumstances:
    """The circumstances of an episode's contacts under a payer's rules."""
    return Circumstances(
        rules=rules,
        counts_from_date=_counts_from_date(rules, consent, episode_start),
        inpatient_stays=tuple(
            (service.service_date, service.stay_to)
            for service in other_services
            if service.stay_to is not None
        ),
        corrected_ids=corrected_ids,
        episode_end=episode_end,
        covered_spans=covered_spans,
    )


def _counts_from_date(rules: CountingRules, consent: Consent, episode_start: date) -> date | None:
    """The first day that counts. An unknown or refused consent excludes no minute: that is the gate's."""
    consent_date = consent.consent_date if consent.given is Answer.YES else None
    if rules.counts_from == "consent":
        return consent_date
    if rules.counts_from == "episode_start":
        return episode_start
    return max(episode_start, consent_date) if consent_date is not None else episode_start


def grounds_to_exclude(contact: Contact, day: date, around: Circumstances) -> Grounds | None:
    """The first reason for which none of a contact's time counts; None when (some of) it may count.

    `day` is the local date it began.
    """
    if contact.contact_id in around.corrected_ids:
        return _CORRECTED
    if contact.activity in NEVER_SERVICE:
        return _ADMINISTRATIVE
    if contact.programme is not Programme.COCM:
        return _OTHER_PROGRAMME
    rules = around.rules
    if rules.attempt_grounds is not None and contact.outcome is Outcome.ATTEMPT:
        return rules.attempt_grounds
    if contact.role not in rules.counted_roles and not (
        contact.acting_as_bhcm and contact.role in rules.counted_roles_as_bhcm
    ):
        return rules.role_grounds
    if around.counts_from_date is not None and day < around.counts_from_date:
        return rules.start_grounds
    if around.episode_end is not None and day > around.episode_end:
        return _AFTER_END
    if around.covered_spans is not None and not any(
        first_day <= day <= last_day for first_day, last_day in around.covered_spans
    ):
        return _NOT_COVERED
    if around.inpatient_stays and rules.inpatient_grounds is not None:
        for first_day, last_day in around.inpatient_stays:
            if first_day <= day <= last_day:
                return rules.inpatient_grounds
    return None


NEVER_SERVICE: Final = tuple(ADMINISTRATIVE_ACTIVITIES)  # found in a few comparisons; an enum's hash is slow
_AFTER_END: Final[Grounds] = (ExclusionReason.AFTER_END, None)
_NOT_COVERED: Final[Grounds] = (ExclusionReason.NOT_COVERED, None)
_CORRECTED: Final[Grounds] = (ExclusionReason.CORRECTED, None)
_ADMINISTRATIVE: Final[Grounds] = (ExclusionReason.ADMINISTRATIVE, None)
_OTHER_PROGRAMME: Final[Grounds] = (ExclusionReason.OTHER_PROGRAMME, None)


class ContactLog(NamedTuple):
    """A patient's contacts by local month (`Month.index`), and the ids that corrections replace."""

    by_month: Mapping[int, Sequence[Contact]]
    corrected_ids: frozenset[str]


def contact_log(contacts: Iterable[Contact]) -> ContactLog:
    """Sorts contacts into months once; a contact belongs to the month of the local date it began."""
    by_month: dict[int, list[Contact]] = {}
    corrected: set[str] | None = None
    for contact in contacts:
        started_at = contact.started_at
        index = started_at.year * 12 + started_at.month - 1
        if index in by_month:
            by_month[index].append(contact)
        else:
            by_month[index] = [contact]
        corrects = contact.corrects_contact_id
        if corrects and corrects != contact.contact_id:
            if corrected is None:
                corrected = set()
            corrected.add(corrects)
    return ContactLog(by_month, frozenset(corrected) if corrected else _NOTHING)


_NOTHING: Final[frozenset[str]] = frozenset()
